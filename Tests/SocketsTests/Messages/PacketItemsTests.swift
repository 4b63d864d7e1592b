// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// What travels beside datagrams of IP, sent and received over the loopback interface.
@Suite struct PacketItems {
  /// A receiver with the switches on, and a sender.
  private struct Wire: ~Copyable {
    let receiver: MessageSocket
    let sender: MessageSocket
    let address: SocketAddress
    var control: ControlBuffer
    var buffer = [UInt8](repeating: 0, count: 256)

    init(_ family: AddressFamily, _ switches: SocketOption<Bool>...) throws {
      let receiver = try MessageSocket.bound(to: .loopback(family))
      let sender = try MessageSocket.bound(to: .loopback(family))
      let address = try receiver.localAddress()
      for option in switches { try receiver.setOption(option, to: true) }
      self.receiver = receiver
      self.sender = sender
      self.address = address
      control = ControlBuffer()
    }

    /// Sends one datagram and takes it in.
    mutating func pass(_ items: ControlMessage...) throws {
      var control = ControlMessages()
      for item in items { try control.append(item) }
      let sent = try sender.sendMessage("data".utf8, to: address, control: control)
      #expect(sent == 4)
      let message = try receiver.receiveMessage(
        into: &buffer, control: &self.control, deadline: .patience)
      let sender = try sender.localAddress()
      #expect(message.byteCount == 4 && message.originalByteCount == 4)
      #expect(message.sender == sender)
      #expect(!message.isTruncated && !message.isControlTruncated)
    }
  }

  @Test func anIPv4PacketTellsItsWayItsLifeAndItsService() throws {
    var wire = try Wire(
      .ipv4, .flag(0, 8, "IP_PKTINFO"), .flag(0, 12, "IP_RECVTTL"), .flag(0, 13, "IP_RECVTOS"))
    let service = TrafficClass(codePoint: 10, congestion: .capableZero)
    try wire.pass(.timeToLive(7), .typeOfService(service))
    let info = wire.control.packetInfo
    #expect(info?.localAddress == .ipv4(.loopback))
    #expect(info?.destination == .ipv4(.loopback))
    #expect(info?.interface == InterfaceIndex(name: "lo"))
    #expect(wire.control.timeToLive == 7)
    #expect(wire.control.trafficClass == service)
    #expect(wire.control.trafficClass?.congestion == .capableZero)
    #expect(wire.control.hopLimit == nil && wire.control.timestamps == nil)
    let kinds = wire.control.messages
    #expect(kinds.count == 3 && kinds.contains(.timeToLive(7)))
    #expect(kinds.contains(.typeOfService(service)))
  }

  @Test func anIPv6PacketTellsItsWayItsLifeAndItsClass() throws {
    var wire = try Wire(
      .ipv6, .flag(41, 49, "IPV6_RECVPKTINFO"), .flag(41, 51, "IPV6_RECVHOPLIMIT"),
      .flag(41, 66, "IPV6_RECVTCLASS"))
    let service = TrafficClass(codePoint: 46, congestion: .congestionExperienced)
    try wire.pass(.hopLimit(9), .trafficClass(service))
    #expect(wire.control.packetInfo?.localAddress == .ipv6(.loopback))
    #expect(wire.control.packetInfo?.interface == InterfaceIndex(name: "lo"))
    #expect(wire.control.hopLimit == 9)
    #expect(wire.control.trafficClass == service)
  }

  @Test func theSourceOfADatagramIsChosenWithIt() throws {
    var wire = try Wire(.ipv4, .flag(0, 8, "IP_PKTINFO"))
    let sender = try MessageSocket(.ipv4)
    let source = IPAddress.ipv4(IPv4Address(127, 0, 0, 9))
    let control = try ControlMessages(
      .packetInfo(PacketInfo(source: source, interface: InterfaceIndex(name: "lo") ?? .any)))
    _ = try sender.sendMessage("x".utf8, to: wire.address, control: control)
    let message = try wire.receiver.receiveMessage(
      into: &wire.buffer, control: &wire.control, deadline: .patience)
    #expect(IPSocketAddress(socketAddress: message.sender)?.address == source)
  }

