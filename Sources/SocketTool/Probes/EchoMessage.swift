// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An echo request or reply of ICMP (RFC 792) or ICMPv6 (RFC 4443, section 4).
///
/// Reading takes any bytes at all, and gives nothing for what is cut off, contradicts itself or is another message.
struct EchoMessage: Hashable, Sendable {
  var isReply: Bool
  var identifier: UInt16
  var sequence: UInt16
  var data: [UInt8]
  /// How many routers it may still have passed, where the packet was read and not only the message.
  var timeToLive: UInt8?

  /// Puts a message together.
  init(isReply: Bool = false, identifier: UInt16, sequence: UInt16, data: [UInt8]) {
    self.isReply = isReply
    self.identifier = identifier
    self.sequence = sequence
    self.data = data
  }

  /// Reads a message as a datagram socket, a raw socket of IPv6 or an error queue has it.
  ///
  /// - Parameters:
  ///   - bytes: the message, without the header of the packet that it was in.
  ///   - isVersion6: whether it is one of ICMPv6.
  init?(message bytes: [UInt8], isVersion6: Bool) {
    let packet = isVersion6 ? Packet(icmpv6: bytes) : Packet(icmp: bytes)
    self.init(packet)
  }

  /// Reads a packet as a raw socket of IPv4 has it, whose checksum the kernel has not looked at.
  ///
  /// - Parameter bytes: the packet, with its header.
  init?(packet bytes: [UInt8]) {
    let packet = Packet(ipv4: bytes)
    guard case .ipv4(let header)? = packet.layers.first, !header.hasMoreFragments,
      header.totalByteCount <= bytes.count
    else { return nil }
    let message = bytes.prefix(header.totalByteCount).dropFirst(header.headerByteCount)
    guard InternetChecksum.of(message) == 0 else { return nil }
    self.init(packet)
    timeToLive = header.timeToLive
  }

  private init?(_ packet: Packet) {
    let reply: UInt8
    let header: ICMPHeader
    switch packet.layers.last {
    case .icmp(let icmp): (header, reply) = (icmp, 0)
    case .icmpv6(let icmp): (header, reply) = (icmp, 129)
    default: return nil
    }
    guard packet.problem == nil, header.code == 0, let echo = header.echo else { return nil }
    self.init(
      isReply: header.type == reply, identifier: echo.identifier, sequence: echo.sequence,
      data: packet.payload)
  }

  /// The message's bytes; the checksum of ICMPv6, which covers addresses as well, is left to the kernel.
  func bytes(isVersion6: Bool) -> [UInt8] {
    let type: UInt8 = isVersion6 ? (isReply ? 129 : 128) : isReply ? 0 : 8
    func word(_ number: UInt16) -> [UInt8] {
      [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }
    let rest = word(identifier) + word(sequence) + data
    let checksum = isVersion6 ? 0 : InternetChecksum.of([type, 0, 0, 0] + rest)
    return [type, 0] + word(checksum) + rest
  }
}
