// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a server allows its clients, and itself; see ``Listener/serve(_:onFailure:onStatistics:_:)``.
public struct ServingLimits: Hashable, Sendable {
  /// How many connections are served at once; the next clients wait in the backlog.
  ///
  /// `nil` for as many as there are descriptors. Each shard of a sharded listener may have taken one more out of its
  /// backlog, which waits for room.
  public var connections: Int?
  /// How many connections of one peer address are served at once; one more is closed as soon as it is
  /// accepted.
  ///
  /// `nil` for no limit. Unix clients count as one peer.
  public var connectionsPerPeer: Int?
  /// How long a handler's operation may wait for its peer, at most; `nil` for as long as the operation's own
  /// deadline allows.
  ///
  /// One that waits longer fails with cause `deadlinePassed`.
  public var idle: Duration?
  /// How long a connection may last; `nil` for ever.
  ///
  /// From then on its operations fail with cause `deadlinePassed`.
  public var total: Duration?
  /// How long the handlers that run may go on when the server is cancelled, before they are cancelled as well.
  public var drain: Duration
  /// How long a connection is kept after its handler, so that the peer can read the last bytes; see
  /// ``Connection/closeGracefully(deadline:droppingAtMost:)``.
  public var closing: Duration

  /// Names the limits.
  ///
  /// - Parameters:
  ///   - connections: how many connections at once.
  ///   - connectionsPerPeer: how many of one peer address at once.
  ///   - idle: how long an operation may wait.
  ///   - total: how long a connection may last.
  ///   - drain: how long handlers may go on when the server is cancelled.
  ///   - closing: how long to wait for the peer to have read the last bytes.
  public init(
    connections: Int? = nil, connectionsPerPeer: Int? = nil, idle: Duration? = nil,
    total: Duration? = nil, drain: Duration = .seconds(10), closing: Duration = .seconds(2)
  ) {
    self.connections = connections
    self.connectionsPerPeer = connectionsPerPeer
    self.idle = idle
    self.total = total
    self.drain = drain
    self.closing = closing
  }
}

/// What a server did; see ``Listener/serve(_:onFailure:onStatistics:_:)``.
public struct ServingStatistics: Hashable, Sendable {
  /// Connections that were accepted.
  public internal(set) var accepted = 0
  /// Connections that are being served now.
  public internal(set) var active = 0
  /// Connections that were closed at once, because their peer had too many, or because the server was cancelled before there was
  /// room for them.
  public internal(set) var refused = 0
  /// Connections whose handler threw.
  public internal(set) var failed = 0
  /// How often accepting paused, because descriptors or memory had run out.
  public internal(set) var pauses = 0

  /// Nothing yet.
  public init() {}
}
