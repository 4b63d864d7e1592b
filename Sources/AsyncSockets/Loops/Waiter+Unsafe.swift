// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: operations are the loop's, see SocketSlot+Unsafe.swift; a reference to one is compared by its serial number.

internal import Sockets

/// What one task of a loop waits for, so that others can end the wait: for good, or for the reason that it waits for.
package final class Waiter: Sendable {
  /// What the task waits for.
  struct Reason: OptionSet {
    let rawValue: UInt8
    static let connection = Reason(rawValue: 1)
    static let room = Reason(rawValue: 2)
    static let pause = Reason(rawValue: 4)
    static let drain = Reason(rawValue: 8)
    static let bytes = Reason(rawValue: 16)
  }

  private struct State {
    var isStopped = false
    var waiting: (reason: Reason, operation: OperationReference)?
  }

  let loop: EventLoop
  private let state = Guarded(State())

  package init(_ loop: EventLoop) { self.loop = loop }

  /// Whether every wait is over, but for those that say otherwise.
  package var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Ends the present wait, and those to come.
  package func stop() { end([.connection, .room, .pause, .bytes], stopping: true) }

  /// Ends the present wait if it is for one of these reasons.
  func nudge(_ reasons: Reason) { end(reasons, stopping: false) }

  private func end(_ reasons: Reason, stopping: Bool) {
    let operation = state.withLock { state -> OperationReference? in
      if stopping { state.isStopped = true }
      guard let waiting = state.waiting, reasons.contains(waiting.reason) else { return nil }
      return waiting.operation
    }
    if let operation { loop.post(.cancelOperation(operation)) }
  }

  /// Waits for a time, on the loop's thread.
  ///
  /// - Parameters:
  ///   - reason: by which others may end the wait.
  ///   - deadline: when it ends by itself.
  ///   - isNeedless: whether the reason is gone; asked when others can end the wait, so that none of them comes too early.
  nonisolated(nonsending) func sleep(
    _ reason: Reason, until deadline: Deadline, unless isNeedless: () -> Bool = { false }
  ) async {
    _ = await unsafe finish(loop.beginTimer(deadline), reason, unless: isNeedless)
  }

  /// Waits for an operation, on the loop's thread.
  ///
  /// - Parameters:
  ///   - operation: what has begun.
  ///   - reason: by which others may end the wait.
  ///   - isWatched: whether somebody else sees to it that the task's cancellation ends the wait, or nobody shall.
  ///   - isNeedless: whether the reason is gone.
  /// - Returns: the operation's result.
  nonisolated(nonsending) func finish(
    _ operation: OperationPointer, _ reason: Reason, isWatched: Bool = true,
    unless isNeedless: () -> Bool = { false }
  ) async -> Int {
    let reference = unsafe OperationReference(operation)
    let isStopped = state.withLock { state in
      state.waiting = (reason, reference)
      return state.isStopped && reason != .drain
    }
    if isStopped || isNeedless() { unsafe loop.cancel(operation, .cancelled) }
    let result =
      await unsafe isWatched
      ? loop.finish(operation) : loop.finishCancellably(operation)
    state.withLock { $0.waiting = nil }
    return result
  }
}
