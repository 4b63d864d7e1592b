// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the buffer is lent by a call that waits for the continuation, which is resumed once the engine has completed
// the operation; the continuation is resumed exactly once, by ``finish(_:)``.

internal import Sockets
internal import Synchronization

/// An operation that a task asks for which does not run on the loop's thread.
///
/// It is begun and ended by the loop; the task is resumed through its own executor. Correct from
/// everywhere, and slower than an operation from the loop: an allocation and two hand-overs.
@safe package final class RemoteRequest: @unchecked Sendable {
  // SENDABLE: all that varies is touched by the loop's thread alone, but for the atomic.
  let kind: Operation.Kind
  let token: UInt64
  let buffer: UnsafeMutableRawPointer?
  let byteCount: Int
  let flags: Int32
  let deadline: Deadline
  let isCancelled = Atomic<Bool>(false)
  /// What the task waits for.
  var continuation: UnsafeContinuation<Int, Never>?
  /// While it is under way.
  var operation: OperationPointer?

  init(
    _ kind: Operation.Kind, token: UInt64, buffer: UnsafeMutableRawPointer?, byteCount: Int,
    flags: Int32, deadline: Deadline
  ) {
    self.kind = kind
    self.token = token
    unsafe self.buffer = buffer
    self.byteCount = byteCount
    self.flags = flags
    self.deadline = deadline
  }

  /// A wait for an instant.
  static func timer(_ deadline: Deadline) -> RemoteRequest {
    unsafe RemoteRequest(
      .timer, token: 0, buffer: nil, byteCount: 0, flags: 0, deadline: deadline)
  }

  /// Resumes the task.
  func finish(_ result: Int) {
    let waiting = unsafe continuation
    unsafe continuation = nil
    unsafe operation = nil
    unsafe waiting?.resume(returning: result)
  }
}

/// Names one use of an operation's memory, for a message that may come late.
@safe struct OperationReference: @unchecked Sendable {
  // SENDABLE: the pointer is followed by the loop's thread alone, which compares the serial number.
  let pointer: OperationPointer
  let serial: UInt64

  init(_ operation: OperationPointer) {
    unsafe pointer = operation
    unsafe serial = operation.pointee.serial
  }
}
