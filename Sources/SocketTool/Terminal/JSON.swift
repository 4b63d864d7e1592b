// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A JSON value whose members keep their order (RFC 8259).
///
/// Written here and not by Foundation, whose loading takes longer than most commands of this tool.
enum JSON: Sendable {
  case null
  case bool(Bool)
  case number(Int)
  /// A number with so many digits behind the point; one that is not finite is null.
  case decimal(Double, digits: Int)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  /// A string, or null.
  static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

  /// A number, or null.
  static func optional(_ number: Int?) -> JSON { number.map(JSON.number) ?? .null }

  /// A number with so many digits behind the point, or null.
  static func optional(_ number: Double?, digits: Int) -> JSON {
    number.map { .decimal($0, digits: digits) } ?? .null
  }

  /// The value as one line, with a line end: for a stream of values (JSON lines).
  var line: String { written(depth: nil) }

  /// The value as text, two spaces a level, with a line end.
  var text: String { written(depth: 0) }

  private func written(depth: Int?) -> String {
    var text = ""
    write(to: &text, depth: depth)
    return text + "\n"
  }

  /// Writes the value, indented by its depth; without one, in one line.
  private func write(to text: inout String, depth: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += String(value)
    case .decimal(let value, let digits):
      text += value.isFinite ? DecimalText.text(value, digits: digits) : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      Self.writeList("[", "]", values, to: &text, depth: depth) { value, text, depth in
        value.write(to: &text, depth: depth)
      }
    case .object(let members):
      Self.writeList("{", "}", members, to: &text, depth: depth) { member, text, depth in
        Self.write(member.0, to: &text)
        text += depth == nil ? ":" : ": "
        member.1.write(to: &text, depth: depth)
      }
    }
  }

  private static func writeList<Element>(
    _ open: String, _ close: String, _ elements: [Element], to text: inout String, depth: Int?,
    _ writeElement: (Element, inout String, _ depth: Int?) -> Void
  ) {
    let lineStart = depth.map { "\n" + String(repeating: "  ", count: $0) } ?? ""
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      if depth != nil { text += lineStart + "  " }
      writeElement(element, &text, depth.map { $0 + 1 })
    }
    if !elements.isEmpty { text += lineStart }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    // Most strings have nothing to escape, and some answers have a million of them.
    if string.utf8.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != 0x22 && $0 != 0x5c }) {
      text += string + "\""
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // Terminals obey control characters, and some readers take the other two for line ends.
      case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
        text += "\\u" + TextLayout.digits(scalar.value, 4, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
