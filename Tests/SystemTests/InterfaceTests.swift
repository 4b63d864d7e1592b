// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// Interfaces of a host of our own, beside what `ip` says of them.
@Suite(.blocking, .requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct InterfaceTests {
  /// An interface as `ip -j addr` prints it.
  private struct Link: Decodable {
    var ifindex: UInt32
    var ifname: String
    var flags: [String]
    var mtu: UInt32
    var operstate: String
    var address: String?
    var broadcast: String?
    var addr_info: [Address]
  }

  /// One of its addresses.
  private struct Address: Decodable {
    var family: String
    var local: String
    var prefixlen: Int
    var address: String?
    var broadcast: String?
    var scope: String
    var tentative: Bool?
    var secondary: Bool?
  }

  private static func linksOfIP(_ host: NetworkHost) throws -> [Link] {
    let text = try host.run {
      let process = try ChildProcess("ip", ["-j", "addr"])
      #expect(try process.waitForExit() == 0)
      return process.text
    }
    return try JSONDecoder().decode([Link].self, from: Data(text.utf8))
  }

  /// Holds our view of a host against that of `ip`.
  private static func compare(_ host: NetworkHost) throws {
    let theirs = try linksOfIP(host)
    let ours = try host.run { try NetworkInterface.all() }
    try #require(ours.map(\.name) == theirs.map(\.ifname))
    for (own, link) in zip(ours, theirs) {
      #expect(own.index.rawValue == link.ifindex)
      #expect(own.mtu == link.mtu)
      #expect(own.operationalState.cName == "IF_OPER_" + link.operstate)
      // `ip` adds words that are no flags, and shows the absence of IFF_RUNNING instead of its presence.
      let flags = Set(own.flags.description.split(separator: "|").map { $0.dropFirst(4) })
      let named = Set(link.flags.map { Substring($0) }).subtracting(["NO-CARRIER", "M-DOWN"])
      #expect(flags.subtracting(["RUNNING"]) == named)
      #expect(own.hardwareAddress.description == link.address ?? "")
      #expect(own.broadcastHardwareAddress.description == link.broadcast ?? "")
      try #require(own.addresses.count == link.addr_info.count)
      for (address, info) in zip(own.addresses, link.addr_info) { expect(address, info, own.index) }
    }
  }

  private static func expect(
    _ address: InterfaceAddress, _ info: Address, _ interface: InterfaceIndex
  ) {
    #expect(address.family == (info.family == "inet" ? .ipv4 : .ipv6))
    #expect(address.address.withoutZone == IPAddress(info.local))
    #expect(address.prefixLength == info.prefixlen)
    #expect(address.peer == info.address.flatMap(IPAddress.init))
    #expect(address.broadcast == info.broadcast.flatMap(IPv4Address.init))
    let scopes: [String: InterfaceAddress.Scope] = [
      "global": .universe, "site": .site, "link": .link, "host": .host,
    ]
    #expect(address.scope == scopes[info.scope])
    #expect(address.flags.contains(.tentative) == (info.tentative ?? false))
    #expect(address.flags.contains(.secondary) == (info.secondary ?? false))
    if case .ipv6(let six) = address.address, six.isLinkLocal {
      #expect(six.zone == interface.rawValue)
    }
  }

  @Test func weAndIPSeeTheSame() throws {
    let hosts = try TwoHosts()
    try hosts.left.configure(
      "addr add 10.0.0.9/24 broadcast 10.0.0.255 dev left",
      "addr add 10.9.0.1 peer 10.9.0.2/32 dev left",
      "addr add 192.0.2.1/24 scope link dev left",
      "addr add fd00::9 peer fd00::10/128 dev left nodad",
      "link add bridge type bridge",
      "link add idle mtu 1400 type veth peer name other",
      "link set dev left mtu 1450"
    )
    try Self.compare(hosts.left)
    try Self.compare(hosts.right)
    let left = try #require(try hosts.left.run { try NetworkInterface.named("left") })
    #expect(left.hardwareAddress == HardwareAddress(2, 0, 0, 0, 0, 1))
    #expect(left.operationalState == .up)
    #expect(left.mtu == 1450)
    let idle = try #require(try hosts.left.run { try NetworkInterface.named("idle") })
    #expect(!idle.flags.contains(.up))
    #expect(idle.operationalState == .down)
    #expect(idle.mtu == 1400)
    #expect(try hosts.right.run { try NetworkInterface.named("left") } == nil)
  }

  /// More than one datagram's worth, of links and of addresses.
  @Test func aLongListIsReadToItsEnd() throws {
    let host = try NetworkHost()
    let script = (1...60).flatMap { number in
      ["link add a\(number) type veth peer name b\(number)"]
        + (1...4).map { "addr add 10.\(number).\($0).1/24 dev a\(number)" }
    }
    let text = try host.run {
      let process = try ChildProcess("ip", ["-batch", "-"])
      process.write(script.joined(separator: "\n") + "\n")
      process.closeInput()
      return try process.waitForExit() == 0 ? nil : process.text
    }
    try #require(text == nil)
    try Self.compare(host)
    #expect(try host.run { try NetworkInterface.all().count } == 121)
  }
}

extension IPAddress {
  /// The address as it is on every link.
  fileprivate var withoutZone: IPAddress {
    if case .ipv6(let address) = self { .ipv6(address.withoutZone) } else { self }
  }
}
