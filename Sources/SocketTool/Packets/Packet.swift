// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// A packet as it was seen on a link, decoded layer by layer.
///
/// Decoding takes any bytes at all: what is cut off or contradicts itself ends the decoding with a ``problem``, and
/// the layers before stand.
///
/// Decoded are Ethernet, IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), TCP (RFC 9293), UDP (RFC 768),
/// ICMP (RFC 792) and ICMPv6 (RFC 4443). Anything else is payload. Fragments are not put together again: of a later
/// fragment everything behind the IP header is payload.
struct Packet: Hashable, Sendable {
  /// A header, from the outside to the inside.
  enum Layer: Hashable, Sendable {
    case ethernet(EthernetHeader)
    case ipv4(IPv4Header)
    case ipv6(IPv6Header)
    case tcp(TCPHeader)
    case udp(UDPHeader)
    case icmp(ICMPHeader)
    case icmpv6(ICMPHeader)
  }

  /// The headers that were decoded, the outermost first.
  var layers: [Layer] = []
  /// What lies behind the last decoded header.
  var payload: [UInt8] = []
  /// How many bytes the packet has.
  var byteCount: Int
  /// Why decoding ended early, or `nil`.
  var problem: PacketProblem?

  /// Decodes a frame of Ethernet, or of a loopback interface, which has the same header.
  init(ethernetFrame bytes: [UInt8]) {
    self.init(bytes) { packet, rest throws(PacketProblem) in try packet.decodeEthernet(&rest) }
  }

  /// Decodes an IPv4 packet, as a raw socket receives it.
  init(ipv4 bytes: [UInt8]) {
    self.init(bytes) { packet, rest throws(PacketProblem) in try packet.decodeIPv4(&rest) }
  }

  /// Decodes an ICMPv6 message, as a raw socket receives it.
  init(icmpv6 bytes: [UInt8]) {
    self.init(bytes) { packet, rest throws(PacketProblem) in
      try packet.decodeICMP(isVersion6: true, &rest)
    }
  }

  private init(
    _ bytes: [UInt8],
    decode: (inout Packet, inout ArraySlice<UInt8>) throws(PacketProblem) -> Void
  ) {
    byteCount = bytes.count
    var rest = bytes[...]
    do throws(PacketProblem) {
      try decode(&self, &rest)
    } catch {
      problem = error
    }
    payload = Array(rest)
  }

  /// Adds a layer and moves on behind it.
  mutating func add(_ layer: Layer, _ reader: ByteReader, _ rest: inout ArraySlice<UInt8>) {
    layers.append(layer)
    rest = reader.rest
  }

  private mutating func decodeEthernet(_ rest: inout ArraySlice<UInt8>) throws(PacketProblem) {
    var reader = ByteReader(rest, "Ethernet")
    let header = EthernetHeader(
      destination: Array(try reader.take(6)), source: Array(try reader.take(6)),
      etherType: try reader.number())
    add(.ethernet(header), reader, &rest)
    switch header.etherType {
    case EthernetHeader.ipv4: try decodeIPv4(&rest)
    case EthernetHeader.ipv6: try decodeIPv6(&rest)
    default: break
    }
  }
}

/// The header of an Ethernet frame (IEEE 802.3): 14 bytes.
struct EthernetHeader: Hashable, Sendable {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd

  var destination: [UInt8]
  var source: [UInt8]
  /// What is inside.
  var etherType: UInt16
}

/// The header of an IPv4 packet (RFC 791, section 3.1).
struct IPv4Header: Hashable, Sendable {
  var source: IPv4Address
  var destination: IPv4Address
  var timeToLive: UInt8
  var protocolNumber: UInt8
  var identification: UInt16
  var headerByteCount: Int
  var totalByteCount: Int
  var mayBeFragmented: Bool
  var hasMoreFragments: Bool
  /// Where this fragment begins, in bytes.
  var fragmentOffset: Int
  var isChecksumRight: Bool
}

/// The header of an IPv6 packet (RFC 8200, section 3), and the extension headers behind it.
struct IPv6Header: Hashable, Sendable {
  var source: IPv6Address
  var destination: IPv6Address
  var hopLimit: UInt8
  var flowLabel: UInt32
  var payloadByteCount: Int
  /// The extension headers that were passed over, by number.
  var extensions: [UInt8]
  /// The protocol behind the extension headers.
  var nextHeader: UInt8
  /// The header and its extensions.
  var headerByteCount: Int
}

/// The header of a TCP segment (RFC 9293, section 3.1).
struct TCPHeader: Hashable, Sendable {
  /// The bits of a header, in the order in which people write them.
  struct Flags: OptionSet, Hashable, Sendable {
    var rawValue: UInt8
    static let fin = Flags(rawValue: 1)
    static let syn = Flags(rawValue: 2)
    static let rst = Flags(rawValue: 4)
    static let psh = Flags(rawValue: 8)
    static let ack = Flags(rawValue: 16)
    static let urg = Flags(rawValue: 32)
    static let ece = Flags(rawValue: 64)
    static let cwr = Flags(rawValue: 128)

    /// For example `SYN, ACK`.
    var names: [String] {
      let all: [(Flags, String)] = [
        (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.urg, "URG"), (.ece, "ECE"),
        (.cwr, "CWR"), (.ack, "ACK"),
      ]
      return all.filter { contains($0.0) }.map(\.1)
    }
  }

  var sourcePort: UInt16
  var destinationPort: UInt16
  var sequence: UInt32
  var acknowledgment: UInt32
  var flags: Flags
  var window: UInt16
  var headerByteCount: Int
  /// The largest segment that the sender takes, from its option.
  var maximumSegmentSize: UInt16?
  /// By how many bits windows are shifted, from its option.
  var windowScale: UInt8?
  /// Whether the sender takes selective acknowledgments.
  var permitsSelectiveAcknowledgment = false
  /// Whether there is a timestamp option.
  var hasTimestamps = false
}

/// The header of a UDP datagram (RFC 768).
struct UDPHeader: Hashable, Sendable {
  var sourcePort: UInt16
  var destinationPort: UInt16
  /// The header and the data.
  var byteCount: Int
}

/// The header of an ICMP or ICMPv6 message.
struct ICMPHeader: Hashable, Sendable {
  var type: UInt8
  var code: UInt8
  /// Of an echo; otherwise `nil`.
  var echo: Echo?

  struct Echo: Hashable, Sendable {
    var identifier: UInt16
    var sequence: UInt16
  }
}
