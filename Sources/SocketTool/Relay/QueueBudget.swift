// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// How many bytes all that waits for its time may have, of all connections and sessions together.
final class QueueBudget: Sendable {
  /// What a datagram needs beside its bytes.
  static let datagramCost = 128

  private let limit: Int
  private let used = Guarded(0)

  init(_ limit: Int = 1 << 28) { self.limit = limit }

  /// Whether nothing more should be taken for now.
  var isFull: Bool { used.withLock { $0 >= limit } }

  /// Takes room for so many bytes, if there is as much.
  func take(_ byteCount: Int) -> Bool {
    used.withLock { used in
      guard byteCount <= limit - used else { return false }
      used += byteCount
      return true
    }
  }

  /// Notes that so many bytes wait where before there were others; a stream has them already, whatever the limit.
  func change(from before: Int, to now: Int) {
    if before != now { used.withLock { $0 += now - before } }
  }
}
