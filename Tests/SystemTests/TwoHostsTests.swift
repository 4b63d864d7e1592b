// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// What two machines say to each other over a wire, by TCP and UDP.
@Suite(.blocking, .requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct TwoHostsTests {
  /// The same talk over each kind of IP address.
  struct Path: Sendable, CustomTestStringConvertible {
    /// The right host, as the left host names it.
    let right: String
    /// The right host, as it names itself.
    let own: String
    /// The left host, as the right host sees it.
    let left: String
    let family: AddressFamily

    var testDescription: String { right }

    static let all = [
      Path(right: "10.0.0.2", own: "10.0.0.2", left: "10.0.0.1", family: .ipv4),
      Path(right: "[fd00::2]", own: "[fd00::2]", left: "[fd00::1]", family: .ipv6),
      Path(
        right: "[fe80::2%left]",
        own: "[fe80::2%right]",
        left: "[fe80::1%right]",
        family: .ipv6
      ),
    ]
  }

  @Test(arguments: Path.all) func tcpEchoes(over path: Path) throws {
    let hosts = try TwoHosts()
    let listener = try hosts.right.run {
      try Socket(path.family).bind(to: address("\(path.own):0")).listen()
    }
    let port = try port(of: listener)
    let target = try hosts.left.run { try address("\(path.right):\(port)") }
    let client = try hosts.left.run {
      try Socket(path.family).connect(to: target, deadline: .patience)
    }
    var peer = SocketAddress()
    let server = try listener.accept(from: &peer, deadline: .patience)
    let left = try hosts.right.run { try address("\(path.left):\(peer.ip?.port ?? .any)") }
    #expect(peer == left)
    #expect(try client.peerAddress() == target)

    let message = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try client.write(message)
    try server.write(try bytes(message.count, of: server))
    #expect(try bytes(message.count, of: client) == message)
    try client.shutdown(.write)
    #expect(try nextBytes(of: server) == [])
    try server.close()
    #expect(try nextBytes(of: client) == [])
  }

  @Test(arguments: Path.all) func udpEchoes(over path: Path) throws {
    let hosts = try TwoHosts()
    let server = try hosts.right.run {
      try MessageSocket.bound(to: address("\(path.own):0"))
    }
    let port = try port(of: server)
    let target = try hosts.left.run { try address("\(path.right):\(port)") }
    let client = try hosts.left.run { try MessageSocket(path.family) }
    for message in [[], [1], [UInt8](repeating: 9, count: 1200)] {
      try client.sendDatagram(message, to: target)
      var buffer = [UInt8](repeating: 0, count: 2048)
      let request = try server.receiveDatagram(into: &buffer, deadline: .patience)
      #expect(Array(buffer[..<request.byteCount]) == message)
      let left = try hosts.right.run {
        try address("\(path.left):\(request.sender.ip?.port ?? .any)")
      }
      #expect(request.sender == left)
      try server.sendDatagram(buffer[..<request.byteCount], to: request.sender)
      let answer = try client.receiveDatagram(into: &buffer, deadline: .patience)
      #expect(Array(buffer[..<answer.byteCount]) == message)
      #expect(answer.sender == target)
    }
  }

  @Test func aLinkLocalPeerCannotBeReachedWithoutItsZone() throws {
    let hosts = try TwoHosts()
    let error = try hosts.left.run {
      #expect(throws: SocketError.self) {
        try MessageSocket(.ipv6).connect(to: address("[fe80::2]:7"))
      }
    }
    #expect(error?.errno == .invalidArgument)
  }

  @Test func connectingToAPortWhereNobodyListensIsRefusedByTheOtherHost() throws {
    let hosts = try TwoHosts()
    let error = try hosts.left.run {
      #expect(throws: SocketError.self) {
        _ = try Socket(.ipv4).connect(to: address("10.0.0.2:9"), deadline: .patience)
      }
    }
    #expect(error?.errno == .connectionRefused)
  }

  /// Two wires between the same hosts: what comes by the other one is not for a socket that is bound to its
  /// device.
  @Test func aSocketBoundToADeviceHearsThatDeviceOnly() throws {
    let hosts = try TwoHosts()
    try hosts.left.connect("left2", to: hosts.right, "right2")
    try hosts.left.configure("addr add 10.0.2.1/24 dev left2")
    try hosts.right.configure("addr add 10.0.2.2/24 dev right2")
    let server = try hosts.right.run {
      let socket = try MessageSocket(.ipv4)
      try socket.setOption(.bindToDevice, to: "right2")
      try socket.bind(to: address("0.0.0.0:0"))
      return socket
    }
    #expect(try server.option(.bindToDevice) == "right2")
    let port = try port(of: server)
    let client = try hosts.left.run { try MessageSocket(.ipv4) }
    try client.sendDatagram("other wire".utf8, to: try address("10.0.0.2:\(port)"))
    try client.sendDatagram("its wire".utf8, to: try address("10.0.2.2:\(port)"))
    #expect(try nextBytes(of: server) == Array("its wire".utf8))
    #expect(try isEmpty(server))
  }

  @Test func aSenderBoundToADeviceSendsByIt() throws {
    let hosts = try TwoHosts()
    try hosts.left.connect("left2", to: hosts.right, "right2")
    // The same network on both wires: by the routes alone everything would take the first.
    try hosts.left.configure("addr add 10.0.0.3/24 dev left2")
    let watcher = try hosts.right.run {
      try MessageSocket.bound(
        to: .packet(
          LinkLayerAddress(
            interface: try #require(InterfaceIndex(name: "right2")),
            etherType: 0x0800
          )
        ),
        .datagram,
        .etherType(0x0800)
      )
    }
    let client = try hosts.left.run { try MessageSocket(.ipv4) }
    try client.setOption(.bindToDevice, to: "left2")
    // A broadcast needs no answer to an address resolution, which the unnumbered far end could not give.
    try client.setOption(.broadcast, to: true)
    try client.sendDatagram("by the second".utf8, to: try address("255.255.255.255:9"))
    #expect(try nextBytes(of: watcher).suffix(13) == Array("by the second".utf8)[...])
  }
}
