// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets
internal import Synchronization
internal import SystemPackage

/// A socket that hands out connections, whatever carries them: TCP, Unix streams or records, vsock, X.25.
///
/// A listener has a socket on one loop, or, sharded, one on each of several loops between which the kernel spreads the
/// clients (`SO_REUSEPORT`). ``serve(_:onFailure:onStatistics:_:)`` is how a server is written; ``accept(deadline:)`` is for who wants each
/// connection in his own hands.
///
/// It listens until it is closed or its last reference goes.
public final class Listener: Sendable {
  /// One for each loop, at least one.
  package let shards: [Shard]
  /// Gives a Unix path back when the listener is closed.
  private let claim: Mutex<UnixPathClaim?>
  /// Who serves from it at the moment.
  let servers = Guarded<[Server]>([])

  /// The listener's socket on one loop.
  package final class Shard: Sendable {
    package let socket: LoopSocket
    init(_ socket: consuming LoopSocket) { self.socket = socket }
  }

  private init(_ shards: [Shard], claim: consuming sending UnixPathClaim? = nil) {
    self.shards = shards
    self.claim = Mutex(claim)
  }

  /// Gives a listening socket of the core to a loop.
  ///
  /// For a socket that was set up by the core's own calls, or came from another process.
  ///
  /// - Parameters:
  ///   - listening: the socket.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of
  ///     ``EventLoopPool/shared``.
  /// - Throws: `SocketError` when a loop had to be made and could not be.
  public convenience init(
    _ listening: consuming ListeningSocket, on loop: EventLoop? = nil
  ) async throws(SocketError) {
    let loop = try EventLoopPool.choose(loop)
    // In X.25 accept waits for a call also where the socket does not block (x25_accept of Linux), and the loop with it: no
    // longer than a tick of the kernel's clock with this.
    if listening.family == .x25 { try listening.setOption(.receiveTimeout, to: .milliseconds(1)) }
    var claim: UnixPathClaim?
    let owned = listening.taken(claim: &claim)
    let socket = await LoopSocket.make(owned, on: loop)
    self.init([Shard(socket)], claim: claim)
  }

  /// Makes a socket, binds it to an address and listens there, as `ListeningSocket.bound(to:_:_:backlog:onlyIPv6:access:)`
  /// does.
  ///
  /// - Parameters:
  ///   - address: where to listen; port zero for one that the system chooses.
  ///   - type: what connections carry.
  ///   - protocolNumber: the protocol.
  ///   - backlog: how many connections may wait; `nil` for as many as the system allows.
  ///   - onlyIPv6: whether an IPv6 socket refuses IPv4 clients.
  ///   - access: the mode and owner of a Unix path.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of
  ///     ``EventLoopPool/shared``.
  /// - Returns: the listener.
  /// - Throws: `SocketError` as `ListeningSocket.bound(to:_:_:backlog:onlyIPv6:access:)` does.
  ///
  /// The corresponding C functions are `socket`, `bind` and `listen`.
  public static func bind(
    to address: SocketAddress,
    _ type: SocketType = .stream,
    _ protocolNumber: ProtocolNumber = .automatic,
    backlog: Int? = nil,
    onlyIPv6: Bool = false,
    access: UnixPathAccess = UnixPathAccess(),
    on loop: EventLoop? = nil
  ) async throws(SocketError) -> Listener {
    let listening = try ListeningSocket.bound(
      to: address, type, protocolNumber, backlog: backlog, onlyIPv6: onlyIPv6, access: access)
    return try await Listener(listening, on: loop)
  }

