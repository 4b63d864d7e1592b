// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// `struct xfrm_userpolicy_info`, 168 bytes: everything that leaves, for a family, is allowed.
func allowingPolicy(_ family: AddressFamily) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 168)
  bytes[40] = UInt8(family.rawValue)
  bytes[160] = 1
  return bytes
}

let ipv4Rows: [OptionRow] = [
  flips("bindAddressNoPort", .bindAddressNoPort),
  flips("receivesChecksum", .receivesChecksum),
  flips("freeBindIPv4", .freeBindIPv4),
  flips("headerIncludedIPv4", .headerIncludedIPv4),
  refuses(
    "ipsecPolicyIPv4", .ipsecPolicyIPv4, [0, 0, 0, 0],
    instead: "set only: what is no policy is refused", .invalidArgument, .notOnThisSocket),
  sets("localPortRange", .localPortRange, LocalPortRange(lowest: 40000, highest: 40010)),
  sets("minimumTimeToLive", .minimumTimeToLive, 5),
  checks("pathMTUIPv4", instead: "read only: it is known once connected") { socket, kind in
    #expect(readError(.pathMTUIPv4, socket) == .socketNotConnected, "\(kind)")
    guard kind == .udpIPv4 else { return }
    try socket.connect(to: .ipv4(.loopback, port: Port(rawValue: 9)))
    let byteCount = try socket.option(.pathMTUIPv4)
    #expect(byteCount >= 1280, "\(kind)")
  },
  sets("pathMTUDiscoveryIPv4", .pathMTUDiscoveryIPv4, .always),
  flips("noDefragmentation", .noDefragmentation),
  sets("ipOptions", .ipOptions, [1, 1, 1, 0]),
  reads(
    "packetOptionsIPv4", .packetOptionsIPv4,
    instead: "read only: no switch is on"
  ) { _ in [] },
  reads("ipProtocol", .ipProtocol, instead: "read only: as it was made") { $0.protocolNumber },
  checks("routerAlertIPv4", instead: "a second time answers EADDRINUSE") { socket, kind in
    try socket.setOption(.routerAlertIPv4, to: true)
    #expect(setError(.routerAlertIPv4, true, socket) == .addressInUse, "\(kind)")
    try socket.setOption(.routerAlertIPv4, to: false)
  },
  sets("typeOfService", .typeOfService, TrafficClass(codePoint: 10)),
  flips("transparentIPv4", .transparentIPv4, needs: .netAdmin),
  sets("timeToLive", .timeToLive, 7),
  sets("unicastInterfaceIPv4", .unicastInterfaceIPv4, loopbackInterface),
  checks("transformPolicyIPv4", instead: "set only: it is taken", needs: .netAdmin) {
    socket, kind in
    #expect(setError(.transformPolicyIPv4, [0], socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.transformPolicyIPv4, to: allowingPolicy(.ipv4))
  },
  refusesReading(
    "originalDestinationIPv4", .originalDestinationIPv4,
    instead: "read only: the connection was not redirected", .noSuchOption,
    .noSuchFileOrDirectory),
  flips("receivesSecurityLabelsIPv4", .receivesSecurityLabelsIPv4),
  flips("receivesPacketInformationIPv4", .receivesPacketInformationIPv4),
  flips("receivesErrorsIPv4", .receivesErrorsIPv4),
  flips("receivesExtendedErrorsIPv4", .receivesExtendedErrorsIPv4),
  flips("receivesFragmentSizeIPv4", .receivesFragmentSizeIPv4),
  flips("receivesOptionsIPv4", .receivesOptionsIPv4),
  flips("receivesOriginalDestinationIPv4", .receivesOriginalDestinationIPv4),
  flips("receivesTypeOfService", .receivesTypeOfService),
  flips("receivesTimeToLive", .receivesTimeToLive),
  flips("receivesReturnOptionsIPv4", .receivesReturnOptionsIPv4),
]

private let group = IPv4Address(239, 1, 2, 3)
private let source = IPv4Address(127, 0, 0, 9)
private let membership = IPv4Membership(group: group, interface: loopbackInterface)
private let sourceMembership = IPv4SourceMembership(
  group: group, source: source, interfaceAddress: .loopback)
private let wide = GroupMembership(group: .ipv4(group), interface: loopbackInterface)
private let wideSource = GroupSourceMembership(
  group: .ipv4(group), source: .ipv4(source), interface: loopbackInterface)

