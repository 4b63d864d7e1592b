// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// What writing to a peer has shown, for the direction that reads from the same socket.
///
/// The kernel tells of a reset once, to whoever comes first. When that is a write, the next read finds an end that looks like any
/// other, and a stream that was cut would seem whole.
final class PeerFate: Sendable {
  private enum State {
    case open
    /// All was written: no write will meet an error any more.
    case over
    /// A write has failed; `nil` when it was not the kernel's error.
    case failed(Errno?)
  }

  private let state = Guarded(State.open)

  /// All that there was has been written.
  func noteEnd() {
    state.withLock { state in
      if case .open = state { state = .over }
    }
  }

  /// A write has failed, or maybe the read before it: whoever does not know which says so too.
  func note(_ error: SocketError) {
    state.withLock { state in
      if case .open = state { state = .failed(error.errno) }
    }
  }

  /// Whether an end of stream that was read is a reset that a write was told of.
  ///
  /// - Parameter connection: from which the end was read.
  /// - Returns: whether it is to be passed on as a reset.
  func isReset(_ connection: Connection) async -> Bool {
    if let answer { return answer }
    if connection.family == .ipv4 || connection.family == .ipv6 {
      // With the peer's end alone there is a peer still.
      if (try? connection.peerAddress()) != nil { return false }
    }
    let pending = try? connection.withSocket { socket throws(SocketError) in
      try socket.takePendingError()
    }
    if let errno = pending.flatMap({ $0 }) { return Self.isReset(errno) }
    // The write that took the error is about to be told of it.
    var pause: Int64 = 100_000
    for _ in 0..<(connection.family == .unix ? 1 : 12) {
      guard await connection.loop.sleep(nanoseconds: pause) >= 0 else { return true }
      if let answer { return answer }
      pause *= 2
    }
    // Where the socket is closed and nobody was told why, the worse is likely.
    return connection.family == .ipv4 || connection.family == .ipv6
  }

  private var answer: Bool? {
    switch state.withLock({ $0 }) {
    case .open: nil
    case .over: false
    case .failed(let errno): errno.map(Self.isReset) ?? false
    }
  }

  /// A reset that comes after the peer's end is `EPIPE`: what was read is whole then.
  private static func isReset(_ errno: Errno) -> Bool { errno != .brokenPipe }
}
