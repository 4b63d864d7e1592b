// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// An extension header of eight bytes with nothing but padding in it (RFC 8200, 4.2).
private let padding: [UInt8] = [0, 0, 1, 4, 0, 0, 0, 0]
/// A routing header of type 4 (RFC 8754): one segment, ::1, which has been reached.
private let routing: [UInt8] =
  [0, 2, 4, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 15) + [1]
private let discard = Port(rawValue: 9)

/// Asks for a label that no other open socket asks for.
private func askForLabel(
  _ action: IPv6FlowLabel.Action, _ socket: borrowing MessageSocket
) -> Errno? {
  let label = UInt32(0x10000 + socket.descriptor.rawValue)
  return setError(
    .flowLabel, IPv6FlowLabel(action, label: label, destination: .loopback), socket)
}

let ipv6Rows: [OptionRow] = [
  refusesReading(
    "originalDestinationIPv6", .originalDestinationIPv6,
    instead: "read only: the connection was not redirected", .noSuchOption,
    .noSuchFileOrDirectory),
  checks("addressForm", instead: "it needs a connection between mapped addresses") { socket, kind in
    let error = setError(.addressForm, .ipv4, socket)
    #expect(error == .socketNotConnected || error == .addressNotAvailable, "\(kind)")
    guard kind == .udpIPv6 else { return }
    try socket.connect(to: .ipv6(IPv6Address(mapping: .loopback), port: discard))
    let before = try socket.option(.family)
    try socket.setOption(.addressForm, to: .ipv4)
    let after = try socket.option(.family)
    #expect(before == .ipv6 && after == .ipv4, "\(kind)")
  },
  sets("addressPreferences", .addressPreferences, [.public], reads: [.public, .home]),
  flips("automaticFlowLabel", .automaticFlowLabel),
  flips("noFragmentation", .noFragmentation),
  sets("destinationOptions", .destinationOptions, padding, needs: .netRaw),
  flips("flowInformationSend", .flowInformationSend),
  checks("flowLabel", instead: "taken, renewed and given back; none is in use") { socket, kind in
    #expect(readError(.flowLabel, socket) == .noSuchFileOrDirectory, "\(kind)")
    #expect(askForLabel(.renew, socket) == .noSuchProcess, "\(kind)")
    #expect(askForLabel(.take, socket) == nil, "\(kind)")
    #expect(askForLabel(.renew, socket) == nil, "\(kind)")
    #expect(askForLabel(.giveBack, socket) == nil, "\(kind)")
    #expect(askForLabel(.giveBack, socket) == .noSuchProcess, "\(kind)")
  },
  flips("freeBindIPv6", .freeBindIPv6),
  flips("headerIncludedIPv6", .headerIncludedIPv6),
  sets("hopOptions", .hopOptions, padding, needs: .netRaw),
  refuses(
    "ipsecPolicyIPv6", .ipsecPolicyIPv6, [0, 0, 0, 0],
    instead: "set only: what is no policy is refused", .invalidArgument, .notOnThisSocket),
  sets("minimumHopLimit", .minimumHopLimit, 5),
  checks("pathMTUIPv6", instead: "it is known once connected; what is set is another fact") {
    socket, kind in
    #expect(readError(.pathMTUIPv6, socket) == .socketNotConnected, "\(kind)")
    #expect(setError(.pathMTUIPv6, 100, socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.pathMTUIPv6, to: 1400)
    guard kind == .udpIPv6 else { return }
    try socket.connect(to: .ipv6(.loopback, port: discard))
    let byteCount = try socket.option(.pathMTUIPv6)
    #expect(byteCount >= 1280, "\(kind)")
  },
  sets("pathMTUDiscoveryIPv6", .pathMTUDiscoveryIPv6, .always),
  checks("pathMTURecord", instead: "read only: it is known once connected") { socket, kind in
    #expect(readError(.pathMTURecord, socket) == .socketNotConnected, "\(kind)")
    guard kind == .udpIPv6 else { return }
    try socket.connect(to: .ipv6(.loopback, port: discard))
    let record = try socket.option(.pathMTURecord)
    #expect(record >= 1280, "\(kind)")
  },
  checks(
    "sourceInformation", instead: "set only: of another interface than the bound one is refused"
  ) { socket, kind in
    try socket.setOption(
      .sourceInformation,
      to: IPv6SourceInformation(address: .loopback, interface: loopbackInterface))
    try socket.setOption(.boundInterface, to: loopbackInterface)
    let other = InterfaceIndex(rawValue: loopbackInterface.rawValue + 1)
    let error = setError(.sourceInformation, IPv6SourceInformation(interface: other), socket)
    #expect(error == .invalidArgument, "\(kind)")
  },
  checks("routerAlertIPv6", instead: "set only: a second time answers EADDRINUSE") { socket, kind in
    try socket.setOption(.routerAlertIPv6, to: 0)
    #expect(setError(.routerAlertIPv6, 0, socket) == .addressInUse, "\(kind)")
    try socket.setOption(.routerAlertIPv6, to: -1)
  },
  flips("routerAlertIsolation", .routerAlertIsolation),
  sets("routingHeader", .routingHeader, routing),
  sets("firstDestinationOptions", .firstDestinationOptions, padding, needs: .netRaw),
  sets("trafficClass", .trafficClass, TrafficClass(codePoint: 10)),
  flips("transparentIPv6", .transparentIPv6, needs: .netAdmin),
  sets("hopLimit", .hopLimit, 7),
  sets("unicastInterfaceIPv6", .unicastInterfaceIPv6, loopbackInterface),
  flips("v6Only", .v6Only),
  checks("transformPolicyIPv6", instead: "set only: it is taken", needs: .netAdmin) {
    socket, kind in
    #expect(setError(.transformPolicyIPv6, [0], socket) == .invalidArgument, "\(kind)")
    try socket.setOption(.transformPolicyIPv6, to: allowingPolicy(.ipv6))
  },
  flips("receivesDestinationOptionsRFC2292", .receivesDestinationOptionsRFC2292, needs: .netRaw),
  flips("receivesHopLimitRFC2292", .receivesHopLimitRFC2292),
  flips("receivesHopOptionsRFC2292", .receivesHopOptionsRFC2292, needs: .netRaw),
  flips("receivesPacketInformationRFC2292", .receivesPacketInformationRFC2292),
  reads(
    "packetOptionsIPv6", .packetOptionsIPv6,
    instead: "read only: no switch is on"
  ) { _ in [] },
  flips("receivesRoutingHeaderRFC2292", .receivesRoutingHeaderRFC2292),
  flips("receivesFlowInformation", .receivesFlowInformation),
  flips("receivesDestinationOptions", .receivesDestinationOptions),
  flips("receivesErrorsIPv6", .receivesErrorsIPv6),
  flips("receivesExtendedErrorsIPv6", .receivesExtendedErrorsIPv6),
  flips("receivesFragmentSizeIPv6", .receivesFragmentSizeIPv6),
  flips("receivesHopLimit", .receivesHopLimit),
  flips("receivesHopOptions", .receivesHopOptions),
  flips("receivesOriginalDestinationIPv6", .receivesOriginalDestinationIPv6),
  flips("receivesPathMTU", .receivesPathMTU),
  flips("receivesPacketInformationIPv6", .receivesPacketInformationIPv6),
  flips("receivesRoutingHeader", .receivesRoutingHeader),
  flips("receivesTrafficClass", .receivesTrafficClass),
]

