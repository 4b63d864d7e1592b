// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import Synchronization

/// Work on a thread of its own, whose value is waited for until a deadline, and left to itself then.
final class Background<Value: Sendable>: Sendable {
  private let pending = Pending<Value>()

  /// Starts the work.
  init(_ work: @escaping @Sendable () -> Value) throws(SocketError) {
    let pending = pending
    let started = Thread.start(named: "tour") { pending.complete(work()) }
    guard started >= 0 else { throw SocketError(.serve, result: started) }
  }

  /// The value, or `nil` when the deadline passed first.
  func wait(until deadline: Deadline) -> Value? { pending.wait(until: deadline) }
}

/// Numbers from 1, one for each who asks.
final class Counter: Sendable {
  private let last = Atomic(0)

  func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
