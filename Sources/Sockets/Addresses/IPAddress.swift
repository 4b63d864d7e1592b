// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An address of either IP version.
///
/// An IPv4 address and its IPv4-mapped IPv6 form are two different values; ``unmapped`` turns the
/// second into the first. IPv4 addresses are ordered before IPv6 addresses.
public enum IPAddress: Hashable, Comparable, Sendable {
  /// An address of version 4.
  case ipv4(IPv4Address)
  /// An address of version 6.
  case ipv6(IPv6Address)

  /// The family: ``AddressFamily/ipv4`` or ``AddressFamily/ipv6``.
  public var family: AddressFamily {
    switch self {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    }
  }

  /// The address of version 4, or `nil`.
  public var ipv4: IPv4Address? {
    if case .ipv4(let address) = self { address } else { nil }
  }

  /// The address of version 6, or `nil`.
  public var ipv6: IPv6Address? {
    if case .ipv6(let address) = self { address } else { nil }
  }

  /// The address itself, and for an IPv4-mapped one the IPv4 address inside it.
  public var unmapped: IPAddress {
    if case .ipv6(let address) = self, let inner = address.unmapped { .ipv4(inner) } else { self }
  }

  /// How many bits an address of this version has: 32 or 128.
  public var bitCount: Int {
    switch self {
    case .ipv4: 32
    case .ipv6: 128
    }
  }
}

// MARK: Kinds

extension IPAddress {
  /// Whether this is `0.0.0.0` or `::`.
  public var isUnspecified: Bool {
    switch self {
    case .ipv4(let address): address.isUnspecified
    case .ipv6(let address): address.isUnspecified
    }
  }

  /// Whether this is in `127.0.0.0/8`, or is `::1`.
  public var isLoopback: Bool {
    switch self {
    case .ipv4(let address): address.isLoopback
    case .ipv6(let address): address.isLoopback
    }
  }

  /// Whether this is valid on one link only: `169.254.0.0/16` or `fe80::/10`.
  public var isLinkLocal: Bool {
    switch self {
    case .ipv4(let address): address.isLinkLocal
    case .ipv6(let address): address.isLinkLocal
    }
  }

  /// Whether this is a group of hosts: `224.0.0.0/4` or `ff00::/8`.
  public var isMulticast: Bool {
    switch self {
    case .ipv4(let address): address.isMulticast
    case .ipv6(let address): address.isMulticast
    }
  }
}

// MARK: Text

extension IPAddress: LosslessStringConvertible {
  /// Parses an address of either version.
  ///
  /// The result is `nil` when the text is not an address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address, without brackets.
  public init?(_ text: String) {
    guard let address = try? IPAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses an address of either version: with a colon in it IPv6, otherwise IPv4.
  ///
  /// - Parameter text: the address, without brackets.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try IPAddress.parse(bytes, bytes.indices)
    }
  }

  /// The text of the address inside.
  public var description: String {
    switch self {
    case .ipv4(let address): address.description
    case .ipv6(let address): address.description
    }
  }

  /// Parses the address that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> IPAddress {
    if text.position(of: ASCII.colon, in: range) != nil {
      return .ipv6(try IPv6Address.parse(text, range))
    }
    return .ipv4(try IPv4Address.parse(text, range))
  }
}
