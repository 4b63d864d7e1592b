// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An address of IP version 4: 32 bits, written as four decimal numbers.
///
/// A trivial value of four bytes, ordered as a number.
///
/// The corresponding C type is `struct in_addr`, which holds the same bits in network byte order.
public struct IPv4Address: Hashable, Comparable, Sendable {
  /// The address as a number in the machine's own byte order: 127.0.0.1 is `0x7f000001`.
  public var bits: UInt32

  /// Makes an address from its number; 127.0.0.1 is `0x7f000001`.
  public init(bits: UInt32) { self.bits = bits }

  /// Makes an address from its four numbers in the order in which they are written.
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    bits = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
  }

  /// Makes an address from its four bytes in the order in which they are sent.
  public init(octets: InlineArray<4, UInt8>) {
    self.init(octets[0], octets[1], octets[2], octets[3])
  }

  /// The four bytes in the order in which they are written and sent.
  public var octets: InlineArray<4, UInt8> {
    [
      UInt8(truncatingIfNeeded: bits >> 24), UInt8(truncatingIfNeeded: bits >> 16),
      UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
    ]
  }

  /// Compares by value.
  public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.bits < right.bits }
}

// MARK: Well-known addresses

extension IPv4Address {
  /// 0.0.0.0: every address of this host, when bound to.
  ///
  /// The corresponding C constant is `INADDR_ANY`.
  public static let any = IPv4Address(bits: 0)
  /// 127.0.0.1: this host itself.
  ///
  /// The corresponding C constant is `INADDR_LOOPBACK`.
  public static let loopback = IPv4Address(127, 0, 0, 1)
  /// 255.255.255.255: every host on this link (RFC 919, section 7).
  ///
  /// The corresponding C constant is `INADDR_BROADCAST`.
  public static let broadcast = IPv4Address(bits: .max)
}

// MARK: Kinds

extension IPv4Address {
  /// Whether the first `length` bits are those of `network`.
  private func hasPrefix(_ network: UInt32, _ length: UInt32) -> Bool {
    (bits ^ network) >> (32 - length) == 0
  }

  /// Whether this is 0.0.0.0 (RFC 1122, section 3.2.1.3).
  public var isUnspecified: Bool { bits == 0 }
  /// Whether this is in 0.0.0.0/8, "this network" (RFC 1122, section 3.2.1.3).
  public var isThisNetwork: Bool { hasPrefix(0x0000_0000, 8) }
  /// Whether this is in 127.0.0.0/8, this host itself (RFC 1122, section 3.2.1.3).
  public var isLoopback: Bool { hasPrefix(0x7f00_0000, 8) }
  /// Whether this is in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, for private use (RFC 1918).
  public var isPrivate: Bool {
    hasPrefix(0x0a00_0000, 8) || hasPrefix(0xac10_0000, 12) || hasPrefix(0xc0a8_0000, 16)
  }
  /// Whether this is in 100.64.0.0/10, shared by the customers of a carrier (RFC 6598).
  public var isShared: Bool { hasPrefix(0x6440_0000, 10) }
  /// Whether this is in 169.254.0.0/16, valid on one link only (RFC 3927).
  public var isLinkLocal: Bool { hasPrefix(0xa9fe_0000, 16) }
  /// Whether this is in 192.0.2.0/24, 198.51.100.0/24 or 203.0.113.0/24, for examples (RFC 5737).
  public var isDocumentation: Bool {
    hasPrefix(0xc000_0200, 24) || hasPrefix(0xc633_6400, 24) || hasPrefix(0xcb00_7100, 24)
  }
  /// Whether this is in 198.18.0.0/15, for benchmarks of network devices (RFC 2544, appendix C).
  public var isBenchmarking: Bool { hasPrefix(0xc612_0000, 15) }
  /// Whether this is in 224.0.0.0/4, a group of hosts (RFC 5771).
  public var isMulticast: Bool { hasPrefix(0xe000_0000, 4) }
  /// Whether this is in 232.0.0.0/8, a group together with its source (RFC 4607).
  public var isSourceSpecificMulticast: Bool { hasPrefix(0xe800_0000, 8) }
  /// Whether this is in 240.0.0.0/4, reserved (RFC 1112, section 4); ``broadcast`` is among these.
  public var isReserved: Bool { hasPrefix(0xf000_0000, 4) }
  /// Whether this is 255.255.255.255 (RFC 919, section 7).
  public var isBroadcast: Bool { bits == .max }
}

// MARK: Text

extension IPv4Address: LosslessStringConvertible {
  /// Parses exactly four decimal numbers with dots: no leading zero, no hexadecimal, no short form.
  ///
  /// The result is `nil` when the text is not an address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? IPv4Address(parsing: text) else { return nil }
    self = address
  }

  /// Parses exactly four decimal numbers with dots: no leading zero, no hexadecimal, no short form.
  ///
  /// Stricter than `inet_aton`, which takes `127.1`, `0177.0.0.1` and `0x7f000001` as well.
  ///
  /// The corresponding C function is `inet_pton`.
  ///
  /// - Parameter text: the address.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try IPv4Address.parse(bytes, bytes.indices)
    }
  }

  /// The four numbers with dots, for example `127.0.0.1`.
  public var description: String {
    let octets = octets
    return "\(octets[0]).\(octets[1]).\(octets[2]).\(octets[3])"
  }

  /// Parses the address that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> IPv4Address {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    var bits: UInt32 = 0
    var position = range.lowerBound
    for part in 0..<4 {
      if part > 0 {
        guard position < range.upperBound else {
          throw ParseFailure(.ipv4TooFewParts, at: position)
        }
        guard text[position] == ASCII.dot else {
          throw ParseFailure(.unexpectedCharacter, at: position)
        }
        position += 1
      }
      let start = position
      while position < range.upperBound, ASCII.isDigit(text[position]) { position += 1 }
      guard position > start else {
        guard position < range.upperBound else {
          throw ParseFailure(.ipv4TooFewParts, at: position)
        }
        throw ParseFailure(
          text[position] == ASCII.dot ? .ipv4PartMissing : .unexpectedCharacter,
          at: position
        )
      }
      bits =
        try bits << 8
        | text.decimal(in: start..<position, maximum: 255, tooLarge: .ipv4PartTooLarge)
    }
    guard position == range.upperBound else {
      throw ParseFailure(
        text[position] == ASCII.dot ? .ipv4TooManyParts : .unexpectedCharacter,
        at: position
      )
    }
    return IPv4Address(bits: bits)
  }
}
