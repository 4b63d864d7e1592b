// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What one public call does between attempts that could not be done at once.
package struct Retry {
  /// How often the call has been refused so far.
  private var refusals = 0
  /// The next pause for want of memory, in nanoseconds.
  private var memoryPause: Int64 = 1_000_000

  package init() {}

  /// Waits until the descriptor is ready; see ``Wait/until(_:_:deadline:operation:subject:)``.
  ///
  /// Ready is not always true: a Unix datagram socket without a peer counts as writable whatever the
  /// receiver's queue holds, and the error queue is no reason to be readable. So from the third refusal on, a
  /// growing pause comes first, that a wait may be late by 64 ms but never spins.
  package mutating func waitUntilReady(
    _ events: Int16, _ descriptor: Int32, deadline: Deadline, operation: SocketError.Operation,
    subject: @autoclosure () -> SocketError.Subject = .none
  ) throws(SocketError) {
    pauseIfAgain(deadline)
    // A descriptor that is always "ready" would otherwise outlive every deadline.
    if refusals > 1, deadline.hasPassed {
      throw SocketError(operation, .deadlinePassed, subject: subject())
    }
    try Wait.until(
      events, descriptor, deadline: deadline, operation: operation, subject: subject())
  }

  /// Pauses from the third refusal on: 1 ms, doubling to 64 ms.
  package mutating func pauseIfAgain(_ deadline: Deadline) {
    refusals += 1
    guard refusals > 2 else { return }
    Self.pause(1_000_000 << min(refusals - 3, 6), deadline)
  }

  /// Pauses after `ENOBUFS` or `ENOMEM` on a stream: ten times, one second in all.
  ///
  /// - Returns: whether to try again; `false` when the deadline or the patience is at its end.
  package mutating func pauseForMemory(_ deadline: Deadline) -> Bool {
    guard memoryPause <= 512_000_000, deadline.remainingNanoseconds != 0 else { return false }
    Self.pause(memoryPause, deadline)
    memoryPause *= 2
    return true
  }

  /// Signals do not shorten it: the pauses are what patience is counted by.
  private static func pause(_ nanoseconds: Int64, _ deadline: Deadline) {
    let left = deadline.remainingNanoseconds
    _ = Wait.pause(nanoseconds: left < 0 ? nanoseconds : min(nanoseconds, left), unless: nil)
  }
}
