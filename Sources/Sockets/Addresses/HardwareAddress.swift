// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The address of a network device on its link: six bytes on Ethernet, at most 32 anywhere.
///
/// An inline value. The corresponding C fields are `sll_addr` and `sll_halen` of `struct
/// sockaddr_ll`.
public struct HardwareAddress: Hashable, Sendable {
  /// The bytes, zero behind the count.
  private var storage = InlineArray<4, UInt64>(repeating: 0)
  /// How many bytes the address has, 0 to 32.
  public private(set) var byteCount = 0

  /// The longest hardware address in bytes.
  ///
  /// The corresponding C constant is `MAX_ADDR_LEN`.
  public static let maximumByteCount = 32

  /// No bytes: what a device without hardware address has.
  public init() {}

  /// Makes the six bytes of an Ethernet address.
  public init(
    _ first: UInt8,
    _ second: UInt8,
    _ third: UInt8,
    _ fourth: UInt8,
    _ fifth: UInt8,
    _ sixth: UInt8
  ) {
    for byte in [first, second, third, fourth, fifth, sixth] { append(byte) }
  }

  /// Takes the bytes in the order in which they are sent.
  ///
  /// The result is `nil` when there are more.
  ///
  /// - Parameter bytes: 0 to 32 bytes.
  public init?(bytes: Span<UInt8>) {
    guard bytes.count <= Self.maximumByteCount else { return nil }
    for index in bytes.indices { append(bytes[index]) }
  }

  /// `ff:ff:ff:ff:ff:ff`: every device of an Ethernet (IEEE 802.3).
  public static let broadcast = HardwareAddress(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)

  /// The bytes in the order in which they are sent.
  public var bytes: [UInt8] { (0..<byteCount).map { byte(at: $0) } }

  /// Whether an Ethernet frame to it goes to a group of devices: the lowest bit of the first byte
  /// is set.
  public var isMulticast: Bool { byteCount > 0 && byte(at: 0) & 1 == 1 }

  /// The byte at an offset below 32.
  func byte(at offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: storage[offset >> 3] >> UInt64((offset & 7) * 8))
  }

  /// Adds a byte; only below 32.
  mutating func append(_ byte: UInt8) {
    storage[byteCount >> 3] |= UInt64(byte) << UInt64((byteCount & 7) * 8)
    byteCount += 1
  }

  /// Whether two values are the same.
  public static func == (left: HardwareAddress, right: HardwareAddress) -> Bool {
    left.byteCount == right.byteCount
      && left.storage.indices.allSatisfy { left.storage[$0] == right.storage[$0] }
  }

  /// Adds the value to a hash.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(byteCount)
    for index in storage.indices { hasher.combine(storage[index]) }
  }
}

// MARK: Text

extension HardwareAddress: LosslessStringConvertible {
  /// Parses pairs of hexadecimal digits with colons between them.
  ///
  /// The result is `nil` when the text is no address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? HardwareAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses pairs of hexadecimal digits with colons between them; an empty text is no bytes.
  ///
  /// - Parameter text: the address, for example `02:42:ac:11:00:02`.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try HardwareAddress.parse(bytes, bytes.indices)
    }
  }

  /// Pairs of lower-case hexadecimal digits with colons between them.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  /// Parses the address that fills the range.
  static func parse(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> HardwareAddress {
    var address = HardwareAddress()
    var position = range.lowerBound
    while position < range.upperBound {
      if address.byteCount > 0 {
        guard text[position] == ASCII.colon else {
          throw ParseFailure(.hardwareAddressMalformed, at: position)
        }
        position += 1
      }
      guard range.upperBound - position >= 2,
        let high = ASCII.hexadecimalValue(text[position]),
        let low = ASCII.hexadecimalValue(text[position + 1])
      else { throw ParseFailure(.hardwareAddressMalformed, at: position) }
      guard address.byteCount < maximumByteCount else {
        throw ParseFailure(.hardwareAddressTooLong, at: position)
      }
      address.append(high << 4 | low)
      position += 2
    }
    return address
  }
}