private let group = IPv6Address(bits: 0xff15 << 112 | 0x1234)
private let source = IPv6Address(bits: 0xfd00 << 112 | 9)
private let secondSource = IPv6Address(bits: 0xfd00 << 112 | 10)
private let membership = IPv6Membership(group: group, interface: loopbackInterface)
private let anycast = IPv6Membership(group: source, interface: loopbackInterface)
private let wide = GroupMembership(group: .ipv6(group), interface: loopbackInterface)
private let wideSource = GroupSourceMembership(
  group: .ipv6(group), source: .ipv6(source), interface: loopbackInterface)

let ipv6MulticastRows: [OptionRow] = [
  checks("membershipJoinIPv6", instead: "set only: a second time answers EADDRINUSE") {
    socket, kind in
    try socket.setOption(.membershipJoinIPv6, to: membership)
    #expect(setError(.membershipJoinIPv6, membership, socket) == .addressInUse, "\(kind)")
  },
  checks("membershipLeaveIPv6", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    #expect(setError(.membershipLeaveIPv6, membership, socket) == .addressNotAvailable, "\(kind)")
    try socket.setOption(.membershipJoinIPv6, to: membership)
    try socket.setOption(.membershipLeaveIPv6, to: membership)
  },
  refuses(
    "anycastJoin", .anycastJoin, anycast,
    instead: "set only: loopback has no prefix for such an address", .addressNotAvailable,
    .notPermitted),
  refuses(
    "anycastLeave", .anycastLeave, anycast,
    instead: "set only: what was not joined cannot be left", .noSuchFileOrDirectory),
  flips("multicastAllIPv6", .multicastAllIPv6),
  sets("multicastHopLimit", .multicastHopLimit, 9),
  sets("multicastInterfaceIPv6", .multicastInterfaceIPv6, loopbackInterface),
  flips("multicastLoopIPv6", .multicastLoopIPv6),
  checks("groupJoinIPv6", instead: "set only: a second time answers EADDRINUSE") { socket, kind in
    try socket.setOption(.groupJoinIPv6, to: wide)
    #expect(setError(.groupJoinIPv6, wide, socket) == .addressInUse, "\(kind)")
  },
  checks("groupLeaveIPv6", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    #expect(setError(.groupLeaveIPv6, wide, socket) == .addressNotAvailable, "\(kind)")
    try socket.setOption(.groupJoinIPv6, to: wide)
    try socket.setOption(.groupLeaveIPv6, to: wide)
  },
  checks("groupSourceJoinIPv6", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.groupSourceJoinIPv6, to: wideSource)
    let filter = try socket.option(.groupSourceFilterIPv6(wide))
    #expect(filter == GroupSourceFilter(.include, [.ipv6(source)]), "\(kind)")
  },
  checks("groupSourceLeaveIPv6", instead: "set only: what was not joined cannot be left") {
    socket, kind in
    let error = setError(.groupSourceLeaveIPv6, wideSource, socket)
    #expect(error == .addressNotAvailable || error == .invalidArgument, "\(kind)")
    try socket.setOption(.groupSourceJoinIPv6, to: wideSource)
    try socket.setOption(.groupSourceLeaveIPv6, to: wideSource)
  },
  checks("groupSourceBlockIPv6", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.groupJoinIPv6, to: wide)
    try socket.setOption(.groupSourceBlockIPv6, to: wideSource)
    let filter = try socket.option(.groupSourceFilterIPv6(wide))
    #expect(filter == GroupSourceFilter(.exclude, [.ipv6(source)]), "\(kind)")
  },
  checks("groupSourceUnblockIPv6", instead: "set only: it shows in the source filter") {
    socket, kind in
    try socket.setOption(.groupJoinIPv6, to: wide)
    try socket.setOption(.groupSourceBlockIPv6, to: wideSource)
    try socket.setOption(.groupSourceUnblockIPv6, to: wideSource)
    let filter = try socket.option(.groupSourceFilterIPv6(wide))
    #expect(filter == GroupSourceFilter(.exclude, []), "\(kind)")
  },
  checks("groupSourceFilterIPv6(_:)", instead: "the group must be joined first") { socket, kind in
    try socket.setOption(.groupJoinIPv6, to: wide)
    let wanted = GroupSourceFilter(.include, [.ipv6(source), .ipv6(secondSource)])
    let before = try socket.option(.groupSourceFilterIPv6(wide))
    try socket.setOption(.groupSourceFilterIPv6(wide), to: wanted)
    let after = try socket.option(.groupSourceFilterIPv6(wide))
    #expect(before != wanted && after == wanted, "\(kind)")
  },
]
