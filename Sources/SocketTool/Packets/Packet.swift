// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets

/// A packet as it was seen on a link, decoded layer by layer.
///
/// Decoding takes any bytes at all: what is cut off or contradicts itself ends the decoding with a ``problem``, and
/// the layers before stand.
///
/// Decoded are Ethernet, IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), TCP (RFC 9293), UDP (RFC 768),
/// ICMP (RFC 792) and ICMPv6 (RFC 4443). Anything else is payload. Fragments are not put together again: of a later
/// fragment everything behind the IP header is payload.
package struct Packet: Hashable, Sendable {
  /// A header, from the outside to the inside.
  package enum Layer: Hashable, Sendable {
    case ethernet(EthernetHeader)
    case ipv4(IPv4Header)
    case ipv6(IPv6Header)
    case tcp(TCPHeader)
    case udp(UDPHeader)
    case icmp(ICMPHeader)
    case icmpv6(ICMPHeader)
  }

  /// The headers that were decoded, the outermost first.
  package var layers: [Layer] = []
  /// What lies behind the last decoded header.
  package var payload: [UInt8] = []
  /// How many bytes the packet has.
  package var byteCount: Int
  /// Why decoding ended early, or `nil`.
  package var problem: PacketProblem?

  /// Decodes a frame of Ethernet, or of a loopback interface, which has the same header.
  package init(ethernetFrame bytes: [UInt8]) {
    self.init(bytes) { packet, rest throws(PacketProblem) in try packet.decodeEthernet(&rest) }
  }

  /// Decodes an IPv4 packet, as a raw socket receives it.
  package init(ipv4 bytes: [UInt8]) {
    self.init(bytes) { packet, rest throws(PacketProblem) in try packet.decodeIPv4(&rest) }
  }

  /// Decodes an ICMP message, as a datagram socket receives it.
  package init(icmp bytes: [UInt8]) {
    self.init(bytes) { packet, rest throws(PacketProblem) in
      try packet.decodeICMP(isVersion6: false, &rest)
    }
  }

  /// Decodes an ICMPv6 message, as a raw socket receives it.
  package init(icmpv6 bytes: [UInt8]) {
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
package struct EthernetHeader: Hashable, Sendable {
  package static let ipv4: UInt16 = 0x0800
  package static let ipv6: UInt16 = 0x86dd

  package var destination: [UInt8]
  package var source: [UInt8]
  /// What is inside.
  package var etherType: UInt16
}

/// The header of an IPv4 packet (RFC 791, section 3.1).
package struct IPv4Header: Hashable, Sendable {
  package var source: IPv4Address
  package var destination: IPv4Address
  package var timeToLive: UInt8
  package var protocolNumber: UInt8
  package var identification: UInt16
  package var headerByteCount: Int
  package var totalByteCount: Int
  package var mayBeFragmented: Bool
  package var hasMoreFragments: Bool
  /// Where this fragment begins, in bytes.
  package var fragmentOffset: Int
  package var isChecksumRight: Bool
}

/// The header of an IPv6 packet (RFC 8200, section 3), and the extension headers behind it.
package struct IPv6Header: Hashable, Sendable {
  package var source: IPv6Address
  package var destination: IPv6Address
  package var hopLimit: UInt8
  package var flowLabel: UInt32
  package var payloadByteCount: Int
  /// The extension headers that were passed over, by number.
  package var extensions: [UInt8]
  /// The protocol behind the extension headers.
  package var nextHeader: UInt8
  /// The header and its extensions.
  package var headerByteCount: Int
}

/// The header of a TCP segment (RFC 9293, section 3.1).
package struct TCPHeader: Hashable, Sendable {
  /// The bits of a header, in the order in which people write them.
  package struct Flags: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let fin = Flags(rawValue: 1)
    package static let syn = Flags(rawValue: 2)
    package static let rst = Flags(rawValue: 4)
    package static let psh = Flags(rawValue: 8)
    package static let ack = Flags(rawValue: 16)
    package static let urg = Flags(rawValue: 32)
    package static let ece = Flags(rawValue: 64)
    package static let cwr = Flags(rawValue: 128)

    /// For example `SYN, ACK`.
    package var names: [String] {
      let all: [(Flags, String)] = [
        (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.urg, "URG"), (.ece, "ECE"),
        (.cwr, "CWR"), (.ack, "ACK"),
      ]
      return all.filter { contains($0.0) }.map(\.1)
    }
  }

  package var sourcePort: UInt16
  package var destinationPort: UInt16
  package var sequence: UInt32
  package var acknowledgment: UInt32
  package var flags: Flags
  package var window: UInt16
  package var headerByteCount: Int
  /// The largest segment that the sender takes, from its option.
  package var maximumSegmentSize: UInt16?
  /// By how many bits windows are shifted, from its option.
  package var windowScale: UInt8?
  /// Whether the sender takes selective acknowledgments.
  package var permitsSelectiveAcknowledgment = false
  /// Whether there is a timestamp option.
  package var hasTimestamps = false
}

/// The header of a UDP datagram (RFC 768).
package struct UDPHeader: Hashable, Sendable {
  package var sourcePort: UInt16
  package var destinationPort: UInt16
  /// The header and the data.
  package var byteCount: Int
}

/// The header of an ICMP or ICMPv6 message.
package struct ICMPHeader: Hashable, Sendable {
  package var type: UInt8
  package var code: UInt8
  /// Of an echo; otherwise `nil`.
  package var echo: Echo?

  package struct Echo: Hashable, Sendable {
    package var identifier: UInt16
    package var sequence: UInt16
  }
}
