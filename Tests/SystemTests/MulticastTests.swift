// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// Datagrams to a group, from one host to another.
@Suite(.blocking, .requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct MulticastTests {
  /// A group that the right host joins, one that it does not, and who sends.
  struct Groups: Sendable, CustomTestStringConvertible {
    let joined: String
    let other: String
    let any: String
    let source: String
    let otherSource: String
    let family: AddressFamily

    var testDescription: String { joined }

    static let all = [
      Groups(
        joined: "232.1.2.3", other: "232.1.2.4", any: "0.0.0.0",
        source: "10.0.0.1", otherSource: "10.0.0.11", family: .ipv4),
      Groups(
        joined: "[ff35::1:3]", other: "[ff35::1:4]", any: "[::]",
        source: "[fd00::1]", otherSource: "[fd00::11]", family: .ipv6),
    ]
  }

  @Test(arguments: Groups.all)
  func aDatagramToAGroupReachesAMemberOnAnotherHost(_ groups: Groups) throws {
    let hosts = try TwoHosts()
    let receiver = try hosts.right.run {
      let socket = try MessageSocket.bound(to: address("\(groups.any):0"))
      try socket.join(try address("\(groups.joined):0"), on: "right")
      return socket
    }
    let port = try port(of: receiver)
    let sender = try hosts.left.run { try Self.sender(groups.family, groups.source) }
    try sender.sendDatagram("not for us".utf8, to: try address("\(groups.other):\(port)"))
    try sender.sendDatagram("for the group".utf8, to: try address("\(groups.joined):\(port)"))
    var buffer = [UInt8](repeating: 0, count: 100)
    let datagram = try receiver.receiveDatagram(into: &buffer, deadline: .patience)
    #expect(Array(buffer[..<datagram.byteCount]) == Array("for the group".utf8))
    #expect(datagram.sender == (try sender.localAddress()))
    #expect(try isEmpty(receiver))
  }

  /// The zone of the group is the interface to join on, and the group is no address to answer from.
  @Test func anAnswerToAGroupComesFromAnAddressOfTheHost() throws {
    let hosts = try TwoHosts()
    try hosts.left.connect("left2", to: hosts.right, "right2")
    try hosts.left.configure("addr add fe80::11/64 dev left2 nodad")
    try hosts.right.configure("addr add fe80::12/64 dev right2 nodad")
    let receiver = try hosts.right.run {
      let socket = try MessageSocket.bound(to: address("[::]:0"))
      let group = try #require(IPv6Address("ff02::7777%right2"))
      try socket.setOption(.membershipJoinIPv6, to: IPv6Membership(group: group))
      try socket.setOption(.receivesPacketInformationIPv6, to: true)
      return socket
    }
    let port = try port(of: receiver)
    let sender = try hosts.left.run { try MessageSocket.bound(to: address("[fe80::11%left2]:0")) }
    let target = try hosts.left.run { try address("[ff02::7777%left2]:\(port)") }
    try sender.sendDatagram("who".utf8, to: target)
    var buffer = [UInt8](repeating: 0, count: 16)
    var control = ControlBuffer(capacity: 128)
    let message = try receiver.receiveMessage(
      into: &buffer, control: &control, deadline: .patience)
    let info = control.packetInfo
    let way = try #require(info)
    #expect(way.destination.isMulticast && way.localAddress == .ipv6(.any))
    let answer = try ControlMessages(
      .packetInfo(PacketInfo(source: way.localAddress, interface: way.interface)))
    _ = try receiver.sendMessage("I".utf8, to: message.sender, control: answer)
    #expect(try nextBytes(of: sender) == Array("I".utf8))
  }

  @Test(arguments: Groups.all)
  func aMemberForOneSourceHearsThatSourceOnly(_ groups: Groups) throws {
    let hosts = try TwoHosts()
    try hosts.left.configure(
      "addr add 10.0.0.11/24 dev left", "addr add fd00::11/64 dev left nodad")
    let receiver = try hosts.right.run {
      let socket = try MessageSocket.bound(to: address("\(groups.any):0"))
      try socket.join(
        try address("\(groups.joined):0"), from: try address("\(groups.source):0"), on: "right")
      return socket
    }
    let target = try address("\(groups.joined):\(port(of: receiver))")
    let wrong = try hosts.left.run { try Self.sender(groups.family, groups.otherSource) }
    let right = try hosts.left.run { try Self.sender(groups.family, groups.source) }
    for _ in 0..<3 { try wrong.sendDatagram("from another source".utf8, to: target) }
    try right.sendDatagram("from the source".utf8, to: target)
    var buffer = [UInt8](repeating: 0, count: 100)
    let datagram = try receiver.receiveDatagram(into: &buffer, deadline: .patience)
    #expect(Array(buffer[..<datagram.byteCount]) == Array("from the source".utf8))
    #expect(datagram.sender == (try right.localAddress()))
    #expect(try isEmpty(receiver))
  }

  private static func sender(_ family: AddressFamily, _ source: String) throws -> MessageSocket {
    let socket = try MessageSocket.bound(to: address("\(source):0"))
    try socket.sendMulticast(by: "left")
    return socket
  }
}

extension MessageSocket {
  fileprivate func sendMulticast(by interface: String) throws {
    let index = try #require(InterfaceIndex(name: interface)).rawValue
    if family == .ipv4 {
      try setOption(.bytes(0, 32, "IP_MULTICAST_IF"), to: [0, 0, 0, 0, 0, 0, 0, 0] + index.cBytes)
    } else {
      try setOption(.bytes(41, 17, "IPV6_MULTICAST_IF"), to: index.cBytes)
    }
  }
  fileprivate func join(_ group: SocketAddress, on interface: String) throws {
    let index = try #require(InterfaceIndex(name: interface)).rawValue
    try setOption(
      .bytes(family == .ipv4 ? 0 : 41, 42, "MCAST_JOIN_GROUP"),
      to: index.cBytes + [0, 0, 0, 0] + group.padded)
  }
  fileprivate func join(_ group: SocketAddress, from source: SocketAddress, on interface: String)
    throws
  {
    let index = try #require(InterfaceIndex(name: interface)).rawValue
    try setOption(
      .bytes(family == .ipv4 ? 0 : 41, 46, "MCAST_JOIN_SOURCE_GROUP"),
      to: index.cBytes + [0, 0, 0, 0] + group.padded + source.padded)
  }
}
extension UInt32 {
  fileprivate var cBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}
extension SocketAddress {
  fileprivate var padded: [UInt8] { bytes + [UInt8](repeating: 0, count: 128 - byteCount) }
}
