// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import Synchronization

/// Lets so many in at once.
final class Gate: Sendable {
  /// A place inside, which is free again with its last reference.
  final class Place: Sendable {
    private let gate: Gate
    private let cancelled = Atomic<Bool>(false)

    fileprivate init(_ gate: Gate) { self.gate = gate }

    deinit { gate.free.withLock { $0 += 1 } }

    /// Whether nobody wants any more what is done inside.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Says that nobody wants it.
    func cancel() { cancelled.store(true, ordering: .relaxed) }
  }

  private let free: Guarded<Int>

  init(_ count: Int) { free = Guarded(count) }

  /// Takes a place; `nil` when there is none.
  func enter() -> Place? {
    let isIn = free.withLock { free in
      guard free > 0 else { return false }
      free -= 1
      return true
    }
    return isIn ? Place(self) : nil
  }
}
