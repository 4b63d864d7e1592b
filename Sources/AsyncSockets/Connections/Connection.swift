// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

/// A connection to a peer, whatever carries it: TCP, a Unix stream, vsock, X.25.
///
/// A connection belongs to one event loop, and may be used by several tasks at once: one that reads and one that writes is
/// the usual way to build a proxy. Nothing is buffered that the caller did not ask for.
///
/// It ends with its scope: ``connect(to:deadline:on:_:)`` and ``Listener/serve(_:)`` close it when their body is
/// done. One that was not closed when its last reference goes is closed by its loop.
public final class Connection: Sendable {
  package let socket: LoopSocket

  package init(_ socket: consuming LoopSocket) { self.socket = socket }

  /// The loop that the connection belongs to.
  public var loop: EventLoop { socket.loop }
  /// The family of its addresses.
  public var family: AddressFamily { socket.family }
  /// What it carries.
  public var type: SocketType { socket.type }
}
