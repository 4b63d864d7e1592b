// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An address of IP version 6: 128 bits, and a zone for those that are valid on one link only.
///
/// A trivial value. Two addresses are equal when bits and zone are; an IPv4-mapped address never
/// equals the IPv4 address inside it, see ``unmapped``.
///
/// The corresponding C types are `struct in6_addr` and the `sin6_scope_id` of `struct
/// sockaddr_in6`.
public struct IPv6Address: Hashable, Sendable {
  /// The first eight bytes as a number in the machine's own byte order.
  var high: UInt64
  /// The last eight bytes as a number in the machine's own byte order.
  var low: UInt64
  /// The zone (RFC 4007): on Linux the index of an interface; 0 for none.
  ///
  /// A link-local address cannot be connected to without one. The corresponding C field is
  /// `sin6_scope_id`.
  public var zone: UInt32

  /// Makes an address from its number.
  ///
  /// - Parameters:
  ///   - bits: the address; `::1` is 1.
  ///   - zone: the zone, 0 for none.
  public init(bits: UInt128, zone: UInt32 = 0) {
    high = UInt64(truncatingIfNeeded: bits >> 64)
    low = UInt64(truncatingIfNeeded: bits)
    self.zone = zone
  }

  /// Makes an address from its sixteen bytes in the order in which they are sent.
  public init(octets: InlineArray<16, UInt8>, zone: UInt32 = 0) {
    high = 0
    low = 0
    for index in 0..<8 {
      high = high << 8 | UInt64(octets[index])
      low = low << 8 | UInt64(octets[index + 8])
    }
    self.zone = zone
  }

  /// Makes an address from its eight groups in the order in which they are written.
  public init(groups: InlineArray<8, UInt16>, zone: UInt32 = 0) {
    high = 0
    low = 0
    for index in 0..<4 {
      high = high << 16 | UInt64(groups[index])
      low = low << 16 | UInt64(groups[index + 4])
    }
    self.zone = zone
  }

  /// Makes the IPv4-mapped address `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2).
  public init(mapping address: IPv4Address) {
    high = 0
    low = 0xffff_0000_0000 | UInt64(address.bits)
    zone = 0
  }

  /// The address as a number; `::1` is 1.
  ///
  /// The zone is not in it.
  public var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

  /// The sixteen bytes in the order in which they are sent.
  public var octets: InlineArray<16, UInt8> {
    InlineArray { index in
      UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
    }
  }

  /// The eight groups of 16 bits in the order in which they are written.
  public var groups: InlineArray<8, UInt16> {
    InlineArray { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
    }
  }

  /// The same address without its zone.
  public var withoutZone: IPv6Address { IPv6Address(bits: bits) }

  /// The IPv4 address inside an IPv4-mapped one (`::ffff:a.b.c.d`), otherwise `nil`.
  ///
  /// A socket that serves both versions shows its IPv4 peers in this form.
  public var unmapped: IPv4Address? {
    isIPv4Mapped ? IPv4Address(bits: UInt32(truncatingIfNeeded: low)) : nil
  }
}

extension IPv6Address: Comparable {
  /// Compares as numbers, and by zone where these are the same.
  public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
    (left.high, left.low, left.zone) < (right.high, right.low, right.zone)
  }
}

// MARK: Well-known addresses

extension IPv6Address {
  /// `::`, every address of this host, when bound to.
  ///
  /// The corresponding C constant is `in6addr_any`.
  public static let any = IPv6Address(bits: 0)
  /// `::1`, this host itself.
  ///
  /// The corresponding C constant is `in6addr_loopback`.
  public static let loopback = IPv6Address(bits: 1)
  /// `ff02::1`, all nodes of a link (RFC 4291, section 2.7.1); it needs a zone.
  public static let allNodes = IPv6Address(bits: 0xff02 << 112 | 1)
  /// `ff02::2`, all routers of a link (RFC 4291, section 2.7.1); it needs a zone.
  public static let allRouters = IPv6Address(bits: 0xff02 << 112 | 2)
}

// MARK: Kinds

extension IPv6Address {
  /// Whether the first `length` bits, at most 64, are those of `network`.
  private func hasPrefix(_ network: UInt64, _ length: UInt64) -> Bool {
    (high ^ network) >> (64 - length) == 0
  }

  /// Whether this is `::` (RFC 4291, section 2.5.2).
  public var isUnspecified: Bool { high == 0 && low == 0 }
  /// Whether this is `::1` (RFC 4291, section 2.5.3).
  public var isLoopback: Bool { high == 0 && low == 1 }
  /// Whether this is in `::ffff:0:0/96`, an IPv4 address inside (RFC 4291, section 2.5.5.2).
  public var isIPv4Mapped: Bool { high == 0 && low >> 32 == 0xffff }
  /// Whether this is in `fe80::/10`, valid on one link only (RFC 4291, section 2.5.6).
  public var isLinkLocal: Bool { hasPrefix(0xfe80_0000_0000_0000, 10) }
  /// Whether this is in `fec0::/10`, once valid on one site only, deprecated (RFC 3879).
  public var isSiteLocal: Bool { hasPrefix(0xfec0_0000_0000_0000, 10) }
  /// Whether this is in `fc00::/7`, for private use (RFC 4193).
  public var isUniqueLocal: Bool { hasPrefix(0xfc00_0000_0000_0000, 7) }
  /// Whether this is in `2000::/3`, the part of the global unicast space in use (RFC 4291, section
  /// 2.4).
  public var isGlobalUnicast: Bool { hasPrefix(0x2000_0000_0000_0000, 3) }
  /// Whether this is in `2001:db8::/32` (RFC 3849) or `3fff::/20` (RFC 9637), for examples.
  public var isDocumentation: Bool {
    hasPrefix(0x2001_0db8_0000_0000, 32) || hasPrefix(0x3fff_0000_0000_0000, 20)
  }
  /// Whether this is in `100::/64`, to be discarded (RFC 6666).
  public var isDiscardOnly: Bool { hasPrefix(0x0100_0000_0000_0000, 64) }
  /// Whether this is in `64:ff9b::/96`, an IPv4 address behind a translator (RFC 6052).
  public var isTranslated: Bool { high == 0x0064_ff9b_0000_0000 && low >> 32 == 0 }
  /// Whether this is in `2002::/16`, an IPv4 network's own prefix (RFC 3056).
  public var is6to4: Bool { hasPrefix(0x2002_0000_0000_0000, 16) }
  /// Whether this is in `ff00::/8`, a group of hosts (RFC 4291, section 2.7).
  public var isMulticast: Bool { hasPrefix(0xff00_0000_0000_0000, 8) }
  /// Whether this is in `ff30::/12` with a reserved prefix of zero, a group with its source (RFC
  /// 4607).
  public var isSourceSpecificMulticast: Bool {
    hasPrefix(0xff30_0000_0000_0000, 12) && high & 0x0000_ffff_ffff_ffff == 0
  }
  /// How far a group reaches (RFC 4291, section 2.7; RFC 7346): 1 this node, 2 this link, 5 this
  /// site, 8 this organisation, 14 everywhere; `nil` when this is no group.
  public var multicastScope: UInt8? {
    isMulticast ? UInt8(truncatingIfNeeded: high >> 48) & 0xf : nil
  }
  /// Whether the address means nothing without a zone: it is link-local, or a group of one link or
  /// node.
  public var needsZone: Bool {
    isLinkLocal || multicastScope == 1 || multicastScope == 2
  }
}
