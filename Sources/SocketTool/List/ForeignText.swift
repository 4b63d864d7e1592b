// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Text that somebody else has chosen: names of processes, paths.
enum ForeignText {
  /// The text on one line, without anything that acts on a terminal: such characters, and backslashes, are written
  /// `\xNN`, by their bytes.
  static func shown(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }) { return text }
    return text.unicodeScalars.map(shown).joined()
  }

  private static func shown(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate,
      .privateUse:
      break
    default: return scalar == "\\" ? "\\\\" : String(scalar)
    }
    return String(scalar).utf8.map { "\\x" + TextLayout.digits($0, 2, radix: 16) }.joined()
  }
}