  /// Listens at one address with a socket on each of several loops; the kernel spreads the clients between them.
  ///
  /// - Parameters:
  ///   - address: where to listen, of an IP family; port zero for one that the system chooses.
  ///   - loops: the loops, at least one.
  ///   - backlog: how many connections may wait at each; `nil` for as many as the system allows.
  ///   - onlyIPv6: whether IPv6 sockets refuse IPv4 clients.
  /// - Returns: the listener.
  /// - Throws: `SocketError` as ``bind(to:_:_:backlog:onlyIPv6:access:on:)`` does; with `EOPNOTSUPP` for a family that
  ///   cannot be sharded.
  ///
  /// The corresponding C constant is `SO_REUSEPORT`; `SO_REUSEADDR` is set as well, as for any listener.
  public static func bind(
    to address: SocketAddress, shardedOver loops: [EventLoop], backlog: Int? = nil,
    onlyIPv6: Bool = false
  ) async throws(SocketError) -> Listener {
    precondition(!loops.isEmpty, "a listener needs at least one loop")
    guard address.ip != nil else {
      throw SocketError(
        .bind, result: -Int(Errno.notSupportedOnSocket.rawValue), subject: .address(address))
    }
    var shards: [Shard] = []
    var address = address
    for loop in loops {
      let socket = try Socket(address.family, .stream)
      // The one is for each other, the other for what is left of connections that somebody had at the port before.
      try socket.setOption(.reusePort, to: true)
      try socket.setOption(.reuseAddress, to: true)
      if address.family == .ipv6 { try socket.setOption(.v6Only, to: onlyIPv6) }
      let listening = try socket.bind(to: address).listen(backlog: backlog)
      // The first one's port, where the system chose it.
      address = try listening.localAddress()
      shards.append(Shard(await LoopSocket.make(listening.taken(), on: loop)))
    }
    return Listener(shards)
  }

  /// The loop of the listener, the first one's when it is sharded.
  public var loop: EventLoop { shards[0].socket.loop }
  /// The family of its addresses.
  public var family: AddressFamily { shards[0].socket.family }
  /// What its connections carry.
  public var type: SocketType { shards[0].socket.type }

  /// The address that the listener listens at.
  ///
  /// - Returns: the address, with the port that the system chose.
  /// - Throws: `SocketError` with cause `closed`.
  ///
  /// The corresponding C function is `getsockname`.
  public func localAddress() throws(SocketError) -> SocketAddress {
    try withSocket { socket throws(SocketError) in try socket.localAddress() }
  }

  /// Lends the socket, the first one when it is sharded, to calls of the core that do not wait.
  ///
  /// It stays open meanwhile. The body has the socket to itself: it must not use this object.
  ///
  /// - Parameter body: is lent the socket.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw, or cause `closed`.
  public func withSocket<R>(
    _ body: (borrowing ListeningSocket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try shards[0].socket.withOwner(.adopt, { ListeningSocket(owned: $0) }, body)
  }

  /// Takes the next connection out of the backlog, waiting for one if there is none.
  ///
  /// Connections that died while they waited are passed over. On a sharded listener it takes those of the first
  /// loop alone: serve instead.
  ///
  /// - Parameter deadline: when to give up.
  /// - Returns: the connection, on the listener's loop.
  /// - Throws: `SocketError` with `EMFILE`, `ENFILE`, `ENOBUFS` or `ENOMEM` when the process or the system has no
  ///   more (the client still waits; see `SocketError.acceptAdvice`); cause `cancelled`,
  ///   `deadlinePassed` or `closed`.
  ///
  /// The corresponding C function is `accept4`.
  public func accept(deadline: Deadline = .never) async throws(SocketError) -> Connection {
    let shard = shards[0]
    let number = try await shard.acceptDescriptor(deadline: deadline)
    return Connection(
      await LoopSocket.make(
        OwnedDescriptor(owning: number, family: family, type: type), on: shard.socket.loop,
        isTCP: shard.socket.isTCP))
  }

  /// Stops listening; clients that still wait in the backlog are refused, whoever waits in
  /// ``accept(deadline:)`` or ``serve(_:onFailure:onStatistics:_:)`` gets cause `closed`, and a Unix path is
  /// given back.
  ///
  /// A second time does nothing.
  ///
  /// - Throws: `SocketError` as `SocketOwner.close()` does.
  ///
  /// The corresponding C function is `close`.
  public func close() async throws(SocketError) {
    // The path goes first: nobody is to find it and be refused.
    claim.withLock { $0 = nil }
    var failure = 0
    for shard in shards { failure = min(failure, await shard.socket.close()) }
    for server in servers.withLock({ $0 }) { server.listenerClosed() }
    guard failure >= 0 else { throw SocketError(.close, loopResult: failure) }
  }
}

extension Listener.Shard {
  /// Takes the next connection as a bare descriptor.
  func acceptDescriptor(deadline: Deadline) async throws(SocketError) -> Int32 {
    var passedOver = 0
    while true {
      let result = await socket.wait(for: .accept, deadline: deadline)
      if result >= 0 { return Int32(truncatingIfNeeded: result) }
      let error = SocketError(.accept, loopResult: result)
      guard error.errno != nil, error.acceptAdvice == .retryNow,
        passedOver < ListeningSocket.maximumPassedOver
      else { throw error }
      passedOver += 1
    }
  }
}
