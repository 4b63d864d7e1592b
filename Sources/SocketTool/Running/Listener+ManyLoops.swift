// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// Listeners of commands that serve many clients: on every loop where the kernel can spread the clients between several sockets,
/// which it can for TCP.
extension Listener {
  /// Listens at the first address of an endpoint.
  ///
  /// - Parameters:
  ///   - endpoint: where to listen.
  ///   - deadline: when to give up resolving.
  /// - Returns: the listener.
  /// - Throws: as `bind(to:deadline:)` does.
  static func bindOnManyLoops(
    to endpoint: Endpoint, deadline: Deadline
  ) async throws -> Listener {
    let transport = endpoint.transport
    guard [.tcp, .tcp4, .tcp6].contains(transport) else {
      return try await bind(to: endpoint, deadline: deadline)
    }
    let address = try await Resolver.system.resolve(endpoint, deadline: deadline)[0]
    return try await bindOnManyLoops(to: address, onlyIPv6: transport == .tcp6)
  }

  /// Listens at an address of TCP.
  ///
  /// - Parameters:
  ///   - address: where to listen; port zero for one that the system chooses.
  ///   - onlyIPv6: whether an IPv6 socket refuses IPv4 clients.
  /// - Returns: the listener.
  /// - Throws: as `bind(to:)` does.
  static func bindOnManyLoops(
    to address: SocketAddress, onlyIPv6: Bool = false
  ) async throws(SocketError) -> Listener {
    if address.ip?.port != .any {
      // The sockets share their port, with another server of the same user as well: so first it is asked for alone.
      let probe = try ListeningSocket.bound(to: address, onlyIPv6: onlyIPv6)
      try probe.close()
    }
    return try await bind(to: address, shardedOver: manyLoops(), onlyIPv6: onlyIPv6)
  }

  /// How many descriptors the loops beyond the first and their sockets have.
  static var extraDescriptorCount: Int { (loopCount - 1) * 4 }

  /// One for each processor, but with few descriptors they are for clients.
  private static var loopCount: Int {
    min(EventLoopPool.shared.count, max(1, DescriptorLimit.room / 40))
  }

  private static func manyLoops() throws(SocketError) -> [EventLoop] {
    let pool = EventLoopPool.shared
    let count = loopCount
    if count == pool.count { return try pool.all() }
    var loops: [EventLoop] = []
    while loops.count < count { loops.append(try pool.next()) }
    return loops
  }
}
