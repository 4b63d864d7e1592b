// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Shows the sockets again and again: on the terminal's second screen, or, where there is no terminal, below each other.
struct ListWatch {
  /// How often the window's size is looked at between two pictures.
  private static let look = Duration.milliseconds(100)

  let interval: Duration
  let count: Int?
  let isData: Bool
  let read: () async throws -> SocketSnapshot
  let picture: (SocketSnapshot, Terminal, (columns: Int, rows: Int)) -> [String]
  let data: (SocketSnapshot) -> JSON

  init(
    interval: Duration, count: Int?, isData: Bool,
    read: @escaping () async throws -> SocketSnapshot,
    picture: @escaping (SocketSnapshot, Terminal, (columns: Int, rows: Int)) -> [String],
    data: @escaping (SocketSnapshot) -> JSON
  ) {
    self.interval = interval
    self.count = count
    self.isData = isData
    self.read = read
    self.picture = picture
    self.data = data
  }

  /// Goes on until the count is reached, the task is cancelled, or nobody reads any more; none of these is a failure.
  ///
  /// The last picture of a count stays in the terminal.
  func run() async throws {
    let terminal = Terminal.standardOutput()
    let hasScreen = terminal.hasCursor && !isData
    if hasScreen { LiveScreen.enter() }
    var last: SocketSnapshot?
    defer {
      if hasScreen { LiveScreen.leave() }
      if hasScreen, let last {
        // A line end follows the last line.
        let size = Self.size
        Output.write(picture(last, terminal, (size.columns, max(1, size.rows - 1))), terminal)
      }
    }
    do {
      var shown = 0
      while !Output.hasFailed {
        let next = Deadline.after(interval)
        let snapshot = try await read()
        show(snapshot, terminal, hasScreen: hasScreen, isFirst: shown == 0)
        shown += 1
        if let count, shown >= count {
          last = snapshot
          return
        }
        try await pause(until: next, snapshot, terminal, hasScreen: hasScreen)
      }
    } catch  where error.isCancellation {
      return
    }
  }

  private func show(
    _ snapshot: SocketSnapshot, _ terminal: Terminal, hasScreen: Bool, isFirst: Bool
  ) {
    if isData { return Output.write(data(snapshot).line) }
    guard hasScreen else {
      let lines = picture(snapshot, terminal, (columns: 1000, rows: .max))
      return Output.write((isFirst ? "" : "\n") + lines.joined(separator: "\n") + "\n")
    }
    let size = Self.size
    LiveScreen.draw(picture(snapshot, terminal, size), rows: size.rows)
  }

  private static var size: (columns: Int, rows: Int) {
    let size = TerminalDevice.size(1) ?? (columns: 80, rows: 24)
    return (max(1, size.columns), max(1, size.rows))
  }

  /// Waits, and draws the same again when the window's size changes.
  private func pause(
    until next: Deadline, _ snapshot: SocketSnapshot, _ terminal: Terminal, hasScreen: Bool
  ) async throws {
    var drawn = Self.size
    while !next.hasPassed {
      try await Task.sleep(for: min(next.remaining, hasScreen ? Self.look : interval))
      let now = Self.size
      guard hasScreen, now != drawn else { continue }
      drawn = now
      LiveScreen.draw(picture(snapshot, terminal, now), rows: now.rows)
    }
  }
}
