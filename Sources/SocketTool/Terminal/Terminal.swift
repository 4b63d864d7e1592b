// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// How text may look where it goes: colours, characters and width.
struct Terminal: Sendable {
  /// Whether it is a terminal at all, and no file or pipe.
  var isTerminal = false
  /// Whether it can draw over what it has shown.
  var hasCursor = false
  var hasColour: Bool
  var hasUnicode: Bool
  var width: Int

  /// What standard output can show.
  ///
  /// Colour needs a terminal that is not `dumb`, and that `NO_COLOR` is not set (no-color.org). Characters beyond
  /// ASCII are left out where the locale says that there are none.
  static func standardOutput() -> Terminal { of(1) }

  /// What standard error can show.
  static func standardError() -> Terminal { of(2) }

  private static func of(_ descriptor: Int32) -> Terminal {
    let isTerminal = TerminalDevice.isTerminal(descriptor)
    let hasCursor = isTerminal && environmentVariable("TERM") != "dumb"
    let forbidsColour = environmentVariable("NO_COLOR").map { !$0.isEmpty } ?? false
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environmentVariable)
      .first { !$0.isEmpty }
    return Terminal(
      isTerminal: isTerminal,
      hasCursor: hasCursor,
      hasColour: hasCursor && !forbidsColour,
      hasUnicode: locale.map { $0 != "C" && $0 != "POSIX" } ?? true,
      width: isTerminal ? min(max(TerminalDevice.columns(descriptor) ?? 80, 40), 100) : 80)
  }

  /// Plain text of a width, for tests and for text that is data.
  static let plain = Terminal(hasColour: false, hasUnicode: true, width: 80)
}

/// What a piece of text is, from which follows how it looks.
enum Style: String, Sendable {
  case plain = ""
  case strong = "1"
  case faint = "2"
  case server = "36"
  case client = "35"
  case worker = "34"
  case packet = "33"
  case good = "32"
  case bad = "1;31"
  case title = "1;36"
}

extension Terminal {
  /// Text in a style, where there are colours.
  func styled(_ text: String, _ style: Style) -> String {
    hasColour && style != .plain ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// Text in the characters that the terminal has; the width stays.
  func shown(_ text: String) -> String {
    guard !hasUnicode, text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    return String(text.map { $0.isASCII ? $0 : Self.replacements[$0] ?? "?" })
  }

  /// Text in lines of the terminal's width that stand behind so many spaces; none for empty text.
  func paragraph(_ text: String, indent: Int, _ style: Style = .plain) -> [String] {
    guard !text.isEmpty else { return [] }
    return TextLayout.wrapped(text, width: width - indent).map {
      String(repeating: " ", count: indent) + styled($0, style)
    }
  }

  private static let replacements: [Character: Character] = [
    "µ": "u", "─": "-", "━": "=", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+",
    "┤": "+", "┬": "+", "┴": "+", "┼": "+", "→": ">", "←": "<", "▶": ">", "◀": "<", "▼": "v",
    "✓": "+", "✗": "x", "·": ".", "×": "x", "–": "-", "…": ".", "’": "'", "↳": "`",
  ]
}

/// Text of at most so many columns a line.
enum TextLayout {
  /// Breaks text at spaces into lines of at most `width` columns; a longer word stands alone.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > width {
          lines.append(line)
          line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
      }
      lines.append(line)
    }
    return lines
  }

  /// Breaks a C call behind its commas into lines of at most `width` columns, the later ones indented.
  static func wrappedCall(_ text: String, width: Int, indent: Int = 4) -> [String] {
    var lines: [String] = []
    var line = ""
    for piece in pieces(of: text) {
      if !line.isEmpty, line.count + trimmed(piece).count > width {
        lines.append(trimmed(line))
        line = String(repeating: " ", count: indent)
      }
      line += piece
      while line.count > width, width > indent {
        lines.append(String(line.prefix(width)))
        line = String(repeating: " ", count: indent) + line.dropFirst(width)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// The text cut behind `, ` and `| `, outside of quotation marks, and before ` = `.
  private static func pieces(of text: String) -> [String] {
    var pieces: [String] = []
    var piece = ""
    var isQuoted = false
    var last: Character = " "
    for character in text {
      if character == "\"" && last != "\\" { isQuoted.toggle() }
      piece.append(character)
      if !isQuoted && (character == " " && last == "," || character == "|") {
        pieces.append(piece)
        piece = ""
      }
      last = character
    }
    pieces.append(piece)
    return pieces
  }

  private static func trimmed(_ text: String) -> String {
    text.last == " " ? String(text.dropLast()) : text
  }

  /// Text filled with spaces up to a width.
  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Text behind spaces up to a width: a number in a column.
  static func leading(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A number of so many digits, the first ones zero.
  static func digits(_ number: some BinaryInteger, _ count: Int, radix: Int = 10) -> String {
    let text = String(number, radix: radix)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
