// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets
internal import Synchronization

/// A socket for single messages: UDP, Unix datagrams, raw and packet sockets, netlink.
///
/// Each call moves one whole message, or a batch of them. Being bound and being connected are facts of run time; see
/// `MessageSocket` of the core, whose calls these are, waiting on an event loop.
///
///     let socket = try await DatagramSocket.bind(to: .ipv4(.any, port: 7000))
///     for try await datagram in socket.datagrams() {
///       try await socket.send(datagram.bytes, to: datagram.sender)
///     }
///
/// Several tasks may use one socket at once. Every call that waits ends at its deadline, when its task is cancelled, and when
/// another task closes the socket.
public final class DatagramSocket: Sendable {
  package let socket: LoopSocket
  /// Gives a Unix path back when the socket is closed.
  private let claim: Mutex<UnixPathClaim?>

  /// Gives a socket of the core to a loop.
  ///
  /// - Parameters:
  ///   - socket: the socket, with whatever options and addresses it has.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of ``EventLoopPool/shared``.
  /// - Throws: `SocketError` when a loop had to be made and could not be.
  public init(
    _ socket: consuming MessageSocket, on loop: EventLoop? = nil
  ) async throws(SocketError) {
    let loop = try EventLoopPool.choose(loop)
    var claim: UnixPathClaim?
    let owned = socket.taken(claim: &claim)
    self.claim = Mutex(claim)
    self.socket = await LoopSocket.make(owned, on: loop)
  }

  /// Makes a socket that receives what is sent to an address, as `MessageSocket.bound(to:_:_:access:configure:)` does: a Unix path
  /// is claimed, and removed when the socket is closed.
  ///
  /// - Parameters:
  ///   - address: the address; port zero for one that the system chooses.
  ///   - type: what it carries, `datagram` or `raw`.
  ///   - protocolNumber: the protocol; a raw socket must name one.
  ///   - access: the mode and owner of a Unix path.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of ``EventLoopPool/shared``.
  ///   - configure: sets options before the socket is bound.
  /// - Returns: the socket; close it, or let its last reference go.
  /// - Throws: `SocketError` as `MessageSocket.bound(to:_:_:access:configure:)` does.
  ///
  /// The corresponding C functions are `socket` and `bind`.
  public static func bind(
    to address: SocketAddress, _ type: SocketType = .datagram,
    _ protocolNumber: ProtocolNumber = .automatic, access: UnixPathAccess = UnixPathAccess(),
    on loop: EventLoop? = nil,
    configure: (borrowing MessageSocket) throws(SocketError) -> Void = { _ in }
  ) async throws(SocketError) -> DatagramSocket {
    let socket = try MessageSocket.bound(
      to: address, type, protocolNumber, access: access, configure: configure)
    return try await DatagramSocket(socket, on: loop)
  }

  /// Makes a socket that sends to one peer, and receives from it alone.
  ///
  /// - Parameters:
  ///   - address: the peer's address.
  ///   - type: what it carries, `datagram` or `raw`.
  ///   - protocolNumber: the protocol; a raw socket must name one.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of ``EventLoopPool/shared``.
  ///   - configure: sets options or binds before the socket is connected.
  /// - Returns: the socket; close it, or let its last reference go.
  /// - Throws: `SocketError` as making and connecting a `MessageSocket` do; nothing is sent, so the peer need not exist.
  ///
  /// The corresponding C functions are `socket` and `connect`.
  public static func connect(
    to address: SocketAddress, _ type: SocketType = .datagram,
    _ protocolNumber: ProtocolNumber = .automatic, on loop: EventLoop? = nil,
    configure: (borrowing MessageSocket) throws(SocketError) -> Void = { _ in }
  ) async throws(SocketError) -> DatagramSocket {
    let socket = try MessageSocket(address.family, type, protocolNumber)
    try configure(socket)
    try socket.connect(to: address)
    return try await DatagramSocket(socket, on: loop)
  }

  /// The loop that the socket belongs to; tasks that prefer it use the socket fastest.
  public var loop: EventLoop { socket.loop }
  /// The number of the socket, for printing; it owns nothing.
  public var descriptor: SocketDescriptor { SocketDescriptor(rawValue: socket.descriptor) }
  /// The family of its addresses.
  public var family: AddressFamily { socket.family }
  /// What it carries.
  public var type: SocketType { socket.type }

  /// Lends the socket to calls of the core that do not wait: options, addresses, and all that begins with `try`.
  ///
  /// It stays open meanwhile. The body has the socket to itself: it must not use this object.
  ///
  /// - Parameter body: is lent the socket.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw, or cause `closed`.
  public func withSocket<R>(
    _ body: (borrowing MessageSocket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try socket.withOwner(.adopt, { MessageSocket(owned: $0) }, body)
  }

  /// The same for a part of a call, which an error is then of.
  func lent<R>(
    to operation: SocketError.Operation,
    _ body: (borrowing MessageSocket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try socket.withOwner(operation, { MessageSocket(owned: $0) }, body)
  }

  /// The address that the socket is bound to.
  ///
  /// - Returns: the address, with the port that the system chose.
  /// - Throws: `SocketError` with cause `closed`.
  ///
  /// The corresponding C function is `getsockname`.
  public func localAddress() throws(SocketError) -> SocketAddress {
    try withSocket { socket throws(SocketError) in try socket.localAddress() }
  }

  /// Reads a socket option.
  ///
  /// - Parameter option: which one.
  /// - Returns: the value as the kernel gives it.
  /// - Throws: `SocketError` as the core's call does.
  ///
  /// The corresponding C function is `getsockopt`.
  public func option<Value>(_ option: SocketOption<Value>) throws(SocketError) -> Value {
    try withSocket { socket throws(SocketError) in try socket.option(option) }
  }

  /// Sets a socket option.
  ///
  /// - Parameters:
  ///   - option: which one.
  ///   - value: the new value.
  /// - Throws: `SocketError` as the core's call does.
  ///
  /// The corresponding C function is `setsockopt`.
  public func setOption<Value>(
    _ option: SocketOption<Value>, to value: Value
  ) throws(SocketError) {
    try withSocket { socket throws(SocketError) in try socket.setOption(option, to: value) }
  }

  /// Closes the socket at once; whatever waits on it ends with cause `closed`, and a Unix path is given back.
  ///
  /// A second time does nothing.
  ///
  /// - Throws: `SocketError` with an error of the kernel's; it is closed all the same.
  ///
  /// The corresponding C function is `close`.
  public func close() async throws(SocketError) {
    // The path goes first: nobody is to find it and be refused.
    claim.withLock { $0 = nil }
    let result = await socket.close()
    guard result >= 0 else { throw SocketError(.close, loopResult: result) }
  }

  /// Takes the socket back from its loop; whatever waits on it ends with cause `closed`.
  ///
  /// - Returns: the socket as one of the core, with the Unix path that it has claimed.
  /// - Throws: `SocketError` with `EMFILE` when there are no more descriptors; cause `closed`.
  ///
  /// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
  public func release() async throws(SocketError) -> MessageSocket {
    let owned = try await socket.release()
    return MessageSocket(owned: owned, claim: claim.withLock { $0.take() })
  }
}

/// A raw socket moves whole packets by the same calls: make it with type `raw` and a protocol.
public typealias RawSocket = DatagramSocket
