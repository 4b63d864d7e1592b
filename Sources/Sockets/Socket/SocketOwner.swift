// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A type that owns a socket: what all phases of a socket's life have in common.
///
/// An owner cannot be copied. When it ends, its descriptor is closed; after ``close()`` or ``release()`` there
/// is nothing left to use, and the compiler says so. An owner may be sent to another thread, and lent to
/// several at once: the kernel takes care of calls that run side by side.
public protocol SocketOwner: ~Copyable, Sendable {
  /// The number of the socket, for printing, comparing and polling; it owns nothing.
  var descriptor: SocketDescriptor { get }

  /// The family that the socket was made with.
  var family: AddressFamily { get }

  /// The type that the socket was made with.
  var type: SocketType { get }

  /// Closes the socket and says what the kernel answered.
  ///
  /// The descriptor is gone whatever the answer is, so an interrupted close is a success and nothing is tried
  /// again. An owner that simply ends closes as well and drops the answer.
  ///
  /// On TCP, closing with bytes unread sends a reset, which can destroy bytes that the peer has not read yet:
  /// shut down writing and read to the end first where that matters.
  ///
  /// - Throws: ``SocketError`` with `EIO` or another error of an earlier write.
  ///
  /// The corresponding C function is `close`.
  consuming func close() throws(SocketError)

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  consuming func release() -> FileDescriptor
}

extension SocketOwner where Self: ~Copyable {
  /// Takes the bare ownership out of the phase of life that it was in.
  package consuming func taken() -> OwnedDescriptor {
    let family = family
    let type = type
    return OwnedDescriptor(owning: release().rawValue, family: family, type: type)
  }

  /// Lends the descriptor for calls that this package does not have.
  ///
  /// The caller takes over a duty: the descriptor must not be closed, and not be used after the closure ends.
  ///
  /// - Parameter body: is handed the descriptor.
  /// - Returns: what the closure returned.
  /// - Throws: what the closure threw.
  public func withUnsafeDescriptor<R: ~Copyable, E: Error>(
    _ body: (FileDescriptor) throws(E) -> R
  ) throws(E) -> R {
    try body(FileDescriptor(rawValue: descriptor.rawValue))
  }

  /// The address that the socket is bound to.
  ///
  /// For an IP socket that was bound to port zero, or never bound, this tells which port the system chose. A
  /// Unix socket that was never bound has an unnamed address.
  ///
  /// - Returns: the address.
  /// - Throws: ``SocketError`` with `ENOBUFS` when the system is out of memory.
  ///
  /// The corresponding C function is `getsockname`.
  public func localAddress() throws(SocketError) -> SocketAddress {
    var address = SocketAddress()
    let status = Syscall.getsockname(descriptor.rawValue, &address)
    guard status >= 0 else { throw SocketError(.localAddress, result: status) }
    return address
  }

  /// The address of the peer that the socket is connected to.
  ///
  /// - Returns: the address; that of an unbound Unix peer is unnamed.
  /// - Throws: ``SocketError`` with `ENOTCONN` when there is no peer, or no longer one.
  ///
  /// The corresponding C function is `getpeername`.
  public func peerAddress() throws(SocketError) -> SocketAddress {
    var address = SocketAddress()
    let status = Syscall.getpeername(descriptor.rawValue, &address)
    guard status >= 0 else { throw SocketError(.peerAddress, result: status) }
    return address
  }

  /// Takes the error that waits on the socket, and clears it.
  ///
  /// - Returns: the error, or `nil` when there is none.
  /// - Throws: ``SocketError`` when the question itself failed.
  ///
  /// The corresponding C constant is `SO_ERROR`.
  public func takePendingError() throws(SocketError) -> Errno? {
    let number = try Wait.pendingError(descriptor.rawValue)
    return number == 0 ? nil : Errno(rawValue: number)
  }

  /// Whether calls on the descriptor return instead of waiting.
  ///
  /// The calls of this package wait all the same, by `poll`, and their `try…` twins never wait, whatever this
  /// says: it is there for a descriptor that goes to other code. Only a listening socket must keep the flag that it
  /// has: without it `accept` waits in the kernel, which knows neither deadline nor twin.
  ///
  /// - Returns: whether the flag is set.
  /// - Throws: ``SocketError`` when the question failed.
  ///
  /// The corresponding C constant is `O_NONBLOCK`.
  public func isNonBlocking() throws(SocketError) -> Bool {
    let flags = Syscall.fcntl(descriptor.rawValue, command: Constants.getFlags, argument: 0)
    guard flags >= 0 else { throw SocketError(.deviceControl, result: flags) }
    return Int32(truncatingIfNeeded: flags) & Constants.nonBlocking != 0
  }

  /// Sets whether calls on the descriptor return instead of waiting; see ``isNonBlocking()``.
  ///
  /// The flag belongs to the open socket, and so is shared with every process that has it.
  ///
  /// - Parameter nonBlocking: the new value.
  /// - Throws: ``SocketError`` when the system refused.
  ///
  /// The corresponding C constant is `O_NONBLOCK`.
  public func setNonBlocking(_ nonBlocking: Bool) throws(SocketError) {
    let status = Wait.setNonBlocking(descriptor.rawValue, nonBlocking)
    guard status >= 0 else { throw SocketError(.deviceControl, result: status) }
  }

  /// Reads a socket option.
  ///
  /// - Parameter option: which one; see ``SocketOption``.
  /// - Returns: the value as the kernel gives it.
  /// - Throws: ``SocketError`` with `ENOPROTOOPT` when this kind of socket or this kernel does not know the
  ///   option, and cause ``SocketError/Cause/malformed`` when the answer is not of the expected form.
  ///
  /// The corresponding C function is `getsockopt`.
  public func option<Value>(_ option: SocketOption<Value>) throws(SocketError) -> Value {
    try Options.get(option, of: descriptor.rawValue)
  }

  /// Sets a socket option.
  ///
  /// - Parameters:
  ///   - option: which one; see ``SocketOption``.
  ///   - value: the new value; the kernel may round it, so read it back where that matters.
  /// - Throws: ``SocketError`` with `ENOPROTOOPT` when this kind of socket or this kernel does not know the
  ///   option, `EINVAL` when it does not take the value, `EPERM` when a capability is missing, and cause
  ///   ``SocketError/Cause/valueOutOfRange`` when the value does not fit the kernel's field.
  ///
  /// The corresponding C function is `setsockopt`.
  public func setOption<Value>(
    _ option: SocketOption<Value>,
    to value: Value
  ) throws(SocketError) {
    try Options.set(option, to: value, of: descriptor.rawValue)
  }
}
