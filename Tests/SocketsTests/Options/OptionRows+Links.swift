// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

let udpRows: [OptionRow] = [
  flips("datagramCork", .datagramCork),
  sets("encapsulation", .encapsulation, .esp),
  flips("receivesCoalescedDatagrams", .receivesCoalescedDatagrams),
  flips("noChecksumReceiveIPv6", .noChecksumReceiveIPv6),
  flips("noChecksumSendIPv6", .noChecksumSendIPv6),
  sets("segmentSize", .segmentSize, 1200),
  sets("receiveChecksumCoverage", .receiveChecksumCoverage, 20),
  sets("sendChecksumCoverage", .sendChecksumCoverage, 20),
  sets("icmpFilter", .icmpFilter, ICMPFilter(blockedBits: 1 << 8)),
  checks("icmpv6Filter", instead: "read, set to another one, and read back by type") {
    socket, kind in
    var filter = ICMPv6Filter.blockingAll
    filter.setBlocks(129, false)
    let before = try socket.option(.icmpv6Filter)
    try socket.setOption(.icmpv6Filter, to: filter)
    let after = try socket.option(.icmpv6Filter)
    #expect(before == .passingAll && after == filter, "\(kind)")
    #expect(after.blocks(128) && !after.blocks(129), "\(kind)")
  },
  sets("rawChecksumOffset", .rawChecksumOffset, 4),
]

/// Packet sockets are made without a protocol here, and bound to one that nobody speaks (IEEE 802, local
/// experiments): no frame comes to them.
private let link = LinkLayerAddress(interface: loopbackInterface, etherType: 0x88b5)
private let ring = PacketRing(
  blockByteCount: 4096, blockCount: 2, frameByteCount: 2048, frameCount: 4)

let packetRows: [OptionRow] = [
  checks("packetMembershipJoin", instead: "set only: the interface must be there") { socket, kind in
    let none = PacketMembership(
      interface: InterfaceIndex(rawValue: 0x7fff_fff0), kind: .promiscuous)
    #expect(setError(.packetMembershipJoin, none, socket) == .noSuchInterface, "\(kind)")
    let join = PacketMembership(interface: loopbackInterface, kind: .allMulticast)
    try socket.setOption(.packetMembershipJoin, to: join)
  },
  checks("packetMembershipLeave", instead: "set only: a long address is refused") { socket, kind in
    let join = PacketMembership(
      interface: loopbackInterface, kind: .multicast, address: [1, 0, 0x5e, 0, 0, 1])
    try socket.setOption(.packetMembershipJoin, to: join)
    try socket.setOption(.packetMembershipLeave, to: join)
    let long = PacketMembership(
      interface: loopbackInterface, kind: .multicast, address: Array(repeating: 1, count: 9))
    #expect(throws: SocketError.self) {
      try Options.set(.packetMembershipLeave, to: long, of: -1)
    }
  },
  flips("receivesPacketMetadata", .receivesPacketMetadata),
  sets("packetCopyThreshold", .packetCopyThreshold, 100),
  checks("packetFanout", instead: "the socket must be bound first") { socket, kind in
    let group = PacketFanout(group: UInt16(socket.descriptor.rawValue), mode: .roundRobin)
    #expect(setError(.packetFanout, group, socket) == .invalidArgument, "\(kind)")
    try joinFanout(socket, .roundRobin, [.defragment])
    let after = try socket.option(.packetFanout)
    #expect(after.mode == .roundRobin && after.flags == [.defragment], "\(kind)")
  },
  checks("packetFanoutFilter", instead: "set only: the group's mode must be that of a program") {
    socket, kind in
    #expect(setError(.packetFanoutFilter, [.answer(0)], socket) == .invalidArgument, "\(kind)")
    try joinFanout(socket, .classicFilter)
    try socket.setOption(.packetFanoutFilter, to: [.answer(0)])
  },
  reads(
    "packetHeaderSize(of:)", .packetHeaderSize(of: .third),
    instead: "read only: sizes of the kernel's structures"
  ) { _ in 48 },
  flips("packetIgnoreOutgoing", .packetIgnoreOutgoing),
  flips("packetSkipMalformed", .packetSkipMalformed),
  flips("packetOriginalDevice", .packetOriginalDevice),
  flips("packetQueueBypass", .packetQueueBypass),
  sets("packetReservedSpace", .packetReservedSpace, 64),
  checks("packetRolloverStatistics", instead: "read only: a group that rolls over has some") {
    socket, kind in
    #expect(readError(.packetRolloverStatistics, socket) == .invalidArgument, "\(kind)")
    try joinFanout(socket, .rollover)
    let statistics = try socket.option(.packetRolloverStatistics)
    #expect(statistics.attemptCount == 0 && statistics.failureCount == 0, "\(kind)")
  },
  checks("packetReceiveRing", instead: "set only: an odd size is refused") { socket, kind in
    var odd = ring
    odd.frameByteCount = 2047
    #expect(setError(.packetReceiveRing, odd, socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.packetReceiveRing, to: ring)
    #expect(setError(.packetRingVersion, .second, socket) == .resourceBusy, "\(kind)")
    try socket.setOption(.packetReceiveRing, to: PacketRing())
    try socket.setOption(.packetRingVersion, to: .second)
  },
  checks("packetStatistics", instead: "read only: no frame came") { socket, kind in
    let statistics = try socket.option(.packetStatistics)
    #expect(statistics.packetCount == 0 && statistics.dropCount == 0, "\(kind)")
  },
  sets("packetTimestampSource", .packetTimestampSource, [.rawHardware]),
  flips("packetTransmitOffset", .packetTransmitOffset),
  checks("packetTransmitRing", instead: "set only: an odd size is refused") { socket, kind in
    var odd = ring
    odd.frameByteCount = 2047
    #expect(setError(.packetTransmitRing, odd, socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.packetTransmitRing, to: ring)
    #expect(setError(.packetRingVersion, .second, socket) == .resourceBusy, "\(kind)")
    try socket.setOption(.packetTransmitRing, to: PacketRing())
  },
  sets("packetRingVersion", .packetRingVersion, .third),
  flips("packetOffloadHeader", .packetOffloadHeader),
  sets("packetOffloadHeaderSize", .packetOffloadHeaderSize, 12),
]

