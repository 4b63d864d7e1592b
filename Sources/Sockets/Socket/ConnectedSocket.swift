// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A socket with a peer: bytes or records go both ways.
///
/// It reads and writes by the calls of ``DataSocket``. One thread may read while another writes.
public struct ConnectedSocket: ~Copyable, DataSocket {
  package var owned: OwnedDescriptor

  package init(owned: consuming OwnedDescriptor) { self.owned = owned }

  /// Takes over an open, connected descriptor from elsewhere, and sets close-on-exec on it.
  ///
  /// - Parameter descriptor: an open socket that nobody else will close.
  /// - Throws: ``SocketError`` with `ENOTSOCK` when it is not a socket, `EBADF` when it is not open. The
  ///   descriptor is still the caller's then.
  public init(adopting descriptor: FileDescriptor) throws(SocketError) {
    owned = try .adopted(descriptor)
  }

  /// The number of the socket; it owns nothing.
  public var descriptor: SocketDescriptor { SocketDescriptor(rawValue: owned.number) }
  /// The family that the socket was made with.
  public var family: AddressFamily { owned.family }
  /// The type that the socket was made with.
  public var type: SocketType { owned.type }

  /// Closes the socket and says what the kernel answered; see ``SocketOwner/close()``.
  ///
  /// - Throws: ``SocketError`` with an error of an earlier write; the descriptor is gone all the same.
  ///
  /// The corresponding C function is `close`.
  public consuming func close() throws(SocketError) { try owned.close() }

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor { FileDescriptor(rawValue: owned.release()) }

  /// Makes two sockets that are connected to each other.
  ///
  /// - Parameters:
  ///   - type: what they carry: a stream, datagrams or records.
  ///   - family: the family; Linux has pairs only for Unix sockets.
  /// - Returns: the two ends, both closed on exec.
  /// - Throws: ``SocketError`` with `EOPNOTSUPP` when the family has no pairs, `EMFILE` or `ENFILE` when
  ///   there are no more descriptors.
  ///
  /// The corresponding C function is `socketpair`.
  public static func pair(
    _ type: SocketType = .stream,
    family: AddressFamily = .unix
  ) throws(SocketError) -> SocketPair {
    var ends: (Int32, Int32) = (-1, -1)
    let status = Syscall.socketpair(
      Int32(family.rawValue),
      type.rawValue | Constants.socketCloseOnExec,
      0,
      &ends
    )
    guard status >= 0 else {
      throw SocketError(.pair, result: status, subject: .socket(family, type, .automatic))
    }
    return SocketPair(
      first: ConnectedSocket(owned: OwnedDescriptor(owning: ends.0, family: family, type: type)),
      second: ConnectedSocket(owned: OwnedDescriptor(owning: ends.1, family: family, type: type))
    )
  }

  /// Makes a second owner of the same connection.
  ///
  /// Both must end before the connection is closed; shutting down acts on both at once.
  ///
  /// - Returns: the second owner, closed on exec.
  /// - Throws: ``SocketError`` with `EMFILE` when there are no more descriptors.
  ///
  /// The corresponding C constant is `F_DUPFD_CLOEXEC` of `fcntl`.
  public func duplicate() throws(SocketError) -> ConnectedSocket {
    let number = Syscall.fcntl(
      owned.number,
      command: Constants.duplicateCloseOnExec,
      argument: 0
    )
    guard number >= 0 else { throw SocketError(.duplicate, result: number) }
    return ConnectedSocket(
      owned: OwnedDescriptor(
        owning: Int32(truncatingIfNeeded: number),
        family: owned.family,
        type: owned.type
      )
    )
  }

  /// Ends one direction of the connection, or both.
  ///
  /// After `.write` the peer reads what was written before and then the end of the stream; reading goes on.
  /// To do it again does nothing. A connection that the peer has already reset or left is no error: there is
  /// nothing left to end.
  ///
  /// - Parameter direction: what to end.
  /// - Throws: ``SocketError`` with `ENOBUFS` when the system is out of memory.
  ///
  /// The corresponding C function is `shutdown`.
  public func shutdown(_ direction: Shutdown) throws(SocketError) {
    let status = Syscall.shutdown(owned.number, direction.rawValue)
    guard status >= 0 || status == -Int(Errno.socketNotConnected.rawValue) else {
      throw SocketError(.shutdown, result: status)
    }
  }

  /// Closes at once and tells the peer by a reset, dropping what has not been sent.
  ///
  /// - Throws: ``SocketError`` when the option cannot be set; the socket is closed all the same.
  ///
  /// The corresponding C constant is `SO_LINGER` with a time of zero.
  public consuming func reset() throws(SocketError) {
    try setOption(.linger, to: .zero)
    try owned.close()
  }
}

/// Two sockets that are connected to each other.
@frozen
public struct SocketPair: ~Copyable {
  /// One end.
  public var first: ConnectedSocket
  /// The other end.
  public var second: ConnectedSocket
}

/// Which direction of a connection to end.
///
/// The corresponding C constants are `SHUT_RD`, `SHUT_WR` and `SHUT_RDWR`.
public enum Shutdown: Int32, Hashable, Sendable {
  /// Receive no more.
  case read = 0
  /// Send no more: the peer meets the end of the stream.
  case write = 1
  /// Neither.
  case both = 2
}
