// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A datagram or raw socket: each call moves one whole message, and every call is legal at every time.
///
/// Being bound and being connected are facts of run time here. Connecting means: this is the default peer, and
/// messages from others are dropped. It reads and writes by the calls of ``DataSocket``.
public struct MessageSocket: ~Copyable, DataSocket {
  // Before the descriptor, since it has to end first.
  package var claim: UnixPathClaim?
  package var owned: OwnedDescriptor

  package init(owned: consuming OwnedDescriptor, claim: consuming UnixPathClaim? = nil) {
    self.owned = owned
    self.claim = claim
  }

  /// Makes a socket for messages.
  ///
  /// - Parameters:
  ///   - family: the family of its addresses.
  ///   - type: what it carries, ``SocketType/datagram`` or ``SocketType/raw``.
  ///   - protocolNumber: the protocol; a raw socket must name one.
  /// - Throws: ``SocketError`` as ``Socket/init(_:_:_:)`` does; a raw socket needs `CAP_NET_RAW` and gets
  ///   `EPERM` without.
  ///
  /// The corresponding C function is `socket`.
  public init(
    _ family: AddressFamily,
    _ type: SocketType = .datagram,
    _ protocolNumber: ProtocolNumber = .automatic
  ) throws(SocketError) {
    owned = try .made(family, type, protocolNumber)
    claim = nil
  }

  /// Takes over an open descriptor from elsewhere, and sets close-on-exec on it.
  ///
  /// - Parameter descriptor: an open socket that nobody else will close.
  /// - Throws: ``SocketError`` with `ENOTSOCK` when it is not a socket, `EBADF` when it is not open. The
  ///   descriptor is still the caller's then.
  public init(adopting descriptor: FileDescriptor) throws(SocketError) {
    owned = try .adopted(descriptor)
    claim = nil
  }

  /// Makes a socket for messages of the address's family, bound to the address.
  ///
  /// A Unix path is claimed as by
  /// ``ListeningSocket/bound(to:_:_:backlog:onlyIPv6:access:)``: a socket that is dead is replaced, a live one is an error
  /// that says so, anything that is not a socket is never touched, and the path is removed when the socket ends, if it is still
  /// this socket's.
  ///
  /// - Parameters:
  ///   - address: where messages are to arrive; port zero for one that the system chooses.
  ///   - type: what it carries.
  ///   - protocolNumber: the protocol; a raw socket must name one.
  ///   - access: the mode and owner of a Unix path.
  ///   - configure: sets options before the socket is bound.
  /// - Returns: the socket.
  /// - Throws: ``SocketError`` as making and ``bind(to:)`` do; cause ``SocketError/Cause/pathInUse`` or
  ///   ``SocketError/Cause/pathIsNotASocket``; what `configure` threw.
  ///
  /// The corresponding C functions are `socket` and `bind`.
  public static func bound(
    to address: SocketAddress,
    _ type: SocketType = .datagram,
    _ protocolNumber: ProtocolNumber = .automatic,
    access: UnixPathAccess = UnixPathAccess(),
    configure: (borrowing MessageSocket) throws(SocketError) -> Void = { _ in }
  ) throws(SocketError) -> MessageSocket {
    var socket = try MessageSocket(address.family, type, protocolNumber)
    try configure(socket)
    if let unix = address.unix, let path = unix.path {
      socket.claim = try UnixPathClaim.bind(socket.owned, to: unix, path: path, access: access)
    } else {
      try socket.bind(to: address)
    }
    return socket
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
  public consuming func close() throws(SocketError) {
    // The path goes first: as long as the socket is open, no other can look like it.
    claim = nil
    try owned.close()
  }

  /// Ends the ownership without closing; a Unix path that this socket claimed is left in place.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor {
    if let claim { claim.abandon() }
    return FileDescriptor(rawValue: owned.release())
  }

  /// Takes the socket apart: returns its descriptor, and hands over the path that it has claimed.
  package consuming func taken(claim: inout UnixPathClaim?) -> OwnedDescriptor {
    claim = self.claim
    return owned
  }

  /// Gives the socket an address of its own; see ``Socket/bind(to:)``.
  ///
  /// A Unix path is left in place at the end; ``bound(to:_:_:access:configure:)`` removes it.
  ///
  /// - Parameter address: the address, of the socket's family.
  /// - Throws: ``SocketError`` as ``Socket/bind(to:)`` does; the socket stays as it was.
  ///
  /// The corresponding C function is `bind`.
  public func bind(to address: SocketAddress) throws(SocketError) {
    try Lifecycle.bind(owned.number, to: address)
  }

  /// Sets the default peer; messages from others are dropped from now on.
  ///
  /// Nothing is sent, so the peer need not exist. On a connected UDP socket an ICMP refusal comes back as
  /// `ECONNREFUSED` of a later call.
  ///
  /// - Parameter address: the peer's address.
  /// - Throws: ``SocketError`` with `ENETUNREACH` when there is no way there, `ECONNREFUSED` or `ENOENT` when
  ///   a Unix peer is not there; the socket stays as it was.
  ///
  /// The corresponding C function is `connect`.
  public func connect(to address: SocketAddress) throws(SocketError) {
    try Lifecycle.connect(owned.number, to: address, deadline: .never)
  }

  /// Forgets the default peer.
  ///
  /// - Throws: ``SocketError`` when the kernel refuses.
  ///
  /// The corresponding C function is `connect` with an address of family `AF_UNSPEC`.
  public func disconnect() throws(SocketError) {
    // Sixteen bytes: vsock takes no fewer.
    let unspecified = SocketAddress(structure: (UInt64(0), UInt64(0)), byteCount: 16)
    let status = Syscall.connect(owned.number, unspecified)
    guard status >= 0 else { throw SocketError(.connect, result: status) }
  }
}
