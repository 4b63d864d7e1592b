// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

extension Packet {
  /// The TCP header, if there is one.
  package var tcp: TCPHeader? {
    for case .tcp(let header) in layers { return header }
    return nil
  }

  /// The ports of the transport layer, if it has any.
  package var ports: (source: UInt16, destination: UInt16)? {
    switch layers.last {
    case .tcp(let header): (header.sourcePort, header.destinationPort)
    case .udp(let header): (header.sourcePort, header.destinationPort)
    default: nil
    }
  }

  /// The echo of an ICMP message, if it is one.
  package var echo: ICMPHeader.Echo? {
    switch layers.last {
    case .icmp(let header), .icmpv6(let header): header.echo
    default: nil
    }
  }

  /// What the packet is, in a few words: `SYN, ACK`, `data, ACK`, `UDP`, `echo request`.
  package var title: String {
    switch layers.last {
    case .tcp(let header):
      var names = header.flags.names.filter { $0 != "PSH" }
      if !payload.isEmpty { names.insert("data", at: 0) }
      return names.isEmpty ? "TCP" : names.joined(separator: ", ")
    case .udp: return "datagram"
    case .icmp(let header): return header.name(isVersion6: false)
    case .icmpv6(let header): return header.name(isVersion6: true)
    case .ipv4(let header): return "protocol \(header.protocolNumber)"
    case .ipv6(let header): return "protocol \(header.nextHeader)"
    case .ethernet, nil: return "frame"
    }
  }

  /// The size of each header and of the payload: `14+20+40+0`.
  package var sizes: String {
    (layers.map(\.byteCount) + [payload.count]).map(String.init).joined(separator: "+")
  }

  /// One line a layer: its name, its size, and its fields in words.
  ///
  /// - Parameter numbers: from which to count each direction's sequence numbers.
  /// - Returns: the headers, the outermost first, and the data.
  package func layerLines(_ numbers: SequenceNumbers) -> [(
    name: String, byteCount: Int, text: String
  )] {
    var lines = layers.map { layer in
      (name: layer.name, byteCount: layer.byteCount, text: layer.text(numbers))
    }
    let text = payload.isEmpty ? "" : Self.quoted(payload)
    lines.append((name: "data", byteCount: payload.count, text: text))
    return lines
  }
}

extension Packet {
  private static let shownByteCount = 32

  /// The first bytes as C would write them.
  private static func quoted(_ bytes: [UInt8]) -> String {
    let text = bytes.prefix(shownByteCount).map { byte in
      switch byte {
      case 0x22: "\\\""
      case 0x5c: "\\\\"
      case 0x20...0x7e: String(UnicodeScalar(byte))
      // By itself: the fuzz target of packets is built of this folder alone.
      default: (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
      }
    }
    return "\"" + text.joined() + "\"" + (bytes.count > shownByteCount ? "..." : "")
  }
}

extension Packet.Layer {
  var name: String {
    switch self {
    case .ethernet: "Ethernet"
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    case .tcp: "TCP"
    case .udp: "UDP"
    case .icmp: "ICMP"
    case .icmpv6: "ICMPv6"
    }
  }

  var byteCount: Int {
    switch self {
    case .ethernet: 14
    case .ipv4(let header): header.headerByteCount
    case .ipv6(let header): header.headerByteCount
    case .tcp(let header): header.headerByteCount
    case .udp, .icmp, .icmpv6: 8
    }
  }

  /// The fields that a learner asks about.
  func text(_ numbers: SequenceNumbers) -> String {
    switch self {
    case .ethernet(let header):
      return "\(Self.hardware(header.source)) → \(Self.hardware(header.destination)) "
        + "(\(Self.etherTypeName(header.etherType)))"
    case .ipv4(let header):
      let fragment = header.fragmentOffset > 0 || header.hasMoreFragments
      return "\(header.source) → \(header.destination), TTL \(header.timeToLive) "
        + "(\(Self.protocolName(header.protocolNumber)))"
        + (fragment ? ", fragment at \(header.fragmentOffset)" : "")
    case .ipv6(let header):
      return "\(header.source) → \(header.destination), hop limit \(header.hopLimit) "
        + "(\(Self.protocolName(header.nextHeader)))"
    case .tcp(let header):
      let size = header.maximumSegmentSize.map { ", MSS \($0)" } ?? ""
      return "\(header.sourcePort) → \(header.destinationPort), \(numbers.text(header))"
        + ", window \(header.window)\(size)"
    case .udp(let header): return "\(header.sourcePort) → \(header.destinationPort)"
    case .icmp(let header): return header.text(isVersion6: false)
    case .icmpv6(let header): return header.text(isVersion6: true)
    }
  }

  private static func hardware(_ bytes: [UInt8]) -> String {
    HardwareAddress(bytes: bytes.span)?.description ?? ""
  }

  private static func etherTypeName(_ number: UInt16) -> String {
    switch number {
    case EthernetHeader.ipv4: "IPv4"
    case EthernetHeader.ipv6: "IPv6"
    default: "0x" + String(number, radix: 16)
    }
  }

  private static func protocolName(_ number: UInt8) -> String {
    switch number {
    case 1: "ICMP"
    case 6: "TCP"
    case 17: "UDP"
    case 58: "ICMPv6"
    default: "protocol \(number)"
    }
  }
}

extension ICMPHeader {
  func name(isVersion6: Bool) -> String {
    switch (isVersion6, type) {
    case (false, 0), (true, 129): "echo reply"
    case (false, 8), (true, 128): "echo request"
    case (false, 3), (true, 1): "unreachable"
    case (false, 11), (true, 3): "time exceeded"
    case (true, 2): "packet too big"
    case (true, 135): "neighbour solicitation"
    case (true, 136): "neighbour advertisement"
    default: "type \(type)"
    }
  }

  func text(isVersion6: Bool) -> String {
    let place = echo.map { ", id \($0.identifier), sequence \($0.sequence)" } ?? ""
    return "type \(type), code \(code)\(place)"
  }
}

/// Where the sequence numbers of each direction of TCP connections began, so that they can be counted from 0.
package struct SequenceNumbers: Sendable {
  private struct Direction: Hashable {
    let source: UInt16
    let destination: UInt16
  }
  private var starts: [Direction: UInt32] = [:]

  /// Remembers where a direction begins.
  package init() {}

  package mutating func learn(_ header: TCPHeader) {
    let direction = Direction(source: header.sourcePort, destination: header.destinationPort)
    if header.flags.contains(.syn) || starts[direction] == nil {
      starts[direction] = header.sequence
    }
  }

  /// The numbers of a segment, counted from the start of their direction.
  package func text(_ header: TCPHeader) -> String {
    let there = Direction(source: header.sourcePort, destination: header.destinationPort)
    let back = Direction(source: header.destinationPort, destination: header.sourcePort)
    let sequence = header.sequence &- (starts[there] ?? 0)
    guard header.flags.contains(.ack) else { return "seq \(sequence)" }
    return "seq \(sequence), ack \(header.acknowledgment &- (starts[back] ?? 0))"
  }
}
