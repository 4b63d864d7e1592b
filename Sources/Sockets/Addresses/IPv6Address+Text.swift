// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Reading RFC 4291, section 2.2 (with an IPv4 address in the last 32 bits) and the zones of RFC 4007,
// section 11; writing RFC 5952.

extension IPv6Address: LosslessStringConvertible {
  /// Parses the text of RFC 4291 with a zone, if there is one, behind `%`.
  ///
  /// The result is `nil` when the text is not an address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? IPv6Address(parsing: text) else { return nil }
    self = address
  }

  /// Parses the text of RFC 4291 with a zone, if there is one, behind `%`.
  ///
  /// A zone of digits is a number, any other is the name of an interface that this machine has now.
  ///
  /// The corresponding C function is `inet_pton`, which knows no zone.
  ///
  /// - Parameter text: the address, for example `fe80::1%eth0`.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try IPv6Address.parse(bytes, bytes.indices)
    }
  }

  /// The address as RFC 5952 writes it, an IPv4-mapped one as `::ffff:1.2.3.4`, the zone by name.
  ///
  /// The kernel is asked for the zone's name; where it has none, the number is written.
  public var description: String {
    let text = withoutZoneText
    return zone == 0 ? text : text + "%" + InterfaceIndex(rawValue: zone).addressText
  }

  /// As ``description``, with the zone as a number, so that nothing is asked of the kernel.
  public var numericDescription: String {
    zone == 0 ? withoutZoneText : "\(withoutZoneText)%\(zone)"
  }

  /// The sixteen bytes as text.
  private var withoutZoneText: String {
    if let unmapped { return "::ffff:\(unmapped)" }
    let gap = longestRunOfZeros
    let groups = groups
    var text = ""
    var index = 0
    while index < 8 {
      if index == gap.lowerBound, !gap.isEmpty {
        text += "::"
        index = gap.upperBound
        continue
      }
      if index > 0, index != gap.upperBound || gap.isEmpty { text += ":" }
      text += String(groups[index], radix: 16)
      index += 1
    }
    return text
  }

  /// The groups that `::` stands for (RFC 5952, section 4.2): two or more, the first of the
  /// longest.
  private var longestRunOfZeros: Range<Int> {
    let groups = groups
    var best = 0..<0
    var start = 0
    for index in 0..<8 {
      if groups[index] != 0 {
        start = index + 1
      } else if index + 1 - start > max(best.count, 1) {
        best = start..<index + 1
      }
    }
    return best
  }
}

// MARK: Parsing

extension IPv6Address {
  /// Parses the address, and its zone, that fill the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> IPv6Address {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    guard let percent = text.position(of: ASCII.percent, in: range) else {
      return try parseWithoutZone(text, range)
    }
    var address = try parseWithoutZone(text, range.lowerBound..<percent)
    address.zone = try InterfaceIndex.parse(text, percent + 1..<range.upperBound).rawValue
    return address
  }

  /// The groups as they are read, and where `::` stands among them.
  private struct Groups {
    var values = InlineArray<8, UInt16>(repeating: 0)
    var count = 0
    var gap: Int?

    mutating func append(_ value: UInt16, at position: Int) throws(ParseFailure) {
      guard count < 8 else { throw ParseFailure(.ipv6TooManyGroups, at: position) }
      values[count] = value
      count += 1
    }

    mutating func setGap(at position: Int) throws(ParseFailure) {
      guard gap == nil else { throw ParseFailure(.ipv6SecondGap, at: position) }
      gap = count
    }

    /// The eight groups, with zeros where `::` stands.
    func expanded(at end: Int) throws(ParseFailure) -> InlineArray<8, UInt16> {
      guard let gap else {
        guard count == 8 else { throw ParseFailure(.ipv6TooFewGroups, at: end) }
        return values
      }
      guard count < 8 else { throw ParseFailure(.ipv6TooManyGroups, at: end) }
      var groups = InlineArray<8, UInt16>(repeating: 0)
      for index in 0..<gap { groups[index] = values[index] }
      for index in gap..<count { groups[index + 8 - count] = values[index] }
      return groups
    }
  }

  private static func parseWithoutZone(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> IPv6Address {
    let end = range.upperBound
    var groups = Groups()
    var position = range.lowerBound
    if position < end, text[position] == ASCII.colon {
      guard position + 1 < end, text[position + 1] == ASCII.colon else {
        throw ParseFailure(.ipv6SingleColon, at: position)
      }
      try groups.setGap(at: position)
      position += 2
    }
    while position < end {
      let start = position
      let value = try hexadecimalGroup(text, &position, end)
      if position < end, text[position] == ASCII.dot {
        let embedded = try IPv4Address.parse(text, start..<end)
        try groups.append(UInt16(truncatingIfNeeded: embedded.bits >> 16), at: start)
        try groups.append(UInt16(truncatingIfNeeded: embedded.bits), at: start)
        break
      }
      guard position > start else { throw ParseFailure(.unexpectedCharacter, at: position) }
      try groups.append(value, at: start)
      if position == end { break }
      guard text[position] == ASCII.colon else {
        throw ParseFailure(.unexpectedCharacter, at: position)
      }
      position += 1
      guard position < end else { throw ParseFailure(.ipv6SingleColon, at: position - 1) }
      if text[position] == ASCII.colon {
        try groups.setGap(at: position - 1)
        position += 1
      }
    }
    return IPv6Address(groups: try groups.expanded(at: end))
  }

  /// Reads hexadecimal digits, at most four; none leave the position where it was.
  private static func hexadecimalGroup(
    _ text: Span<UInt8>,
    _ position: inout Int,
    _ end: Int
  ) throws(ParseFailure) -> UInt16 {
    let start = position
    var value: UInt16 = 0
    while position < end, let digit = ASCII.hexadecimalValue(text[position]) {
      guard position - start < 4 else { throw ParseFailure(.ipv6GroupTooLong, at: start) }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}
