// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Which ICMP messages a raw socket leaves out.
///
/// The corresponding C type is `struct icmp_filter`.
public struct ICMPFilter: Hashable, Sendable {
  /// A bit for each type from 0 to 31; a set bit leaves the type out.
  public var blockedBits: UInt32

  /// Makes a filter from its bits.
  public init(blockedBits: UInt32 = 0) { self.blockedBits = blockedBits }

  /// Leaves nothing out.
  ///
  /// The C value is a `struct icmp_filter` whose `data` is 0.
  public static let passingAll = ICMPFilter()
  /// Leaves out all types up to 31.
  ///
  /// The C value is a `struct icmp_filter` whose `data` is `0xffffffff`.
  public static let blockingAll = ICMPFilter(blockedBits: .max)

  /// Whether messages of a type are left out; types from 32 never are.
  ///
  /// The corresponding C expression is `filter.data >> type & 1`.
  public func blocks(_ type: UInt8) -> Bool { type < 32 && blockedBits >> type & 1 == 1 }

  /// Says whether messages of a type are left out; it does nothing for types from 32.
  ///
  /// The corresponding C expressions are `filter.data |= 1 << type` and `filter.data &= ~(1 << type)`.
  public mutating func setBlocks(_ type: UInt8, _ blocks: Bool) {
    guard type < 32 else { return }
    if blocks { blockedBits |= 1 << type } else { blockedBits &= ~(1 << type) }
  }
}

/// Which ICMPv6 messages a raw socket leaves out (RFC 3542, 3.2).
///
/// The corresponding C type is `struct icmp6_filter`.
public struct ICMPv6Filter: Hashable, Sendable {
  /// A bit for each of the 256 types, 32 of them a word; a set bit leaves the type out.
  private var words: [UInt32]

  private init(words: [UInt32]) { self.words = words }

  /// Leaves nothing out.
  ///
  /// The corresponding C macro is `ICMP6_FILTER_SETPASSALL`.
  public static let passingAll = ICMPv6Filter(words: Array(repeating: 0, count: 8))
  /// Leaves everything out.
  ///
  /// The corresponding C macro is `ICMP6_FILTER_SETBLOCKALL`.
  public static let blockingAll = ICMPv6Filter(words: Array(repeating: .max, count: 8))

  /// Whether messages of a type are left out.
  ///
  /// The corresponding C macro is `ICMP6_FILTER_WILLBLOCK`.
  public func blocks(_ type: UInt8) -> Bool { words[Int(type >> 5)] >> (type & 31) & 1 == 1 }

  /// Says whether messages of a type are left out.
  ///
  /// The corresponding C macros are `ICMP6_FILTER_SETBLOCK` and `ICMP6_FILTER_SETPASS`.
  public mutating func setBlocks(_ type: UInt8, _ blocks: Bool) {
    let bit = UInt32(1) << (type & 31)
    if blocks { words[Int(type >> 5)] |= bit } else { words[Int(type >> 5)] &= ~bit }
  }
}

extension OptionCoding where Value == ICMPFilter {
  /// 32 bits.
  static var icmpFilter: OptionCoding<ICMPFilter> {
    .structure(4, write: { $1.put($0.blockedBits) }, read: { ICMPFilter(blockedBits: $0.take()) })
  }
}

extension ICMPv6Filter {
  /// The coding is eight words of 32 bits.
  fileprivate static var coding: OptionCoding<ICMPv6Filter> {
    .structure(
      32,
      write: { filter, writer in for word in filter.words { writer.put(word) } },
      read: { reader in ICMPv6Filter(words: (0..<8).map { _ in reader.take() }) })
  }
}

extension OptionCoding where Value == ICMPv6Filter {
  /// 256 bits.
  static var icmpv6Filter: OptionCoding<ICMPv6Filter> { ICMPv6Filter.coding }
}
