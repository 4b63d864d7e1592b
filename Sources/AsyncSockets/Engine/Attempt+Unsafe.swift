// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the operation's buffer is lent by the call that waits for it; its count is the buffer's.

internal import Sockets

/// Doing an operation at once, as far as it can be done without waiting: what engines of readiness do.
enum Attempt {
  /// The C constant `MSG_DONTWAIT`.
  private static let dontWait: Int32 = 0x40

  /// `recv` without waiting.
  @inline(__always)
  static func receive(_ operation: OperationPointer, _ descriptor: Int32) -> Int {
    unsafe Syscall.recv(
      descriptor,
      into: UnsafeMutableRawBufferPointer(
        start: operation.pointee.buffer, count: operation.pointee.byteCount),
      flags: operation.pointee.flags | dontWait)
  }

  /// `send` without waiting and without SIGPIPE.
  @inline(__always)
  static func send(_ operation: OperationPointer, _ descriptor: Int32) -> Int {
    unsafe Syscall.send(
      descriptor,
      UnsafeRawBufferPointer(
        start: operation.pointee.buffer, count: operation.pointee.byteCount),
      flags: operation.pointee.flags | dontWait)
  }

  /// `accept4` on a socket that does not block.
  @inline(__always)
  static func accept(_ descriptor: Int32) -> Int {
    Syscall.acceptAnonymously(descriptor, flags: 0o2000000)
  }
}
