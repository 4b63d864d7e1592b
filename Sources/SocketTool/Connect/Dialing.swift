// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// A connection to an endpoint, for as long as it is used.
enum DialedConnection {
  /// Connects, lends the peer, and closes.
  static func with(
    _ endpoint: Endpoint, _ setup: SocketSetup, _ deadline: Deadline,
    _ body: (JoinedPeer) async throws -> Void
  ) async throws {
    let claim = Guarded<PathOfOurs?>(nil)
    let connection = try await Connection.connect(
      to: endpoint, deadline: deadline,
      configure: { socket throws(SocketError) in
        try setup.apply(to: socket)
        guard let local = setup.local else { return }
        guard let unix = local.unix, let path = unix.path else {
          return try Lifecycle.bind(socket.owned.number, to: local)
        }
        let taken = PathOfOurs(
          try UnixPathClaim.bind(socket.owned, to: unix, path: path, access: UnixPathAccess()))
        claim.withLock { $0 = taken }
      })
    let peer = JoinedPeer(connection, endpoint.description)
    do {
      try await body(peer)
    } catch {
      await peer.close()
      throw error
    }
    try await connection.closeGracefully(deadline: .milliseconds(500))
    claim.withLock { $0 = nil }
  }
}

/// A datagram socket that sends to an endpoint, for as long as it is used.
enum DialedDatagrams {
  /// Makes the socket, lends the peer, and closes.
  static func withSocket(
    _ endpoint: Endpoint, _ setup: SocketSetup, _ deadline: Deadline,
    _ body: (JoinedPeer) async throws -> Void
  ) async throws {
    let address = try await Resolver.system.resolve(endpoint, deadline: deadline)[0]
    let bare = try socket(for: address, endpoint, setup)
    try bare.connect(to: address)
    let socket = try await DatagramSocket(bare)
    let peer = JoinedPeer(socket, endpoint.description)
    do {
      try await body(peer)
    } catch {
      await peer.close()
      throw error
    }
    await peer.close()
  }

  /// A socket with an address of its own where it was given one or needs one.
  private static func socket(
    for address: SocketAddress, _ endpoint: Endpoint, _ setup: SocketSetup
  ) throws(SocketError) -> MessageSocket {
    let number = endpoint.transport.protocolNumber(for: address.family)
    // Without a name nobody could answer a Unix socket: the system chooses one (unix(7), "Autobind feature").
    let unnamed = address.family == .unix ? UnixAddress.unnamed.socketAddress : nil
    if let local = setup.local ?? unnamed {
      return try MessageSocket.bound(
        to: local, endpoint.socketType, number,
        configure: { socket throws(SocketError) in try setup.apply(to: socket) })
    }
    let socket = try MessageSocket(address.family, endpoint.socketType, number)
    try setup.apply(to: socket)
    return socket
  }
}

/// A Unix path that a socket of ours was bound to, removed with its last owner.
final class PathOfOurs: Sendable {
  private let claim: UnixPathClaim
  init(_ claim: consuming UnixPathClaim) { self.claim = claim }
}
