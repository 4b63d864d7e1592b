// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: an operation lives in memory of its loop and is touched by the loop's thread alone. The caller's
// buffer that it points to outlives it: the call that lent the buffer does not return before the engine
// has completed the operation, however it ends.

/// A pointer to an operation in its loop's memory.
package typealias OperationPointer = UnsafeMutablePointer<Operation>

/// What a task asks of an engine: one thing to be done to one socket, or a time to wait for.
///
/// The list of kinds is closed and ours: an engine has one switch over it to submit. All that sockets can do
/// beside these is an attempt by a system call of the core, and a wait for readiness when it would block.
@safe package struct Operation {
  /// What is to be done.
  package enum Kind: UInt8, CaseIterable {
    /// Receive bytes as `recv` does.
    case receive
    /// Send bytes as `send` does; possibly fewer than given.
    case send
    /// Take a connection out of the backlog as `accept4` does, closed on exec.
    case accept
    /// Be told when there is something to read, or an error or end to report.
    case readable
    /// Be told when there is room to write, or an error to report.
    case writable
    /// Be told that a time has come. No engine sees this kind: time is the loop's.
    case timer
  }

  /// Why an operation ended otherwise than by the engine's own result.
  package enum Ending: UInt8 {
    /// The result is the engine's.
    case normal
    /// The task that waits was cancelled.
    case cancelled
    /// The deadline passed.
    case deadlinePassed
    /// The socket was closed by another task.
    case closed
  }

  package var kind: Kind = .timer
  /// Why its end was asked for; the engine may have won all the same, and then the result counts.
  package var ending: Ending = .normal
  /// Whether an engine holds it.
  package var isSubmitted = false
  /// Whether the engine waits for the socket to be ready before it tries; the engine's own.
  package var isPolling = false
  /// Whether it was completed and waits in the loop's queue for its task to be resumed.
  package var isReady = false
  /// The flags of `recv` and `send`.
  ///
  /// For readiness: ``looksFirst``, or zero when an attempt has just found the socket not to be ready.
  package var flags: Int32 = 0
  package var socket: SocketPointer?
  package var buffer: UnsafeMutableRawPointer?
  package var byteCount = 0
  /// What the engine answered: zero or more, or an errno negated.
  package var result = 0
  /// Which use of this memory it is: a message about an earlier use finds another number.
  package var serial: UInt64 = 0
  /// The task that waits, when it waits on the loop's thread.
  package var job: UnownedJob?
  /// The task that waits, when it waits elsewhere.
  package var request: RemoteRequest?
  /// The next in a socket's queue, in the queue of ready ones or in the list of free ones.
  package var next: OperationPointer?
  /// The timer's place in its wheel.
  package var timer = TimerNode()

  package init() {}
}

extension Operation.Kind {
  /// The flags of an operation that is begun some time after its caller has looked at the socket.
  func flags(afterOthers flags: Int32) -> Int32 {
    self == .readable || self == .writable ? Operation.looksFirst : flags
  }
}

extension Operation {
  /// What ``Engine/submit(_:)`` returns for an operation that is under way.
  package static let pending = Int.min

  /// The flags of a wait for readiness that has no attempt before it, or none without others in between.
  package static let looksFirst: Int32 = 1
}