  @Test func theSourceOfAnIPv6DatagramIsChosenWithIt() throws {
    var wire = try Wire(.ipv6, .flag(41, 49, "IPV6_RECVPKTINFO"))
    try wire.pass(.packetInfo(PacketInfo(source: .ipv6(.loopback))))
    // An address that is not this machine's is refused.
    let foreign = IPAddress.ipv6(IPv6Address(bits: 0x2001_0db8 << 96 | 1))
    let control = try ControlMessages(.packetInfo(PacketInfo(source: foreign)))
    #expect(
      throws: SocketError(
        .sendMessage, .system(.invalidArgument), subject: .address(wire.address))
    ) {
      try wire.sender.sendMessage("x".utf8, to: wire.address, control: control)
    }
  }

  @Test(arguments: [
    SocketOption<Bool>.flag(1, 29, "SO_TIMESTAMP"), .flag(1, 35, "SO_TIMESTAMPNS"),
    .flag(1, 63, "SO_TIMESTAMP_NEW"), .flag(1, 64, "SO_TIMESTAMPNS_NEW"),
  ])
  func theKernelNotesWhenADatagramCame(_ option: SocketOption<Bool>) throws {
    var wire = try Wire(.ipv4, option)
    try wire.pass()
    guard let arrival = wire.control.timestamps?.software else { throw Missing() }
    // Later than this was written, and of this century.
    #expect(arrival.seconds > 1_700_000_000 && arrival.seconds < 4_200_000_000)
    #expect(arrival.nanoseconds < 1_000_000_000)
    #expect(wire.control.timestamps?.hardware == nil)
    #expect(arrival.durationSinceEpoch.components.seconds == arrival.seconds)
  }

  @Test func softwareTimestampsComeInTheLongForm() throws {
    var wire = try Wire(.ipv6)
    // Receive by software, and report software.
    let option = SocketOption<Int32>(
      level: 1, name: 37, cName: "SO_TIMESTAMPING", coding: .integer)
    try wire.receiver.setOption(option, to: 1 << 3 | 1 << 4)
    // The kernel switches time stamping on in the background, so the first datagrams may have none.
    let end = Deadline.patience
    while wire.control.timestamps?.software == nil, !end.hasPassed { try wire.pass() }
    #expect(wire.control.timestamps?.software != nil)
    #expect(wire.control.timestamps?.hardware == nil)
  }

  @Test func whatTheSocketDroppedIsCounted() throws {
    let wire = try Wire(.ipv4, .flag(1, 40, "SO_RXQ_OVFL"))
    try wire.receiver.setOption(
      SocketOption<Int32>(level: 1, name: 8, cName: "SO_RCVBUF", coding: .integer), to: 1)
    let large = [UInt8](repeating: 7, count: 1000)
    for _ in 0..<40 { try wire.sender.sendDatagram(large, to: wire.address) }
    var control = ControlBuffer()
    var buffer = [UInt8](repeating: 0, count: 1000)
    while try wire.receiver.tryReceiveMessage(into: &buffer, control: &control) != nil {}
    try wire.sender.sendDatagram(large, to: wire.address)
    _ = try wire.receiver.receiveMessage(into: &buffer, control: &control, deadline: .patience)
    guard let dropped = control.dropCount else { throw Missing() }
    #expect(dropped > 0 && dropped < 40)
  }

  @Test func theOriginalDestinationIsKnown() throws {
    var wire = try Wire(.ipv4, .flag(0, 20, "IP_RECVORIGDSTADDR"))
    try wire.pass()
    #expect(wire.control.originalDestination == wire.address)
    var other = try Wire(.ipv6, .flag(41, 74, "IPV6_RECVORIGDSTADDR"))
    try other.pass()
    #expect(
      other.control.originalDestination.flatMap { IPSocketAddress(socketAddress: $0) }
        == IPSocketAddress(socketAddress: other.address))
  }

  @Test func theKernelCutsAMessageIntoDatagramsAndPutsThemTogether() throws {
    let wire = try Wire(.ipv4)
    let control = try ControlMessages(.segmentSize(100))
    let bytes = (0..<250).map { UInt8($0) }
    #expect(try wire.sender.sendMessage(bytes, to: wire.address, control: control) == 250)
    var buffer = [UInt8](repeating: 0, count: 256)
    for count in [100, 100, 50] {
      let datagram = try wire.receiver.receiveDatagram(into: &buffer, deadline: .patience)
      #expect(datagram.byteCount == count)
    }
    try wire.receiver.setOption(.flag(17, 104, "UDP_GRO"), to: true)
    #expect(try wire.sender.sendMessage(bytes, to: wire.address, control: control) == 250)
    var received = ControlBuffer()
    let message = try wire.receiver.receiveMessage(
      into: &buffer, control: &received, deadline: .patience)
    #expect(message.byteCount == 250)
    #expect(received.coalescedSegmentSize == 100)
    #expect(received.messages == [.coalescedSegmentSize(100)])
  }

  @Test(.requires(.capability(.netAdmin))) func aMarkGoesWithAMessage() throws {
    var wire = try Wire(.ipv4)
    // The receiver sees the mark of a packet that stays on this machine (Linux 5.19).
    try wire.receiver.setOption(.flag(1, 75, "SO_RCVMARK"), to: true)
    try wire.pass(.mark(43))
    #expect(wire.control.messages == [.mark(43)])
  }

  @Test func anItemThatTheFamilyWouldDropIsAnError() throws {
    let four = try Wire(.ipv4)
    let unix = try ConnectedSocket.pair()
    for item in [
      ControlMessage.hopLimit(1), .trafficClass(TrafficClass(rawValue: 1)),
      .packetInfo(PacketInfo(source: .ipv6(.loopback))), .credentials(.current),
    ] {
      let control = try ControlMessages(item)
      #expect(
        throws: SocketError(
          .sendMessage, .wrongAddressFamily, subject: .address(four.address))
      ) {
        try four.sender.sendMessage("x".utf8, to: four.address, control: control)
      }
    }
    for item in [ControlMessage.hopLimit(1), .timeToLive(1), .segmentSize(10)] {
      let control = try ControlMessages(item)
      #expect(throws: SocketError(.sendMessage, .wrongAddressFamily)) {
        try unix.first.sendMessage("x".utf8, control: control)
      }
    }
    #expect(throws: SocketError(.sendMessage, .system(.invalidArgument))) {
      try ControlMessages(.dropCount(1))
    }
    #expect(throws: SocketError(.sendMessage, .system(.invalidArgument))) {
      try ControlMessages(.other(level: 1, type: 1, bytes: [1, 0, 0, 0]))
    }
  }

  @Test func anItemThatTheKernelDoesNotKnowIsItsError() throws {
    let wire = try Wire(.ipv4)
    let control = try ControlMessages(.other(level: 1, type: 9999, bytes: [1, 2, 3]))
    #expect(
      throws: SocketError(
        .sendMessage, .system(.invalidArgument), subject: .address(wire.address))
    ) {
      try wire.sender.sendMessage("x".utf8, to: wire.address, control: control)
    }
  }
}
