// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import Testing

/// A kind of address and the first and last address of each of its blocks.
struct KindRow: Sendable {
  var name: String
  var holds: @Sendable (IPAddress) -> Bool
  var blocks: [String]
}

private func version4(_ holds: @escaping @Sendable (IPv4Address) -> Bool)
  -> @Sendable (IPAddress)
  -> Bool
{
  { $0.ipv4.map(holds) ?? false }
}

private func version6(_ holds: @escaping @Sendable (IPv6Address) -> Bool)
  -> @Sendable (IPAddress)
  -> Bool
{
  { $0.ipv6.map(holds) ?? false }
}

private let kinds: [KindRow] = [
  KindRow(name: "unspecified", holds: version4(\.isUnspecified), blocks: ["0.0.0.0/32"]),
  KindRow(name: "this network", holds: version4(\.isThisNetwork), blocks: ["0.0.0.0/8"]),
  KindRow(name: "loopback", holds: version4(\.isLoopback), blocks: ["127.0.0.0/8"]),
  KindRow(
    name: "private",
    holds: version4(\.isPrivate),
    blocks: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
  ),
  KindRow(name: "shared", holds: version4(\.isShared), blocks: ["100.64.0.0/10"]),
  KindRow(name: "link-local", holds: version4(\.isLinkLocal), blocks: ["169.254.0.0/16"]),
  KindRow(
    name: "documentation",
    holds: version4(\.isDocumentation),
    blocks: ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"]
  ),
  KindRow(name: "benchmarking", holds: version4(\.isBenchmarking), blocks: ["198.18.0.0/15"]),
  KindRow(name: "multicast", holds: version4(\.isMulticast), blocks: ["224.0.0.0/4"]),
  KindRow(
    name: "source-specific",
    holds: version4(\.isSourceSpecificMulticast),
    blocks: ["232.0.0.0/8"]
  ),
  KindRow(name: "reserved", holds: version4(\.isReserved), blocks: ["240.0.0.0/4"]),
  KindRow(name: "broadcast", holds: version4(\.isBroadcast), blocks: ["255.255.255.255/32"]),
  KindRow(name: "unspecified 6", holds: version6(\.isUnspecified), blocks: ["::/128"]),
  KindRow(name: "loopback 6", holds: version6(\.isLoopback), blocks: ["::1/128"]),
  KindRow(name: "mapped", holds: version6(\.isIPv4Mapped), blocks: ["::ffff:0.0.0.0/96"]),
  KindRow(name: "link-local 6", holds: version6(\.isLinkLocal), blocks: ["fe80::/10"]),
  KindRow(name: "site-local", holds: version6(\.isSiteLocal), blocks: ["fec0::/10"]),
  KindRow(name: "unique local", holds: version6(\.isUniqueLocal), blocks: ["fc00::/7"]),
  KindRow(name: "global unicast", holds: version6(\.isGlobalUnicast), blocks: ["2000::/3"]),
  KindRow(
    name: "documentation 6",
    holds: version6(\.isDocumentation),
    blocks: ["2001:db8::/32", "3fff::/20"]
  ),
  KindRow(name: "discard-only", holds: version6(\.isDiscardOnly), blocks: ["100::/64"]),
  KindRow(name: "translated", holds: version6(\.isTranslated), blocks: ["64:ff9b::/96"]),
  KindRow(name: "6to4", holds: version6(\.is6to4), blocks: ["2002::/16"]),
  KindRow(name: "multicast 6", holds: version6(\.isMulticast), blocks: ["ff00::/8"]),
]

@Suite struct IPAddressTests {
  /// Each predicate holds exactly in its blocks: at both ends of each, and not one address beyond.
  @Test func eachKindHoldsExactlyInItsBlocks() throws {
    for kind in kinds {
      let prefixes = try kind.blocks.map { try IPPrefix(parsing: $0) }
      for prefix in prefixes {
        #expect(kind.holds(prefix.address), "\(kind.name): \(prefix.address)")
        #expect(kind.holds(prefix.lastAddress), "\(kind.name): \(prefix.lastAddress)")
        for beyond in [step(prefix.address, -1), step(prefix.lastAddress, 1)].compactMap({ $0 }) {
          #expect(!kind.holds(beyond), "\(kind.name): \(beyond)")
        }
      }
    }
  }

  /// The address before or after, or `nil` behind the ends.
  private func step(_ address: IPAddress, _ distance: Int) -> IPAddress? {
    switch address {
    case .ipv4(let address):
      UInt32(exactly: Int(address.bits) + distance).map { .ipv4(IPv4Address(bits: $0)) }
    case .ipv6(let address):
      distance < 0
        ? (address.bits == 0 ? nil : .ipv6(IPv6Address(bits: address.bits - 1)))
        : (address.bits == .max ? nil : .ipv6(IPv6Address(bits: address.bits + 1)))
    }
  }

  @Test func sourceSpecificGroupsOfVersion6HaveNoPrefixOfTheirOwn() throws {
    #expect(try IPv6Address(parsing: "ff3e::8000:1").isSourceSpecificMulticast)
    #expect(try !IPv6Address(parsing: "ff3e:40:2001:db8::1").isSourceSpecificMulticast)
    #expect(try !IPv6Address(parsing: "ff0e::1").isSourceSpecificMulticast)
  }

  @Test func aGroupTellsItsScopeAndWhetherItNeedsAZone() throws {
    #expect(IPv6Address.allNodes.multicastScope == 2)
    #expect(IPv6Address.allNodes.needsZone)
    #expect(try IPv6Address(parsing: "ff0e::1").multicastScope == 14)
    #expect(try !IPv6Address(parsing: "ff0e::1").needsZone)
    #expect(try IPv6Address(parsing: "fe80::1").needsZone)
    #expect(IPv6Address.loopback.multicastScope == nil)
  }

