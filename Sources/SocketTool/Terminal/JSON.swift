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

  /// The value as one line, with a line end: for a stream of values (JSON lines).
  var line: String {
    var text = ""
    writeLine(to: &text)
    return text + "\n"
  }

  private func writeLine(to text: inout String) {
    switch self {
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.writeLine(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.write(member.0, to: &text)
        text += ":"
        member.1.writeLine(to: &text)
      }
      text += "}"
    default: write(to: &text, depth: 0)
    }
  }

  /// The value as text, two spaces a level, with a line end.
  var text: String {
    var text = ""
    write(to: &text, depth: 0)
    return text + "\n"
  }

  private func write(to text: inout String, depth: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += String(value)
    case .decimal(let value, let digits):
      text += value.isFinite ? DecimalText.text(value, digits: digits) : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      Self.writeList("[", "]", values, to: &text, depth: depth) { value, text in
        value.write(to: &text, depth: depth + 1)
      }
    case .object(let members):
      Self.writeList("{", "}", members, to: &text, depth: depth) { member, text in
        Self.write(member.0, to: &text)
        text += ": "
        member.1.write(to: &text, depth: depth + 1)
      }
    }
  }

  private static func writeList<Element>(
    _ open: String, _ close: String, _ elements: [Element], to text: inout String, depth: Int,
    _ writeElement: (Element, inout String) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      text += (index == 0 ? "\n" : ",\n") + String(repeating: "  ", count: depth + 1)
      writeElement(element, &text)
    }
    if !elements.isEmpty { text += "\n" + String(repeating: "  ", count: depth) }
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
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

/// Numbers with a point, without Foundation.
enum DecimalText {
  /// A finite number with so many digits behind the point, rounded, the last of them not zero.
  static func text(_ value: Double, digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let whole = Int(scaled)
    var text = String(whole / scale)
    var rest = String(whole % scale)
    rest = String(repeating: "0", count: digits - (digits == 0 ? 0 : rest.count)) + rest
    while rest.last == "0" { rest.removeLast() }
    if digits > 0, !rest.isEmpty { text += ".\(rest)" }
    return value < 0 && whole != 0 ? "-\(text)" : text
  }
}
