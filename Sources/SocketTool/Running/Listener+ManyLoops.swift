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
    guard endpoint.transport.isSpread else {
      return try await bind(to: endpoint, deadline: deadline)
    }
    let address = try await Resolver.system.resolve(endpoint, deadline: deadline)[0]
    return try await bindOnManyLoops(to: address, onlyIPv6: endpoint.transport == .tcp6)
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
    let loops = try manyLoops()
    if address.ip?.port != .any {
      // The sockets share their port, with another server of the same user as well: so first it is asked for alone. (Two servers that
      // ask at the same moment get it both.)
      let probe = try Socket(address.family, .stream)
      try probe.setOption(.reuseAddress, to: true)
      if address.family == .ipv6 { try probe.setOption(.v6Only, to: onlyIPv6) }
      try probe.bind(to: address).close()
    }
    return try await bind(to: address, shardedOver: loops, onlyIPv6: onlyIPv6)
  }

  /// How many descriptors the loops beyond the first and their sockets have, where there are such.
  static func extraDescriptorCount(_ transport: Transport) -> Int {
    transport.isSpread ? (loopCount - 1) * 4 : 0
  }

  /// One for each processor, but with few descriptors they are for clients.
  private static var loopCount: Int {
    min(EventLoopPool.shared.count, max(1, DescriptorLimit.room / 40))
  }

  /// The command's own loop and others, fewer than wanted where there can be no more.
  private static func manyLoops() throws(SocketError) -> [EventLoop] {
    let count = loopCount
    var loops: [EventLoop] = []
    if let own = EventLoop.current { loops.append(own) }
    for _ in 0..<EventLoopPool.shared.count where loops.count < count {
      do throws(SocketError) {
        let loop = try EventLoopPool.shared.next()
        if !loops.contains(where: { $0 === loop }) { loops.append(loop) }
      } catch {
        guard loops.isEmpty else { break }
        throw error
      }
    }
    return loops
  }
}

extension Transport {
  /// Whether the kernel spreads the clients of a port between sockets.
  fileprivate var isSpread: Bool { [.tcp, .tcp4, .tcp6].contains(self) }
}
