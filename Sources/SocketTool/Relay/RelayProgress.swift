// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// What a relay does now: a line at the bottom of the terminal.
struct RelayProgress: Sendable {
  let state: RelayState
  private static let interval = Duration.milliseconds(500)

  /// Draws the line twice a second, until the task is cancelled.
  func run() async throws {
    var line = ProgressLine(after: .zero, every: .zero, isLogged: true)
    defer { line.clear() }
    var last = state.numbers
    var lastTime = Deadline.now
    while true {
      try await Task.sleep(for: Self.interval)
      let numbers = state.numbers
      let time = Deadline.now
      let seconds = max(0.001, Double(time.nanoseconds - lastTime.nanoseconds) / 1e9)
      let text = Self.text(numbers, since: last, seconds: seconds)
      (last, lastTime) = (numbers, time)
      line.draw { String(text.prefix($0.width - 1)) }
    }
  }

  /// The line.
  static func text(
    _ now: RelayStatistics, since last: RelayStatistics, seconds: Double
  ) -> String {
    func rate(_ path: KeyPath<RelayStatistics, Int>) -> String {
      ByteText.rate(Double(now[keyPath: path] - last[keyPath: path]) / seconds)
    }
    let failures = now.failed > 0 ? ", \(now.failed) failed" : ""
    return "\(now.active) active of \(now.connections)\(failures); "
      + "\(rate(\.bytesToTarget)) on, \(rate(\.bytesToClient)) back"
  }
}
