// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// Frames: what packet sockets see of the wire between two hosts.
@Suite(.blocking, .requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct PacketTests {
  /// An Ethernet type for experiments on a local network (IEEE 802, table of public Ethernet types).
  private static let experimental: UInt16 = 0x88b5

  @Test func aRawFrameOfOneHostIsSeenWholeByTheOther() throws {
    let hosts = try TwoHosts()
    let receiver = try hosts.right.run { try Self.receiver(.raw) }
    let frame =
      [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1] + [0x88, 0xb5]
      + (0..<100).map { UInt8($0) }
    try hosts.left.run {
      let sender = try MessageSocket(.packet, .raw)
      let link = try #require(InterfaceIndex(name: "left"))
      try sender.sendDatagram(frame, to: .packet(LinkLayerAddress(interface: link)))
    }
    var buffer = [UInt8](repeating: 0, count: 2048)
    let seen = try receiver.receiveDatagram(into: &buffer, deadline: .patience)
    #expect(Array(buffer[..<seen.byteCount]) == frame)
    let sender = try #require(seen.sender.packet)
    #expect(sender.hardwareAddress == HardwareAddress(2, 0, 0, 0, 0, 1))
    #expect(sender.etherType == Self.experimental)
    #expect(sender.packetType == .broadcast)
  }

  @Test func aCookedFrameCarriesItsPayloadAlone() throws {
    let hosts = try TwoHosts()
    let receiver = try hosts.right.run { try Self.receiver(.datagram) }
    let payload = Array("below IP".utf8)
    try hosts.left.run {
      let sender = try MessageSocket(.packet, .datagram)
      let target = LinkLayerAddress(
        interface: try #require(InterfaceIndex(name: "left")),
        etherType: Self.experimental,
        hardwareAddress: HardwareAddress(2, 0, 0, 0, 0, 2)
      )
      try sender.sendDatagram(payload, to: .packet(target))
    }
    var buffer = [UInt8](repeating: 0, count: 2048)
    let seen = try receiver.receiveDatagram(into: &buffer, deadline: .patience)
    #expect(Array(buffer[..<seen.byteCount]) == payload)
    let sender = try #require(seen.sender.packet)
    #expect(sender.hardwareAddress == HardwareAddress(2, 0, 0, 0, 0, 1))
    #expect(sender.packetType == .host)
  }

  /// A packet socket that hears all frames sees the datagram that an ordinary socket sent.
  @Test func theDatagramOfAnOrdinarySocketIsSeenAsAFrame() throws {
    let hosts = try TwoHosts()
    let receiver = try hosts.right.run {
      try MessageSocket.bound(
        to: .packet(
          LinkLayerAddress(
            interface: try #require(InterfaceIndex(name: "right")),
            etherType: 0x0800
          )
        ),
        .raw,
        .etherType(0x0800)
      )
    }
    try hosts.left.run {
      try MessageSocket(.ipv4).sendDatagram("seen".utf8, to: try address("10.0.0.2:4321"))
    }
    let frame = try nextBytes(of: receiver)
    // Ethernet 14 bytes, IPv4 20, UDP 8.
    try #require(frame.count == 14 + 20 + 8 + 4)
    #expect(frame[12..<14] == [0x08, 0x00])
    #expect(frame[14] == 0x45)
    #expect(frame[23] == 17)
    #expect(frame[26..<34] == [10, 0, 0, 1, 10, 0, 0, 2])
    #expect(frame[36..<38] == [0x10, 0xe1])
    #expect(frame[42...] == Array("seen".utf8)[...])
  }

  private static func receiver(_ type: SocketType) throws -> MessageSocket {
    let link = try #require(InterfaceIndex(name: "right"))
    return try MessageSocket.bound(
      to: .packet(LinkLayerAddress(interface: link, etherType: experimental)),
      type,
      .etherType(experimental)
    )
  }
}
