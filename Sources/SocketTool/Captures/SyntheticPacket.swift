// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Packets that never were on a wire, whole and with right checksums: what a relay has moved, as an analyser wants to see it.
enum SyntheticPacket {
  /// The most bytes of a packet, as Ethernet has it.
  static let maximumByteCount = 1500

  /// The most bytes of a datagram's payload, by the 16 bits of its length.
  static let maximumDatagramPayload = 65_507

  /// The bits of a TCP header that say what a segment is.
  struct Flags: OptionSet {
    var rawValue: UInt8
    static let end = Flags(rawValue: 1)
    static let synchronize = Flags(rawValue: 2)
    static let reset = Flags(rawValue: 4)
    static let push = Flags(rawValue: 8)
    static let acknowledgement = Flags(rawValue: 16)
  }

  /// How many bytes of a stream a packet between such addresses holds.
  static func segmentSize(_ address: IPAddress) -> Int {
    maximumByteCount - (address.ipv4 == nil ? 40 : 20) - 20
  }

  /// A segment of TCP (RFC 9293).
  static func segment(
    from source: IPSocketAddress, to target: IPSocketAddress, sequence: UInt32,
    acknowledged: UInt32, flags: Flags, payload: ArraySlice<UInt8> = []
  ) -> [UInt8] {
    let isFirst = flags.contains(.synchronize)
    var segment: [UInt8] = []
    segment.reserveCapacity(28 + payload.count)
    segment.append(big: source.port.rawValue)
    segment.append(big: target.port.rawValue)
    segment.append(big: sequence)
    segment.append(big: acknowledged)
    // The length of the header in words of four bytes.
    segment += [isFirst ? 7 << 4 : 5 << 4, flags.rawValue, 0xff, 0xff, 0, 0, 0, 0]
    if isFirst {
      // The largest segment; a window scale of 14, so that no window is ever full.
      segment += [2, 4]
      segment.append(big: UInt16(clamping: segmentSize(source.address)))
      segment += [3, 3, 14, 1]
    }
    segment += payload
    return packet(6, from: source.address, to: target.address, segment, checksumAt: 16)
  }

  /// A datagram of UDP (RFC 768); bytes that its length cannot count are left out.
  static func datagram(
    from source: IPSocketAddress, to target: IPSocketAddress, payload: [UInt8]
  ) -> [UInt8] {
    let payload = payload.prefix(maximumDatagramPayload)
    var datagram: [UInt8] = []
    datagram.reserveCapacity(8 + payload.count)
    datagram.append(big: source.port.rawValue)
    datagram.append(big: target.port.rawValue)
    datagram.append(big: UInt16(clamping: 8 + payload.count))
    datagram += [0, 0]
    datagram += payload
    return packet(17, from: source.address, to: target.address, datagram, checksumAt: 6)
  }

  /// The IP packet around a segment or a datagram, whose checksum is filled in.
  private static func packet(
    _ number: UInt8, from source: IPAddress, to target: IPAddress, _ body: [UInt8],
    checksumAt place: Int
  ) -> [UInt8] {
    var addresses = octets(source)
    addresses += octets(target)
    var sum = checksum(
      words(addresses) &+ words(body) &+ UInt64(number) &+ UInt64(body.count))
    // To UDP zero means that there is none.
    if sum == 0, number == 17 { sum = .max }
    var packet: [UInt8] = []
    packet.reserveCapacity(40 + body.count)
    if source.ipv4 != nil {
      // No fragments, 64 hops.
      packet += [0x45, 0]
      packet.append(big: UInt16(clamping: 20 + body.count))
      packet += [0, 0, 0x40, 0, 64, number]
      packet.append(big: checksum(words(packet) &+ words(addresses)))
    } else {
      packet += [0x60, 0, 0, 0]
      packet.append(big: UInt16(clamping: body.count))
      packet += [number, 64]
    }
    packet += addresses
    packet += body.prefix(place)
    packet.append(big: sum)
    packet += body.dropFirst(place + 2)
    return packet
  }

  /// The Internet checksum (RFC 1071) of a sum of words.
  private static func checksum(_ words: UInt64) -> UInt16 {
    var sum = words
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }

  /// The sum of the words of 16 bits; behind an odd number of bytes comes a zero.
  private static func words(_ bytes: [UInt8]) -> UInt64 {
    var sum: UInt64 = 0
    var shift: UInt64 = 8
    for byte in bytes {
      sum &+= UInt64(byte) << shift
      shift = 8 - shift
    }
    return sum
  }

  private static func octets(_ address: IPAddress) -> [UInt8] {
    var octets: [UInt8] = []
    switch address {
    case .ipv4(let address): octets.append(big: address.bits)
    case .ipv6(let address): octets.append(big: address.bits)
    }
    return octets
  }
}

extension [UInt8] {
  /// Appends a number, the high byte first.
  fileprivate mutating func append<Number: FixedWidthInteger>(big number: Number) {
    var shift = Number.bitWidth - 8
    while shift >= 0 {
      append(UInt8(truncatingIfNeeded: number >> Number(shift)))
      shift -= 8
    }
  }
}