/// Joins a group that no other test has: the kernel chooses its number.
private func joinFanout(
  _ socket: borrowing MessageSocket, _ mode: PacketFanout.Mode, _ flags: PacketFanout.Flags = []
) throws {
  try socket.bind(to: link.socketAddress)
  let group = PacketFanout(group: 0, mode: mode, flags: flags.union(.uniqueGroup))
  try socket.setOption(.packetFanout, to: group)
}

let linkRows: [OptionRow] = [
  checks("netlinkMembershipJoin", instead: "set only: it shows in the list") { socket, kind in
    try socket.setOption(.netlinkMembershipJoin, to: 1)
    try socket.setOption(.netlinkMembershipJoin, to: 33)
    let groups = try socket.option(.netlinkMemberships)
    #expect(groups == [1, 33], "\(kind)")
  },
  flips("netlinkBroadcastErrors", .netlinkBroadcastErrors),
  flips("netlinkCappedAcknowledgements", .netlinkCappedAcknowledgements),
  checks("netlinkMembershipLeave", instead: "set only: it shows in the list") { socket, kind in
    try socket.setOption(.netlinkMembershipJoin, to: 1)
    try socket.setOption(.netlinkMembershipJoin, to: 5)
    try socket.setOption(.netlinkMembershipLeave, to: 1)
    let groups = try socket.option(.netlinkMemberships)
    #expect(groups == [5], "\(kind)")
  },
  flips("netlinkExtendedAcknowledgements", .netlinkExtendedAcknowledgements),
  flips("netlinkStrictRequests", .netlinkStrictRequests),
  reads(
    "netlinkMemberships", .netlinkMemberships,
    instead: "read only: a fresh socket is in no group"
  ) { _ in [] },
  flips("receivesAllNamespaces", .receivesAllNamespaces, needs: .netBroadcast),
  flips("netlinkNoOverflowErrors", .netlinkNoOverflowErrors),
  flips("receivesNetlinkGroup", .receivesNetlinkGroup),
  sets("vsockMaximumBufferSize", .vsockMaximumBufferSize, 512 << 10),
  sets("vsockMinimumBufferSize", .vsockMinimumBufferSize, 256),
  sets("vsockBufferSize", .vsockBufferSize, 128 << 10),
  sets("vsockConnectTimeout", .vsockConnectTimeout, .milliseconds(1500)),
  refuses(
    "vsockNonBlockingTransfer", .vsockNonBlockingTransfer, true,
    instead: "Linux does not have it", .noSuchOption),
  refusesReading(
    "vsockPeerHostIdentifier", .vsockPeerHostIdentifier,
    instead: "Linux does not have it", .noSuchOption),
  refusesReading(
    "isVsockPeerTrusted", .isVsockPeerTrusted,
    instead: "Linux does not have it", .noSuchOption),
  checks("multipathInformation", instead: "read only: a fresh socket has one path") {
    socket, kind in
    let information = try socket.option(.multipathInformation)
    #expect(information.additionalPathCount == 0 && !information.hasRemoteKey, "\(kind)")
  },
  reads(
    "multipathAddresses", .multipathAddresses,
    instead: "read only: a fresh socket has no address"
  ) { _ in [] },
  reads(
    "multipathTCPInformation", .multipathTCPInformation,
    instead: "read only: a fresh socket has no path"
  ) { _ in [] },
  flips("qualifierIncluded", .qualifierIncluded),
]

