// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// The two IP addresses under which a connection stands in a capture.
///
/// They are the real ones where both ends have one. Peers of other families, Unix and vsock, have none: they appear as
/// `127.0.0.1:32768` and up, a port for each connection, that talk to `127.0.0.1:1`.
struct CaptureAddresses: Equatable {
  var client: IPSocketAddress
  var server: IPSocketAddress

  /// Chooses them.
  ///
  /// - Parameters:
  ///   - client: who called.
  ///   - server: the address that was called.
  ///   - number: which connection it is, from one.
  init(client: SocketAddress?, server: SocketAddress?, number: Int) {
    if let client = client?.ip?.unmapped, let server = server?.ip?.unmapped {
      self.client = client
      self.server = Self.reached(server, from: client)
      return
    }
    let port = 32_768 + (number - 1) % 28_000
    self.client = IPSocketAddress(IPv4Address.loopback, port: Port(UInt16(clamping: port)))
    self.server = IPSocketAddress(IPv4Address.loopback, port: Port(1))
  }

  /// An address of the client's version: a socket of all addresses does not say which one was used.
  private static func reached(
    _ server: IPSocketAddress, from client: IPSocketAddress
  ) -> IPSocketAddress {
    switch (client.address, server.address) {
    case (.ipv4, .ipv4(let address)) where !address.isUnspecified: server
    case (.ipv6, .ipv6(let address)) where !address.isUnspecified: server
    case (.ipv4, _): IPSocketAddress(IPv4Address.loopback, port: server.port)
    case (.ipv6, _): IPSocketAddress(IPv6Address.loopback, port: server.port)
    }
  }
}
