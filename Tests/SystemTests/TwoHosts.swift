// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport

/// Two hosts joined by a wire.
///
/// The left end is `10.0.0.1`, `fd00::1` and `fe80::1`, the right end the same with 2, and their hardware
/// addresses are `02:00:00:00:00:01` and `02:00:00:00:00:02`.
struct TwoHosts {
  let left: NetworkHost
  let right: NetworkHost

  init() throws {
    left = try NetworkHost()
    right = try NetworkHost()
    try left.connect("left", to: right, "right")
    try Self.configure(left, "left", 1)
    try Self.configure(right, "right", 2)
    try use("10.0.0.2", "10.0.0.2", .ipv4)
    try use("[fd00::2]", "[fd00::2]", .ipv6)
    try use("[fe80::2%left]", "[fe80::2%right]", .ipv6)
  }

  /// Connects once, from left to right: what is lost while the two learn of each other TCP sends again, and UDP would not.
  private func use(_ name: String, _ own: String, _ family: AddressFamily) throws {
    let listener = try right.run {
      try Socket(family).bind(to: address("\(own):0")).listen()
    }
    let port = try port(of: listener)
    let client = try left.run {
      try Socket(family).connect(to: address("\(name):\(port)"), deadline: .patience)
    }
    try client.close()
  }

  private static func configure(_ host: NetworkHost, _ interface: String, _ number: Int) throws {
    // Without duplicate address detection an address of IPv6 can be used at once.
    try host.configure(
      "link set \(interface) address 02:00:00:00:00:0\(number)",
      "addr add 10.0.0.\(number)/24 dev \(interface)",
      "addr add fd00::\(number)/64 dev \(interface) nodad",
      "addr add fe80::\(number)/64 dev \(interface) nodad"
    )
  }
}

/// An IP address and a port from their text; a zone is an interface of the calling thread's host.
func address(_ text: String) throws -> SocketAddress {
  try IPSocketAddress(parsing: text).socketAddress
}

/// The port of a socket that was bound to port zero.
func port(of socket: borrowing some SocketOwner & ~Copyable) throws -> Port {
  guard let address = try socket.localAddress().ip else {
    throw NetworkHost.Failure(description: "the socket's own address is not of IP")
  }
  return address.port
}
