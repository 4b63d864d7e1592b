// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// How far a long piece of work is: a line at the bottom of the terminal behind standard error, and nothing where that is none.
///
/// It appears after a second, and is drawn at most five times a second.
struct ProgressLine {
  private let terminal = Terminal.standardError()
  private let start = Deadline.now
  private var nextDrawing = Deadline.after(.seconds(1))
  private var isShown = false

  /// Draws the line when its time has come.
  ///
  /// - Parameters:
  ///   - done: how much is done.
  ///   - total: of how much; `nil` when nobody knows.
  ///   - unit: how an amount is written, for example ``ByteText/count(_:)``.
  mutating func show(_ done: Int, of total: Int? = nil, _ unit: (Int) -> String) {
    guard terminal.isTerminal, nextDrawing.hasPassed else { return }
    nextDrawing = .after(.milliseconds(200))
    let seconds = max(0.001, Double(Deadline.now.nanoseconds - start.nanoseconds) / 1e9)
    let rate = Double(done) / seconds
    var text = unit(done)
    if let total {
      let share = total > 0 ? min(100, done * 100 / total) : 100
      text += " of \(unit(total)), \(share) %"
    }
    text += ", \(unit(Int(rate))) a second"
    if let total, rate > 0, done < total {
      let left = Int64(min(Double(total - done) / rate * 1e9, 1e18))
      text += ", \(TextLayout.duration(nanoseconds: left)) left"
    }
    Output.errorText("\r\u{1b}[K" + String(text.prefix(terminal.width - 1)))
    isShown = true
  }

  /// Removes the line, before something else is written and at the end.
  mutating func clear() {
    guard isShown else { return }
    isShown = false
    Output.errorText("\r\u{1b}[K")
  }
}

/// Numbers of bytes as people read them.
enum ByteText {
  /// `999 B`, `1.2 KiB`, `45 MiB`.
  static func count(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = Double(max(0, count))
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 || value >= 10
      ? "\(Int(value.rounded())) \(units[unit])"
      : "\(DecimalText.text(value, digits: 1)) \(units[unit])"
  }
}
