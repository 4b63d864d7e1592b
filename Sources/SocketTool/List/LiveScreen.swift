// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The terminal's second screen, on which a picture is drawn again and again; the first one, with what the user had on
/// it, comes back at the end.
enum LiveScreen {
  private static let beginning = "\u{1b}[?1049h\u{1b}[?25l"
  private static let ending = "\u{1b}[?25h\u{1b}[?1049l"

  /// Turns to the second screen, without a cursor.
  static func enter() {
    EndingSignals.onSuddenEnd { Output.write(ending) }
    Output.write(beginning)
  }

  /// Turns back to the first.
  static func leave() {
    EndingSignals.onSuddenEnd(nil)
    Output.write(ending)
  }

  /// Draws lines that are no longer than the window is wide, in one write, so that nothing flickers.
  static func draw(_ lines: [String], rows: Int) {
    var text = "\u{1b}[H"
    for (index, line) in lines.prefix(rows).enumerated() {
      // No line end behind the last one, which would move everything up.
      text += (index == 0 ? "" : "\r\n") + line + "\u{1b}[K"
    }
    Output.write(text + "\u{1b}[J")
  }
}
