// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

/// A connection to a peer, whatever carries it: TCP, a Unix stream or records, vsock, X.25.
///
/// A connection belongs to one event loop, and may be used by several tasks at once: one that reads beside one that
/// writes is how a proxy is built. Nothing is buffered that the caller did not ask for: bytes go from the kernel into the
/// caller's memory and back, and a peer that does not read makes ``write(_:deadline:)-(RawSpan,_)`` wait.
///
/// Every call that waits ends at its deadline, when its task is cancelled, and when another task closes the connection; its
/// `SocketError` says which it was, and how many bytes had moved. It never returns while the kernel may still
/// touch the memory that it was lent.
///
/// TCP's urgent byte is not among the bytes that are read, and ends no wait with nothing: take it by ``withSocket(_:)`` and
/// `tryReceive` with the flag `outOfBand`, or set the option `outOfBandInline`. Who the peer of a Unix connection is, say the options
/// `peerCredentials` and its kin, and what TCP knows of the path, `tcpInformation`.
///
/// A connection ends with its scope: ``connect(to:deadline:on:configure:_:)-(SocketAddress,_,_,_,_)`` and
/// ``Listener/serve(_:onFailure:onStatistics:_:)`` close it when their body is done. One that was not closed when its last reference goes is
/// closed by its loop.
public final class Connection: Sendable {
  package let socket: LoopSocket

  package init(_ socket: consuming LoopSocket) { self.socket = socket }

  /// Gives a connected socket of the core to a loop.
  ///
  /// For a socket that was set up by the core's own calls, came from another process, or is one of a pair.
  ///
  /// - Parameters:
  ///   - connected: the socket.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of
  ///     ``EventLoopPool/shared``.
  /// - Throws: `SocketError` when a loop had to be made and could not be.
  public convenience init(
    _ connected: consuming ConnectedSocket, on loop: EventLoop? = nil
  ) async throws(SocketError) {
    let loop = try EventLoopPool.choose(loop)
    self.init(await LoopSocket.make(connected.taken(), on: loop))
  }

  /// The loop that the connection belongs to; tasks that prefer it use the connection fastest.
  public var loop: EventLoop { socket.loop }
  /// The number of the socket, for printing; it owns nothing.
  public var descriptor: SocketDescriptor { SocketDescriptor(rawValue: socket.descriptor) }
  /// The family of its addresses.
  public var family: AddressFamily { socket.family }
  /// What it carries: a stream or records.
  public var type: SocketType { socket.type }

  /// Lends the socket to calls of the core that do not wait: options, addresses, and all that begins with `try`.
  ///
  /// It stays open meanwhile. A call that blocks would hold up whatever else runs on the calling thread. The body has the socket
  /// to itself: it must not use the connection.
  ///
  /// - Parameter body: is lent the socket.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw, or cause `closed`.
  public func withSocket<R>(
    _ body: (borrowing ConnectedSocket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try socket.withOwner(.adopt, { ConnectedSocket(owned: $0) }, body)
  }

  /// The same for a part of a call, which an error is then of.
  func lent<R>(
    to operation: SocketError.Operation,
    _ body: (borrowing ConnectedSocket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try socket.withOwner(operation, { ConnectedSocket(owned: $0) }, body)
  }

  /// The address that the connection has on this side.
  ///
  /// - Throws: `SocketError` as `SocketOwner.localAddress()` does.
  ///
  /// The corresponding C function is `getsockname`.
  public func localAddress() throws(SocketError) -> SocketAddress {
    try withSocket { socket throws(SocketError) in try socket.localAddress() }
  }

  /// The peer's address.
  ///
  /// - Throws: `SocketError` with `ENOTCONN` when the peer has reset the connection.
  ///
  /// The corresponding C function is `getpeername`.
  public func peerAddress() throws(SocketError) -> SocketAddress {
    try withSocket { socket throws(SocketError) in try socket.peerAddress() }
  }

  /// Reads a socket option.
  ///
  /// - Parameter option: which one, for example `SocketOption.tcpInformation`.
  /// - Returns: the value as the kernel gives it.
  /// - Throws: `SocketError` as `SocketOwner.option(_:)` does.
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
  /// - Throws: `SocketError` as `SocketOwner.setOption(_:to:)` does.
  ///
  /// The corresponding C function is `setsockopt`.
  public func setOption<Value>(
    _ option: SocketOption<Value>, to value: Value
  ) throws(SocketError) {
    try withSocket { socket throws(SocketError) in try socket.setOption(option, to: value) }
  }
}
