// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The layout of netlink messages and their attributes (netlink(7)), as they are read. No other file computes
// with their offsets: readers ask for the next one and get ranges that lie inside the bytes.

internal import CSockets

/// Bytes that cannot be what netlink promises.
package struct NetlinkMalformed: Error, Equatable {
  /// Where, from the beginning of the datagram.
  package var offset: Int

  package init(offset: Int) { self.offset = offset }
}

/// One message of a datagram: its header, and where its payload is.
///
/// The corresponding C type is `struct nlmsghdr`.
package struct NetlinkMessage: Equatable {
  /// C's `nlmsg_type`.
  package var type: Int32
  /// C's `nlmsg_flags`.
  package var flags: Int32
  /// C's `nlmsg_seq`.
  package var sequence: UInt32
  /// Where the payload lies; always inside the datagram.
  package var payload: Range<Int>

  package init(type: Int32, flags: Int32, sequence: UInt32, payload: Range<Int>) {
    self.type = type
    self.flags = flags
    self.sequence = sequence
    self.payload = payload
  }
}

/// One attribute of a message: what it is, and where its value is.
///
/// The corresponding C type is `struct nlattr`.
package struct NetlinkAttribute: Equatable {
  /// C's `nla_type`, without the two bits that are flags.
  package var type: Int32
  /// Where the value lies; always inside the message.
  package var payload: Range<Int>

  package init(type: Int32, payload: Range<Int>) {
    self.type = type
    self.payload = payload
  }
}

/// The sizes of messages and attributes.
package enum NetlinkFormat {
  /// The size of a message's header: length in 4 bytes, type and flags in 2, sequence and sender in 4.
  package static let headerByteCount = 16
  /// The size of an attribute's header: length and type in 2 bytes each.
  package static let attributeHeaderByteCount = 4

  /// The next multiple of 4; for what is known to be much smaller than the largest number.
  ///
  /// The corresponding C macros are `NLMSG_ALIGN` and `NLA_ALIGN`.
  package static func aligned(_ count: Int) -> Int { (count + 3) & ~3 }
}

/// Walks over the messages of a datagram, from the first to the last.
///
/// The lengths in the datagram are not believed: one that is shorter than a header, or longer than what is
/// left, ends the walk.
///
/// The corresponding C macros are `NLMSG_OK`, `NLMSG_NEXT`, `NLMSG_DATA`.
package struct NetlinkMessageCursor {
  private var offset = 0

  package init() {}

  /// The next message, or `nil` at the end.
  package mutating func next(
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) -> NetlinkMessage? {
    let start = offset
    let left = bytes.count - start
    guard left > 0 else { return nil }
    offset = bytes.count
    guard let length: UInt32 = bytes.number(at: start),
      let type: UInt16 = bytes.number(at: start + 4),
      let flags: UInt16 = bytes.number(at: start + 6),
      let sequence: UInt32 = bytes.number(at: start + 8),
      length >= UInt32(NetlinkFormat.headerByteCount), length <= left
    else { throw NetlinkMalformed(offset: start) }
    // No more than `left`, so all of this fits an Int; the last message may lack its padding.
    offset = min(bytes.count, start + NetlinkFormat.aligned(Int(length)))
    return NetlinkMessage(
      type: Int32(type),
      flags: Int32(flags),
      sequence: sequence,
      payload: start + NetlinkFormat.headerByteCount..<start + Int(length)
    )
  }
}

/// Walks over the attributes of a message, from the first to the last, and believes its lengths as little.
///
/// The corresponding C macros are `RTA_OK`, `RTA_NEXT`, `RTA_DATA`.
package struct NetlinkAttributeCursor {
  private var offset: Int
  private let end: Int

  /// Begins behind the fixed part of a message; a message without one ends the walk as malformed.
  package init(_ message: NetlinkMessage, after fixedByteCount: Int) throws(NetlinkMalformed) {
    guard message.payload.count >= fixedByteCount else {
      throw NetlinkMalformed(offset: message.payload.lowerBound)
    }
    offset = min(
      message.payload.upperBound,
      message.payload.lowerBound + NetlinkFormat.aligned(fixedByteCount)
    )
    end = message.payload.upperBound
  }

  /// The next attribute, or `nil` at the end.
  package mutating func next(
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) -> NetlinkAttribute? {
    let start = offset
    let left = end - start
    guard left > 0 else { return nil }
    offset = end
    guard left >= NetlinkFormat.attributeHeaderByteCount,
      let length: UInt16 = bytes.number(at: start),
      let type: UInt16 = bytes.number(at: start + 2),
      length >= UInt16(NetlinkFormat.attributeHeaderByteCount), length <= left
    else { throw NetlinkMalformed(offset: start) }
    offset = min(end, start + NetlinkFormat.aligned(Int(length)))
    return NetlinkAttribute(
      type: Int32(type) & CS_NLA_TYPE_MASK,
      payload: start + NetlinkFormat.attributeHeaderByteCount..<start + Int(length)
    )
  }
}

// Fields of what was found; what a payload is too short for is malformed.
extension Span where Element == UInt8 {
  /// A number in the machine's byte order.
  package func field<Number: FixedWidthInteger>(
    _ offset: Int,
    of payload: Range<Int>,
    as _: Number.Type = Number.self
  ) throws(NetlinkMalformed) -> Number {
    guard let number: Number = number(at: offset, in: payload) else {
      throw NetlinkMalformed(offset: payload.lowerBound)
    }
    return number
  }

  /// A number in network byte order.
  package func networkField<Number: FixedWidthInteger>(
    _ offset: Int,
    of payload: Range<Int>,
    as _: Number.Type = Number.self
  ) throws(NetlinkMalformed) -> Number {
    guard let number: Number = bigEndian(at: offset, in: payload) else {
      throw NetlinkMalformed(offset: payload.lowerBound)
    }
    return number
  }

  /// A text that ends with a NUL or with its payload; what is not UTF-8 is replaced.
  package func text(_ payload: Range<Int>) -> String {
    String(decoding: array(payload).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// An IP address of a family, or `nil` when the family is another one.
  package func ipAddress(
    _ offset: Int,
    of payload: Range<Int>,
    family: AddressFamily,
    zone: InterfaceIndex
  ) throws(NetlinkMalformed) -> IPAddress? {
    switch family {
    case .ipv4: return .ipv4(IPv4Address(bits: try networkField(offset, of: payload)))
    case .ipv6:
      // Only an address of one link is told apart by its zone.
      var address = IPv6Address(bits: try networkField(offset, of: payload))
      if address.isLinkLocal { address.zone = zone.rawValue }
      return .ipv6(address)
    default: return nil
    }
  }
}
