// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// All addresses that begin with the same bits: a network, `10.0.0.0/8`.
///
/// The address of a prefix has no bit set behind the length, and no zone. Prefixes are ordered by
/// address, then the shorter before the longer.
public struct IPPrefix: Hashable, Comparable, Sendable {
  /// The first address of the prefix.
  public let address: IPAddress
  /// How many leading bits all its addresses share: 0 to 32, or 0 to 128.
  public let length: Int

  /// Makes a prefix from its first address.
  ///
  /// The result is `nil` when the length is negative or beyond the address's bits, when a bit
  /// behind it is set, or when the address has a zone.
  ///
  /// - Parameters:
  ///   - address: the first address, without zone.
  ///   - length: how many leading bits count.
  public init?(_ address: IPAddress, length: Int) {
    guard let prefix = IPPrefix(containing: address, length: length), prefix.address == address
    else { return nil }
    self = prefix
  }

  /// Makes the prefix of a length that an address is in.
  ///
  /// The result is `nil` when the length is negative or beyond the address's bits.
  ///
  /// - Parameters:
  ///   - address: any address; its zone and the bits behind the length are dropped.
  ///   - length: how many leading bits count.
  public init?(containing address: IPAddress, length: Int) {
    guard length >= 0, length <= address.bitCount else { return nil }
    self.length = length
    switch address {
    case .ipv4(let address):
      self.address = .ipv4(IPv4Address(bits: address.bits & ~(UInt32.max >> UInt32(length))))
    case .ipv6(let address):
      self.address = .ipv6(IPv6Address(bits: address.bits & ~(UInt128.max >> UInt128(length))))
    }
  }

  /// Whether the address is in the prefix; its zone does not matter.
  ///
  /// An address of the other version is never in it, not even an IPv4-mapped one.
  public func contains(_ address: IPAddress) -> Bool {
    address.family == self.address.family
      && IPPrefix(containing: address, length: length)?.address == self.address
  }

  /// Whether every address of the other prefix is in this one.
  public func contains(_ other: IPPrefix) -> Bool {
    length <= other.length && contains(other.address)
  }

  /// Whether the two prefixes have an address in common.
  public func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

  /// The last address of the prefix; for IPv4 usually the network's broadcast address.
  public var lastAddress: IPAddress {
    switch address {
    case .ipv4(let address): .ipv4(IPv4Address(bits: address.bits | UInt32.max >> UInt32(length)))
    case .ipv6(let address): .ipv6(IPv6Address(bits: address.bits | UInt128.max >> UInt128(length)))
    }
  }

  /// Compares by value.
  public static func < (left: IPPrefix, right: IPPrefix) -> Bool {
    (left.address, left.length) < (right.address, right.length)
  }
}

// MARK: Text

extension IPPrefix: LosslessStringConvertible {
  /// Parses an address, a slash and a length.
  ///
  /// The result is `nil` when the text is not a prefix; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the prefix.
  public init?(_ text: String) {
    guard let prefix = try? IPPrefix(parsing: text) else { return nil }
    self = prefix
  }

  /// Parses an address, a slash and a length (RFC 4632, section 3.1; RFC 4291, section 2.3).
  ///
  /// - Parameter text: the prefix, for example `192.168.0.0/16`. Bits behind the length are
  ///   refused.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try IPPrefix.parse(bytes, bytes.indices)
    }
  }

  /// The address, a slash and the length.
  public var description: String { "\(address)/\(length)" }

  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> IPPrefix {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    let slash = text.position(of: ASCII.slash, in: range) ?? range.upperBound
    if let percent = text.position(of: ASCII.percent, in: range.lowerBound..<slash) {
      throw ParseFailure(.zoneNotAllowed, at: percent)
    }
    let address = try IPAddress.parse(text, range.lowerBound..<slash)
    guard slash < range.upperBound else {
      throw ParseFailure(.prefixLengthMissing, at: range.upperBound)
    }
    let length = try text.decimal(
      in: slash + 1..<range.upperBound,
      maximum: UInt32(address.bitCount),
      missing: .prefixLengthMissing,
      tooLarge: .prefixLengthTooLarge
    )
    guard let prefix = IPPrefix(address, length: Int(length)) else {
      throw ParseFailure(.prefixHostBits, at: slash + 1)
    }
    return prefix
  }
}