  @Test func mappedAndPlainAddressesAreNeverEqualByThemselves() throws {
    let mapped = IPAddress.ipv6(IPv6Address(mapping: .loopback))
    #expect(mapped != .ipv4(.loopback))
    #expect(mapped.unmapped == .ipv4(.loopback))
    #expect(mapped.description == "::ffff:127.0.0.1")
    #expect(IPAddress.ipv6(.loopback).unmapped == .ipv6(.loopback))
    let place = IPSocketAddress(IPv6Address(mapping: .loopback), port: 80)
    #expect(place.unmapped == IPSocketAddress(IPv4Address.loopback, port: 80))
  }

  @Test func addressesWithDifferentZonesAreDifferent() throws {
    let plain = try IPv6Address(parsing: "fe80::1")
    let zoned = try IPv6Address(parsing: "fe80::1%7")
    #expect(plain != zoned)
    #expect(plain < zoned)
    #expect(zoned.withoutZone == plain)
    #expect(zoned.numericDescription == "fe80::1%7")
  }

  @Test func addressesAreOrderedAsNumbersAndVersion4First() throws {
    let texts = ["0.0.0.0", "9.0.0.0", "10.0.0.0", "255.255.255.255", "::", "::1", "1::", "ff::"]
    let addresses = try texts.map { try IPAddress(parsing: $0) }
    #expect(addresses.shuffled().sorted() == addresses)
  }

  /// RFC 5952, sections 4 and 5.
  @Test(arguments: [
    ("2001:0db8::0001", "2001:db8::1"),
    ("2001:DB8:0:0:0:0:2:1", "2001:db8::2:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("0:0:0:0:0:ffff:c000:201", "::ffff:192.0.2.1"),
    ("0:0:0:0:0:0:0:0", "::"), ("1:0:0:0:0:0:0:0", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
  ])
  func version6PrintsInItsOneForm(text: String, printed: String) throws {
    #expect(try IPv6Address(parsing: text).description == printed)
  }

  @Test func addressesAreSmallAndInline() {
    #expect(MemoryLayout<IPv4Address>.size == 4)
    #expect(MemoryLayout<IPv6Address>.size == 20)
    #expect(MemoryLayout<Port>.size == 2)
    #expect(MemoryLayout<IPSocketAddress>.size <= 32)
    #expect(MemoryLayout<SocketAddress>.size == 136)
  }
}

@Suite struct IPPrefixTests {
  @Test func aPrefixHoldsItsAddressesAndNoOther() throws {
    let prefix = try IPPrefix(parsing: "172.16.0.0/12")
    #expect(prefix.contains(try IPAddress(parsing: "172.31.255.255")))
    #expect(!prefix.contains(try IPAddress(parsing: "172.32.0.0")))
    #expect(!prefix.contains(try IPAddress(parsing: "::ffff:172.16.0.1")))
    #expect(try IPPrefix(parsing: "fe80::/10").contains(IPAddress(parsing: "fe80::1%7")))
    #expect(try IPPrefix(parsing: "0.0.0.0/0").contains(.ipv4(.broadcast)))
    #expect(try IPPrefix(parsing: "::/0").contains(.ipv6(.loopback)))
  }

  @Test func prefixesHoldPrefixesAndOverlap() throws {
    let wide = try IPPrefix(parsing: "10.0.0.0/8")
    let narrow = try IPPrefix(parsing: "10.1.0.0/16")
    let other = try IPPrefix(parsing: "10.2.0.0/16")
    #expect(wide.contains(narrow) && !narrow.contains(wide) && wide.contains(wide))
    #expect(wide.overlaps(narrow) && narrow.overlaps(wide) && !narrow.overlaps(other))
    #expect([other, narrow, wide].sorted() == [wide, narrow, other])
    #expect(wide.lastAddress.description == "10.255.255.255")
  }

  @Test func aPrefixIsNotMadeOfWhatIsNone() throws {
    let address = try IPAddress(parsing: "10.1.2.3")
    #expect(IPPrefix(address, length: 8) == nil)
    #expect(IPPrefix(address, length: 32) != nil)
    #expect(IPPrefix(address, length: 33) == nil)
    #expect(IPPrefix(address, length: -1) == nil)
    #expect(IPPrefix(containing: address, length: 8)?.description == "10.0.0.0/8")
    #expect(IPPrefix(containing: address, length: 0)?.description == "0.0.0.0/0")
    #expect(IPPrefix(try IPAddress(parsing: "fe80::%7"), length: 64) == nil)
  }
}

@Suite struct PortTests {
  @Test func eachPortIsInExactlyOneRange() {
    for number in UInt16.min ... .max {
      let port = Port(rawValue: number)
      let ranges = [port.isWellKnown, port.isRegistered, port.isEphemeral]
      guard ranges.count(where: { $0 }) != 1 else { continue }
      Issue.record("port \(number) is in \(ranges)")
    }
    #expect(Port.wellKnown.upperBound == 1023)
    #expect(Port.registered.upperBound == 49151)
    #expect(Port.ephemeral.upperBound == 65535)
  }

  @Test func aNumberThatDoesNotFitIsNoPort() {
    #expect(Port(exactly: -1) == nil)
    #expect(Port(exactly: 65536) == nil)
    #expect(Port(exactly: 65535) == 65535)
  }
}
