// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

// MARK: The network layer

extension Packet {
  mutating func decodeIPv4(_ rest: inout ArraySlice<UInt8>) throws(PacketProblem) {
    let packet = rest
    var reader = ByteReader(rest, "IPv4")
    let versionAndLength: UInt8 = try reader.number()
    _ = try reader.take(1)
    let total: UInt16 = try reader.number()
    let identification: UInt16 = try reader.number()
    let fragment: UInt16 = try reader.number()
    let timeToLive: UInt8 = try reader.number()
    let protocolNumber: UInt8 = try reader.number()
    _ = try reader.take(2)
    let source: UInt32 = try reader.number()
    let destination: UInt32 = try reader.number()
    let length = Int(versionAndLength & 0xf) * 4
    guard versionAndLength >> 4 == 4, length >= 20, Int(total) >= length else {
      throw .malformed("IPv4")
    }
    _ = try reader.take(length - 20)
    let header = IPv4Header(
      source: IPv4Address(bits: source), destination: IPv4Address(bits: destination),
      timeToLive: timeToLive, protocolNumber: protocolNumber, identification: identification,
      headerByteCount: length, totalByteCount: Int(total), mayBeFragmented: fragment & 0x4000 == 0,
      hasMoreFragments: fragment & 0x2000 != 0, fragmentOffset: Int(fragment & 0x1fff) * 8,
      isChecksumRight: InternetChecksum.of(packet.prefix(length)) == 0)
    add(.ipv4(header), reader, &rest)
    // Behind the packet there may be padding of the link.
    rest = rest.prefix(Int(total) - length)
    guard header.fragmentOffset == 0 else { return }
    try decodeTransport(protocolNumber, &rest)
  }

  mutating func decodeIPv6(_ rest: inout ArraySlice<UInt8>) throws(PacketProblem) {
    var reader = ByteReader(rest, "IPv6")
    let first: UInt32 = try reader.number()
    let payloadByteCount: UInt16 = try reader.number()
    var next: UInt8 = try reader.number()
    let hopLimit: UInt8 = try reader.number()
    let source: UInt128 = try reader.number()
    let destination: UInt128 = try reader.number()
    guard first >> 28 == 6 else { throw .malformed("IPv6") }
    var extensions: [UInt8] = []
    var extensionByteCount = 0
    var isLaterFragment = false
    // Hop-by-hop, routing, fragment and destination options (RFC 8200, section 4).
    while [0, 43, 44, 60].contains(next), !isLaterFragment {
      let following: UInt8 = try reader.number()
      let length: UInt8 = try reader.number()
      let body = next == 44 ? 6 : Int(length) * 8 + 6
      let bytes = try reader.take(body)
      if next == 44, let high = bytes.first, let low = bytes.dropFirst().first {
        isLaterFragment = (UInt16(high) << 8 | UInt16(low)) >> 3 != 0
      }
      extensions.append(next)
      extensionByteCount += body + 2
      next = following
    }
    guard extensionByteCount <= Int(payloadByteCount) else { throw .malformed("IPv6") }
    let header = IPv6Header(
      source: IPv6Address(bits: source), destination: IPv6Address(bits: destination),
      hopLimit: hopLimit, flowLabel: first & 0xf_ffff, payloadByteCount: Int(payloadByteCount),
      extensions: extensions, nextHeader: next, headerByteCount: 40 + extensionByteCount)
    add(.ipv6(header), reader, &rest)
    rest = rest.prefix(Int(payloadByteCount) - extensionByteCount)
    guard !isLaterFragment else { return }
    try decodeTransport(next, &rest)
  }
}

// MARK: The transport layer

extension Packet {
  private mutating func decodeTransport(
    _ number: UInt8, _ rest: inout ArraySlice<UInt8>
  ) throws(PacketProblem) {
    switch number {
    case 1: try decodeICMP(isVersion6: false, &rest)
    case 6: try decodeTCP(&rest)
    case 17: try decodeUDP(&rest)
    case 58: try decodeICMP(isVersion6: true, &rest)
    default: break
    }
  }

  private mutating func decodeTCP(_ rest: inout ArraySlice<UInt8>) throws(PacketProblem) {
    var reader = ByteReader(rest, "TCP")
    let source: UInt16 = try reader.number()
    let destination: UInt16 = try reader.number()
    let sequence: UInt32 = try reader.number()
    let acknowledgment: UInt32 = try reader.number()
    let offset: UInt8 = try reader.number()
    let flags: UInt8 = try reader.number()
    let window: UInt16 = try reader.number()
    _ = try reader.take(4)
    let length = Int(offset >> 4) * 4
    guard length >= 20 else { throw .malformed("TCP") }
    var header = TCPHeader(
      sourcePort: source, destinationPort: destination, sequence: sequence,
      acknowledgment: acknowledgment, flags: TCPHeader.Flags(rawValue: flags), window: window,
      headerByteCount: length)
    header.readOptions(try reader.take(length - 20))
    add(.tcp(header), reader, &rest)
  }

  private mutating func decodeUDP(_ rest: inout ArraySlice<UInt8>) throws(PacketProblem) {
    var reader = ByteReader(rest, "UDP")
    let source: UInt16 = try reader.number()
    let destination: UInt16 = try reader.number()
    let length: UInt16 = try reader.number()
    _ = try reader.take(2)
    guard length >= 8 else { throw .malformed("UDP") }
    let header = UDPHeader(
      sourcePort: source, destinationPort: destination, byteCount: Int(length))
    add(.udp(header), reader, &rest)
    rest = rest.prefix(Int(length) - 8)
  }

  mutating func decodeICMP(
    isVersion6: Bool, _ rest: inout ArraySlice<UInt8>
  ) throws(PacketProblem) {
    var reader = ByteReader(rest, isVersion6 ? "ICMPv6" : "ICMP")
    let type: UInt8 = try reader.number()
    let code: UInt8 = try reader.number()
    _ = try reader.take(2)
    let identifier: UInt16 = try reader.number()
    let sequence: UInt16 = try reader.number()
    let isEcho = isVersion6 ? type == 128 || type == 129 : type == 8 || type == 0
    let header = ICMPHeader(
      type: type, code: code,
      echo: isEcho ? ICMPHeader.Echo(identifier: identifier, sequence: sequence) : nil)
    add(isVersion6 ? .icmpv6(header) : .icmp(header), reader, &rest)
  }
}

extension TCPHeader {
  /// Reads the options that are known (RFC 9293, section 3.2; RFC 7323; RFC 2018) and passes over the others.
  ///
  /// Options that contradict their own length end the reading: they harm nothing but themselves.
  fileprivate mutating func readOptions(_ bytes: ArraySlice<UInt8>) {
    var reader = ByteReader(bytes, "TCP")
    while let kind = try? reader.number(UInt8.self), kind != 0 {
      if kind == 1 { continue }
      guard let length = try? reader.number(UInt8.self), length >= 2,
        let value = try? reader.take(Int(length) - 2)
      else { return }
      var body = ByteReader(value, "TCP")
      switch (kind, length) {
      case (2, 4): maximumSegmentSize = try? body.number()
      case (3, 3): windowScale = try? body.number()
      case (4, 2): permitsSelectiveAcknowledgment = true
      case (8, 10): hasTimestamps = true
      default: break
      }
    }
  }
}
