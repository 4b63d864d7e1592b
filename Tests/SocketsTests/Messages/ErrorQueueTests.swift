// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite struct ErrorQueues {
  @Test func aRefusalTellsWhoRefusedWhat() throws {
    let socket = try MessageSocket.bound(to: .loopback(.ipv4))
    try socket.setOption(.flag(0, 11, "IP_RECVERR"), to: true)
    #expect(try socket.tryReceiveError() == nil)
    let nobody = try DeafPort(.loopback(.ipv4), .datagram)
    let target = nobody.address
    try socket.sendDatagram("knock".utf8, to: target)
    let record = try socket.receiveError(deadline: .patience)
    #expect(record.error.errno == .connectionRefused)
    #expect(record.error.origin == .icmp)
    // Destination unreachable, port unreachable.
    #expect(record.error.type == 3 && record.error.code == 3)
    let offender = record.error.offender.flatMap { IPSocketAddress(socketAddress: $0) }
    #expect(offender?.address == .ipv4(.loopback))
    #expect(record.destination == target)
    #expect(record.payload == Array("knock".utf8) && !record.isPayloadTruncated)
    #expect(record.error.pathMTU == nil && record.timestamps == nil)
    #expect(try socket.tryReceiveError() == nil)
  }

  @Test func aRefusalOverIPv6TellsTheSame() throws {
    let socket = try MessageSocket.bound(to: .loopback(.ipv6))
    try socket.setOption(.flag(41, 25, "IPV6_RECVERR"), to: true)
    let nobody = try DeafPort(.loopback(.ipv6), .datagram)
    let target = nobody.address
    try socket.sendDatagram("knock".utf8, to: target)
    let record = try socket.receiveError(payloadLimit: 2, deadline: .patience)
    #expect(record.error.errno == .connectionRefused && record.error.origin == .icmpv6)
    #expect(record.error.type == 1 && record.error.code == 4)
    let offender = record.error.offender.flatMap { IPSocketAddress(socketAddress: $0) }
    #expect(offender?.address == .ipv6(.loopback))
    #expect(
      IPSocketAddress(socketAddress: record.destination)?.port
        == IPSocketAddress(socketAddress: target)?.port)
    #expect(record.payload == Array("kn".utf8) && record.isPayloadTruncated)
  }

  @Test func aPacketTooLargeForTheInterfaceTellsTheMTU() throws {
    let socket = try MessageSocket.bound(to: .loopback(.ipv4))
    try socket.setOption(.flag(0, 11, "IP_RECVERR"), to: true)
    // Never cut packets, and hold the MTU of the socket's path to be that of the interface.
    try socket.setOption(
      SocketOption<Int32>(level: 0, name: 10, cName: "IP_MTU_DISCOVER", coding: .integer), to: 2)
    let large = [UInt8](repeating: 0, count: 65_507)
    let nobody = try DeafPort(.loopback(.ipv4), .datagram)
    let target = nobody.address
    do throws(SocketError) {
      try socket.sendDatagram(large, to: target)
      // The loopback interface's MTU is 65,536 unless somebody changed it.
      let record = try socket.receiveError(deadline: .patience)
      #expect(record.error.errno == .connectionRefused)
    } catch {
      #expect(error.errno == .messageTooLong)
      let record = try socket.receiveError(deadline: .patience)
      #expect(record.error.origin == .local && record.error.pathMTU != nil)
    }
  }

  @Test func timestampsOfWhatWasSentCarryTheirKeys() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    let socket = try MessageSocket.bound(to: .loopback(.ipv4))
    let option = SocketOption<Int32>(
      level: 1, name: 37, cName: "SO_TIMESTAMPING", coding: .integer)
    // Software on sending, reported, with keys, without the payload.
    try socket.setOption(option, to: 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11)
    for key in 0..<3 {
      try socket.sendDatagram("x".utf8, to: receiver.localAddress())
      let record = try socket.receiveError(deadline: .patience)
      #expect(record.error.origin == .transmitStatus && record.error.transmitStage == .sent)
      #expect(record.error.data == UInt32(key))
      #expect(record.timestamps?.software != nil && record.payload.isEmpty)
    }
  }

  @Test func oneMessageMayAskForItsTimestampAlone() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    let socket = try MessageSocket.bound(to: .loopback(.ipv4))
    try socket.setOption(
      SocketOption<Int32>(level: 1, name: 37, cName: "SO_TIMESTAMPING", coding: .integer),
      to: 1 << 4 | 1 << 7 | 1 << 11)
    let control = try ControlMessages(.requestTimestamps([.software, .scheduled]))
    let address = try receiver.localAddress()
    _ = try socket.sendMessage("quiet".utf8, to: address)
    #expect(try socket.tryReceiveError() == nil)
    _ = try socket.sendMessage("loud".utf8, to: address, control: control)
    let first = try socket.receiveError(deadline: .patience)
    let second = try socket.receiveError(deadline: .patience)
    #expect(Set([first, second].map(\.error.transmitStage)) == [.sent, .scheduled])
    #expect(first.error.data == second.error.data)
  }

  /// A record that nobody reads makes the socket ready for ever, and is no message.
  @Test func aReceiveKeepsItsDeadlineBesideAnUnreadRecord() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    let socket = try MessageSocket.bound(to: .loopback(.ipv4))
    try socket.setOption(
      SocketOption<Int32>(level: 1, name: 37, cName: "SO_TIMESTAMPING", coding: .integer),
      to: 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11)
    try socket.sendDatagram("x".utf8, to: receiver.localAddress())
    var buffer = [UInt8](repeating: 0, count: 8)
    var control = ControlBuffer(capacity: 64)
    #expect(throws: SocketError(.receiveMessage, .deadlinePassed)) {
      _ = try socket.receiveMessage(
        into: &buffer, control: &control, deadline: .milliseconds(50))
    }
    #expect(try socket.tryReceiveError() != nil)
  }

  @Test func aDeadlineEndsTheWaitAndAPendingErrorToo() throws {
    let socket = try MessageSocket.bound(to: .loopback(.ipv4))
    #expect(throws: SocketError(.receiveMessage, .deadlinePassed)) {
      try socket.receiveError(deadline: .milliseconds(1))
    }
    // Without the option the refusal is pending on the connected socket, and no record of it is kept.
    let nobody = try DeafPort(.loopback(.ipv4), .datagram)
    try socket.connect(to: nobody.address)
    try socket.write("x".utf8)
    #expect(throws: SocketError(.receiveMessage, .system(.connectionRefused))) {
      try socket.receiveError(deadline: .patience)
    }
  }

  @Test func aFamilyWithoutAnErrorQueueSaysSoAndLosesNothing() throws {
    let wire = try ConnectedSocket.pair()
    try wire.first.write("kept".utf8)
    #expect(throws: SocketError(.receiveMessage, .system(.notSupportedOnSocket))) {
      try wire.second.tryReceiveError()
    }
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(try wire.second.read(into: &buffer) == 4)
  }
}
