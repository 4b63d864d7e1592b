// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Where a joint's bytes go: standard output or a file, as they are or as a dump of both ways.
final class JoinedOutput: Sendable {
  private let pump: OutputPump
  /// Whether it is a file that was named.
  var isFile: Bool { pump.descriptor > 2 }
  private let dumps: Guarded<(received: HexDump, sent: HexDump)?>

  /// - Parameters:
  ///   - pump: where it is written.
  ///   - hex: whether both ways are shown as a dump.
  init(_ pump: OutputPump, hex: Bool) {
    self.pump = pump
    dumps = Guarded(hex ? (HexDump(.received), HexDump(.sent)) : nil)
  }

  /// Writes what came.
  func received(_ bytes: [UInt8]) async throws {
    let lines = dumps.withLock { $0?.received.lines(bytes) }
    try await pump.write(lines.map { Array($0.utf8) } ?? bytes)
  }

  /// Shows what was sent, where that is shown.
  func sent(_ bytes: [UInt8]) async throws {
    guard let lines = dumps.withLock({ $0?.sent.lines(bytes) }) else { return }
    try await pump.write(Array(lines.utf8))
  }

  /// Waits until all is written.
  func flush() async throws { try await pump.flush() }

  /// Waits until all is written, after something has failed that is told; for a while only when that was a cancellation.
  func flush(after error: any Error) async {
    // A failure of the output itself has been told, or is less than the one that came first.
    guard error.isCancellation else { return _ = try? await pump.flush() }
    // The running task is cancelled; these are not.
    let flushing = Task { try await pump.flush() }
    let ending = Task {
      try await Task.sleep(for: .milliseconds(500))
      flushing.cancel()
    }
    _ = await flushing.result
    ending.cancel()
  }
}
