// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// A path whose second wire carries smaller packets than the first: what the router says of it comes back to
/// the sender's error queue.
@Suite(.blocking, .requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct PathMTUTests {
  private static let mtu = 1400

  /// A sender, a router and a receiver in a row.
  private struct ThreeHosts {
    let sender: NetworkHost
    let router: NetworkHost
    let receiver: NetworkHost

    init() throws {
      sender = try NetworkHost()
      router = try NetworkHost()
      receiver = try NetworkHost()
      try sender.connect("near", to: router, "first")
      try router.connect("second", to: receiver, "far")
      try sender.configure(
        "addr add 10.0.1.1/24 dev near", "addr add fd00:1::1/64 dev near nodad",
        "route add default via 10.0.1.254", "route add ::/0 via fd00:1::fe")
      try router.write("1", to: "ipv4/ip_forward")
      try router.write("1", to: "ipv6/conf/all/forwarding")
      // A router asks for its neighbors from a link-local address, or not at all.
      try router.configure(
        "link set second mtu \(mtu)",
        "addr add 10.0.1.254/24 dev first", "addr add 10.0.2.254/24 dev second",
        "addr add fd00:1::fe/64 dev first nodad", "addr add fd00:2::fe/64 dev second nodad",
        "addr add fe80::fe/64 dev first nodad", "addr add fe80::fe/64 dev second nodad")
      try receiver.configure(
        "link set far mtu \(mtu)",
        "addr add 10.0.2.1/24 dev far", "addr add fd00:2::1/64 dev far nodad",
        "route add default via 10.0.2.254", "route add ::/0 via fd00:2::fe")
    }
  }

  @Test func aPacketTooLargeForThePathIsReportedByTheRouterIPv4() throws {
    try report(
      receiver: "10.0.2.1", router: "10.0.1.254", headers: 28, origin: .icmp,
      type: 3, code: 4)
  }

  @Test func aPacketTooLargeForThePathIsReportedByTheRouterIPv6() throws {
    try report(
      receiver: "[fd00:2::1]", router: "[fd00:1::fe]", headers: 48, origin: .icmpv6,
      type: 2, code: 0)
  }

  // Sends too much, reads the report, and sends as much as it allows. `headers` are the bytes of the IP and UDP
  // headers, `type` and `code` those of the ICMP message (RFC 792, RFC 4443).
  private func report(
    receiver: String, router: String, headers: Int, origin: ExtendedError.Origin,
    type: UInt8, code: UInt8
  ) throws {
    let hosts = try ThreeHosts()
    let server = try hosts.receiver.run { try MessageSocket.bound(to: address("\(receiver):0")) }
    let target = try address("\(receiver):\(port(of: server))")
    let client = try hosts.sender.run { try MessageSocket(target.family) }
    try client.forbidFragments()
    try client.connect(to: target)

    let tooLong = (0..<1450).map { UInt8(truncatingIfNeeded: $0) }
    try client.write(tooLong)
    let remote = try Self.nextError(of: client, about: target)
    #expect(remote.errno == .messageTooLong)
    #expect(remote.origin == origin)
    #expect(remote.type == type)
    #expect(remote.code == code)
    #expect(remote.pathMTU == Self.mtu)
    #expect(remote.offender?.ip?.address == (try address("\(router):0").ip?.address))

    // Now the kernel knows: the same message is refused at once, and the queue says by whom.
    let error = #expect(throws: SocketError.self) { try client.write(tooLong) }
    #expect(error?.errno == .messageTooLong)
    let local = try Self.nextError(of: client, about: target)
    #expect(local.origin == .local)
    #expect(local.pathMTU == Self.mtu)
    #expect(try client.pathMTU() == Self.mtu)

    let fitting = Array(tooLong[..<(Self.mtu - headers)])
    try client.write(fitting)
    #expect(try nextBytes(of: server) == fitting)
  }

  private static func nextError(
    of socket: borrowing MessageSocket, about target: SocketAddress
  ) throws -> ExtendedError {
    var buffer = [UInt8](repeating: 0, count: 2048)
    var control = ControlBuffer()
    let message = try socket.receiveMessage(
      into: &buffer, control: &control, flags: .errorQueue, deadline: .patience)
    #expect(message.flags.contains(.errorQueue))
    // The sender of such a message is where the packet was bound for.
    #expect(message.sender == target)
    let error = control.extendedError
    return try #require(error)
  }
}

extension MessageSocket {
  fileprivate func forbidFragments() throws {
    if family == .ipv4 {
      try setOption(.pathMTUDiscoveryIPv4, to: 2)
      try setOption(.receiveErrorsIPv4, to: true)
    } else {
      try setOption(.pathMTUDiscoveryIPv6, to: 2)
      try setOption(.receiveErrorsIPv6, to: true)
    }
  }

  fileprivate func pathMTU() throws -> Int {
    Int(try option(family == .ipv4 ? .mtuIPv4 : .mtuIPv6))
  }
}
