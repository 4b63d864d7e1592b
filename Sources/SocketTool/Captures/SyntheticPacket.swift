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
    var options: [UInt8] = []
    if flags.contains(.synchronize) {
      // The largest segment; a window scale of 14, so that no window is ever full.
      options = [2, 4] + big(UInt16(clamping: segmentSize(source.address))) + [3, 3, 14, 1]
    }
    var segment = big(source.port.rawValue) + big(target.port.rawValue)
    segment.reserveCapacity(20 + options.count + payload.count)
    segment += big(sequence) + big(acknowledged)
    segment += [UInt8(truncatingIfNeeded: (20 + options.count) / 4 << 4), flags.rawValue]
    segment += big(UInt16.max) + [0, 0, 0, 0] + options
    segment += payload
    return packet(6, from: source.address, to: target.address, segment, checksumAt: 16)
  }

  /// A datagram of UDP (RFC 768); bytes that its length cannot count are left out.
  static func datagram(
    from source: IPSocketAddress, to target: IPSocketAddress, payload: [UInt8]
  ) -> [UInt8] {
    let payload = payload.prefix(maximumDatagramPayload)
    var datagram = big(source.port.rawValue) + big(target.port.rawValue)
    datagram += big(UInt16(clamping: 8 + payload.count)) + [0, 0]
    datagram += payload
    return packet(17, from: source.address, to: target.address, datagram, checksumAt: 6)
  }

  /// The IP packet around a segment or a datagram, whose checksum is filled in.
  private static func packet(
    _ number: UInt8, from source: IPAddress, to target: IPAddress, _ body: [UInt8],
    checksumAt place: Int
  ) -> [UInt8] {
    let addresses = octets(source) + octets(target)
    let length = UInt32(clamping: body.count)
    var sum = checksum(addresses + big(length) + [0, 0, 0, number], and: body)
    // To UDP zero means that there is none.
    if sum == 0, number == 17 { sum = .max }
    let body = body.prefix(place) + big(sum) + body.dropFirst(place + 2)
    if source.ipv4 != nil {
      let start: [UInt8] = [0x45, 0] + big(UInt16(clamping: 20 + body.count))
      // No fragments, 64 hops.
      let middle: [UInt8] = [0, 0, 0x40, 0, 64, number]
      let header = checksum(start + middle + [0, 0] + addresses)
      return start + middle + big(header) + addresses + body
    }
    let start: [UInt8] = [0x60, 0, 0, 0] + big(UInt16(clamping: body.count))
    return start + [number, 64] + addresses + body
  }

  /// The Internet checksum (RFC 1071) of some bytes, an even number, and others behind them.
  private static func checksum(_ first: [UInt8], and second: [UInt8] = []) -> UInt16 {
    var sum = words(first) &+ words(second)
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }

  private static func words(_ bytes: [UInt8]) -> UInt64 {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var isHigh = true
    for byte in bytes {
      if isHigh { high &+= UInt64(byte) } else { low &+= UInt64(byte) }
      isHigh.toggle()
    }
    return high << 8 &+ low
  }

  private static func octets(_ address: IPAddress) -> [UInt8] {
    switch address {
    case .ipv4(let address): big(address.bits)
    case .ipv6(let address): big(address.bits)
    }
  }

  private static func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).reversed()
      .map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
  }
}