/// Reads, sets a different value, and reads back what is reached by `ioctl`.
private func setsControl<Value: Equatable & Sendable>(
  _ swiftName: String, _ control: SocketControl<Value>, _ value: Value
) -> OptionRow {
  OptionRow(swiftName: swiftName, instead: nil, needs: nil) { socket, kind in
    let before = try socket.control(control)
    #expect(before != value, "\(control.cName) on \(kind)")
    try socket.setControl(control, to: value)
    let after = try socket.control(control)
    #expect(after == value, "\(control.cName) on \(kind)")
  }
}

private func readsControl<Value: Equatable & Sendable>(
  _ swiftName: String, _ control: SocketControl<Value>, instead: String, _ value: Value
) -> OptionRow {
  checks(swiftName, instead: instead) { socket, kind in
    let found = try socket.control(control)
    #expect(found == value, "\(control.cName) on \(kind)")
  }
}

/// Those of X.25 are also tried on a kernel that has it, in Tests/UserModeLinuxMachine.
let controlRows: [OptionRow] = [
  readsControl("isAtMark", .isAtMark, instead: "read only: nothing has come", false),
  readsControl("unreadByteCount", .unreadByteCount, instead: "read only: nothing has come", 0),
  readsControl(
    "sendQueueByteCount", .sendQueueByteCount, instead: "read only: nothing was sent", 0),
  readsControl("notSentByteCount", .notSentByteCount, instead: "read only: nothing was sent", 0),
  checks("x25AcceptApproval", instead: "set only: it is taken before listening") { socket, _ in
    try socket.setControl(.x25AcceptApproval, to: ())
  },
  setsControl("x25Cause", .x25Cause, X25Cause(cause: 0x80, diagnostic: 0x40)),
  setsControl("x25CallUserData", .x25CallUserData, Array("hello".utf8)),
  setsControl(
    "x25TerminalFacilities", .x25TerminalFacilities,
    X25TerminalFacilities(callingExtension: [0x12, 0x34], calledExtension: [0x56])),
  setsControl(
    "x25Facilities", .x25Facilities, X25Facilities(receiveWindow: 3, sendWindow: 3)),
  checks("x25Subscription(device:)", instead: "without such a link it is refused") { socket, kind in
    do throws(SocketError) {
      _ = try socket.control(.x25Subscription(device: "nosuch"))
      Issue.record("\(kind) has a link nosuch")
    } catch {
      #expect(error.errno == .invalidArgument, "\(kind)")
    }
  },
  checks("x25MatchLength", instead: "set only: more than the data have is refused") { socket, _ in
    try socket.setControl(.x25MatchLength, to: 4)
    #expect(throws: SocketError.self) { try Options.set(.x25MatchLength, to: 200, of: -1) }
  },
  checks("x25CallAcceptance", instead: "set only: there is no call to accept") { socket, kind in
    do throws(SocketError) {
      try socket.setControl(.x25CallAcceptance, to: ())
      Issue.record("\(kind) accepted a call that is not there")
    } catch {
      #expect(error.errno == .invalidArgument, "\(kind)")
    }
  },
]
