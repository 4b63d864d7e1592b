// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the memory is a mapping of the value's own, of the count that it keeps, unmapped at its end and lent only for the
// time of a closure.

internal import SystemPackage

/// Memory in whole pages of its own, to be sent without copying; see ``ZeroCopySender``.
///
/// Nothing else shares its pages. So the kernel may go on sending from them after their owner has ended, and what
/// it sends is what was written.
///
/// The corresponding C function is `mmap` with `MAP_ANONYMOUS`.
@safe public struct PageBuffer: ~Copyable, @unchecked Sendable {
  // SENDABLE: the memory is the value's own, and the value has one owner.

  /// How many bytes there are.
  public let byteCount: Int
  private let memory: UnsafeMutableRawPointer

  /// Makes a buffer of zeros.
  ///
  /// - Parameter byteCount: how many bytes, at least one.
  /// - Throws: ``SocketError`` with `ENOMEM` when the system has no more, `EINVAL` for less than one byte.
  ///
  /// The corresponding C function is `mmap`.
  public init(byteCount: Int) throws(SocketError) {
    guard byteCount > 0 else { throw SocketError(.send, .system(.invalidArgument)) }
    var address: UnsafeMutableRawPointer?
    let status = unsafe Syscall.mapPages(byteCount, &address)
    guard let address = unsafe address else { throw SocketError(.send, result: status) }
    self.byteCount = byteCount
    unsafe memory = address
  }

  deinit { unsafe Syscall.unmapPages(memory, byteCount) }

  /// Lends the bytes to be read.
  ///
  /// - Parameter body: is lent the bytes.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw.
  public func withBytes<R: ~Copyable, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    let bytes = unsafe RawSpan(_unsafeStart: memory, byteCount: byteCount)
    return try body(bytes)
  }

  /// Lends the bytes to be written.
  ///
  /// - Parameter body: is lent the bytes.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw.
  public mutating func withMutableBytes<R: ~Copyable, E: Error>(
    _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    var bytes = unsafe MutableRawSpan(_unsafeStart: memory, byteCount: byteCount)
    return try body(&bytes)
  }
}