let ipv4MulticastRows: [OptionRow] = [
  checks("membershipJoinIPv4", instead: "set only: a second time answers EADDRINUSE") {
    socket, kind in
    try socket.setOption(.membershipJoinIPv4, to: membership)
    #expect(setError(.membershipJoinIPv4, membership, socket) == .addressInUse, "\(kind)")
  },
  checks("membershipLeaveIPv4", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    #expect(setError(.membershipLeaveIPv4, membership, socket) == .addressNotAvailable, "\(kind)")
    try socket.setOption(.membershipJoinIPv4, to: membership)
    try socket.setOption(.membershipLeaveIPv4, to: membership)
  },
  checks("sourceMembershipJoinIPv4", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.sourceMembershipJoinIPv4, to: sourceMembership)
    let filter = try socket.option(.sourceFilterIPv4(group: group, interface: .loopback))
    #expect(filter == IPv4SourceFilter(.include, [source]), "\(kind)")
  },
  checks("sourceBlockIPv4", instead: "set only: it shows in the source filter") { socket, kind in
    try socket.setOption(.membershipJoinIPv4, to: membership)
    try socket.setOption(.sourceBlockIPv4, to: sourceMembership)
    let filter = try socket.option(.sourceFilterIPv4(group: group, interface: .loopback))
    #expect(filter == IPv4SourceFilter(.exclude, [source]), "\(kind)")
  },
  checks("sourceUnblockIPv4", instead: "set only: it shows in the source filter") { socket, kind in
    try socket.setOption(.membershipJoinIPv4, to: membership)
    try socket.setOption(.sourceBlockIPv4, to: sourceMembership)
    try socket.setOption(.sourceUnblockIPv4, to: sourceMembership)
    let filter = try socket.option(.sourceFilterIPv4(group: group, interface: .loopback))
    #expect(filter == IPv4SourceFilter(.exclude, []), "\(kind)")
  },
  checks("sourceMembershipLeaveIPv4", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    let error = setError(.sourceMembershipLeaveIPv4, sourceMembership, socket)
    #expect(error == .addressNotAvailable || error == .invalidArgument, "\(kind)")
    try socket.setOption(.sourceMembershipJoinIPv4, to: sourceMembership)
    try socket.setOption(.sourceMembershipLeaveIPv4, to: sourceMembership)
  },
  checks("sourceFilterIPv4(group:interface:)", instead: "the group must be joined first") {
    socket, kind in
    try socket.setOption(.membershipJoinIPv4, to: membership)
    let option = SocketOption.sourceFilterIPv4(group: group, interface: .loopback)
    let wanted = IPv4SourceFilter(.include, [source, IPv4Address(127, 0, 0, 10)])
    let before = try socket.option(option)
    try socket.setOption(option, to: wanted)
    let after = try socket.option(option)
    #expect(before != wanted && after == wanted, "\(kind)")
  },
  flips("multicastAllIPv4", .multicastAllIPv4),
  sets("multicastInterfaceIPv4", .multicastInterfaceIPv4, .loopback),
  checks("multicastInterfaceIndexIPv4", instead: "set only: the interface must be there") {
    socket, kind in
    try socket.setOption(.multicastInterfaceIndexIPv4, to: loopbackInterface)
    let none = InterfaceIndex(rawValue: 0x7fff_fff0)
    let error = setError(.multicastInterfaceIndexIPv4, none, socket)
    #expect(error == .addressNotAvailable, "\(kind)")
  },
  flips("multicastLoopIPv4", .multicastLoopIPv4),
  sets("multicastTimeToLive", .multicastTimeToLive, 9),
  checks("groupJoinIPv4", instead: "set only: a second time answers EADDRINUSE") { socket, kind in
    try socket.setOption(.groupJoinIPv4, to: wide)
    #expect(setError(.groupJoinIPv4, wide, socket) == .addressInUse, "\(kind)")
  },
  checks("groupLeaveIPv4", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    #expect(setError(.groupLeaveIPv4, wide, socket) == .addressNotAvailable, "\(kind)")
    try socket.setOption(.groupJoinIPv4, to: wide)
    try socket.setOption(.groupLeaveIPv4, to: wide)
  },
  checks("groupSourceJoinIPv4", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.groupSourceJoinIPv4, to: wideSource)
    let filter = try socket.option(.groupSourceFilterIPv4(wide))
    #expect(filter == GroupSourceFilter(.include, [.ipv4(source)]), "\(kind)")
  },
  checks("groupSourceLeaveIPv4", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    let error = setError(.groupSourceLeaveIPv4, wideSource, socket)
    #expect(error == .addressNotAvailable || error == .invalidArgument, "\(kind)")
    try socket.setOption(.groupSourceJoinIPv4, to: wideSource)
    try socket.setOption(.groupSourceLeaveIPv4, to: wideSource)
  },
  checks("groupSourceBlockIPv4", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.groupJoinIPv4, to: wide)
    try socket.setOption(.groupSourceBlockIPv4, to: wideSource)
    let filter = try socket.option(.groupSourceFilterIPv4(wide))
    #expect(filter == GroupSourceFilter(.exclude, [.ipv4(source)]), "\(kind)")
  },
  checks("groupSourceUnblockIPv4", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.groupJoinIPv4, to: wide)
    try socket.setOption(.groupSourceBlockIPv4, to: wideSource)
    try socket.setOption(.groupSourceUnblockIPv4, to: wideSource)
    let filter = try socket.option(.groupSourceFilterIPv4(wide))
    #expect(filter == GroupSourceFilter(.exclude, []), "\(kind)")
  },
  checks("groupSourceFilterIPv4(_:)", instead: "the group must be joined first") { socket, kind in
    try socket.setOption(.groupJoinIPv4, to: wide)
    let wanted = GroupSourceFilter(.include, [.ipv4(source), .ipv4(IPv4Address(127, 0, 0, 10))])
    let before = try socket.option(.groupSourceFilterIPv4(wide))
    try socket.setOption(.groupSourceFilterIPv4(wide), to: wanted)
    let after = try socket.option(.groupSourceFilterIPv4(wide))
    #expect(before != wanted && after == wanted, "\(kind)")
  },
]
