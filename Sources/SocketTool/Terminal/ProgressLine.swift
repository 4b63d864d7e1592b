// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// How far a long piece of work is: a line at the bottom of the terminal behind standard error, and nothing where that is none.
///
/// It appears after a second, and is drawn at most five times a second, unless something else is said, and only while the command
/// is in the terminal's foreground.
struct ProgressLine {
  private var terminal = Terminal.standardError()
  private let start = Deadline.now
  private var nextDrawing: Deadline
  private let interval: Duration
  private let isLogged: Bool
  private var isShown = false
  private static let shownCount = Guarded(0)

  /// - Parameters:
  ///   - delay: when it appears.
  ///   - interval: how often it is drawn at most.
  ///   - isLogged: whether it is written as ``Output/log(_:)`` writes, for loops: it is left out while others wait.
  init(
    after delay: Duration = .seconds(1), every interval: Duration = .milliseconds(200),
    isLogged: Bool = false
  ) {
    nextDrawing = .after(delay)
    self.interval = interval
    self.isLogged = isLogged
  }

  /// Whether such a line stands in the terminal now.
  static var isOnScreen: Bool { shownCount.withLock { $0 > 0 } }

  /// What removes the line when something else is written; it is drawn again when its time comes.
  static var removal: String { isOnScreen ? erasing : "" }
  private static let erasing = "\r\u{1b}[K"

  /// Draws the line when its time has come.
  ///
  /// - Parameter text: is asked for the line then; it is no longer than the terminal is wide.
  mutating func draw(_ text: (Terminal) -> String) {
    guard terminal.hasCursor, nextDrawing.hasPassed, TerminalDevice.isOurs(2) else { return }
    if isLogged, !LogQueue.standardError.isIdle { return }
    nextDrawing = .after(interval)
    // The window may have another width by now.
    terminal = .standardError()
    if !isShown { Self.shownCount.withLock { $0 += 1 } }
    isShown = true
    write(Self.erasing + text(terminal))
  }

  /// Draws the line when its time has come.
  ///
  /// - Parameters:
  ///   - done: how much is done.
  ///   - total: of how much; `nil` when nobody knows.
  ///   - unit: how an amount is written, for example ``ByteText/count(_:)``.
  mutating func show(_ done: Int, of total: Int? = nil, _ unit: (Int) -> String) {
    let start = start
    draw { String(Self.text(done, of: total, since: start, unit).prefix($0.width - 1)) }
  }

  private static func text(
    _ done: Int, of total: Int?, since start: Deadline, _ unit: (Int) -> String
  ) -> String {
    let seconds = max(0.001, Double(Deadline.now.nanoseconds - start.nanoseconds) / 1e9)
    let rate = Double(done) / seconds
    var text = unit(done)
    if let total {
      let share = total > 0 ? min(100, done * 100 / total) : 100
      text += " of \(unit(total)), \(share) %"
    }
    text += ", \(unit(Int(rate))) a second"
    if let total, rate > 0, done < total {
      let left = Double(total - done) / rate * 1e9
      text += ", \(CountText.time(left)) left"
    }
    return text
  }

  /// Removes the line, before something else is written and at the end.
  mutating func clear() {
    guard isShown else { return }
    isShown = false
    Self.shownCount.withLock { $0 -= 1 }
    write(Self.erasing)
  }

  private func write(_ text: String) {
    if isLogged { Output.logText(text) } else { Output.errorText(text) }
  }
}
