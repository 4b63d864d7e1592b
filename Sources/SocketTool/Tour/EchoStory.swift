// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// An ICMP echo by a raw socket, as `ping` makes it.
///
/// The server is the kernel itself.
struct EchoStory {
  let row: TourRow
  let narrator: Narrator
  let address: SocketAddress

  private static let payload = Array("is anybody there?".utf8)
  private static let sequence: UInt16 = 1
  /// A raw socket hears everybody's ICMP; so many messages that are not ours are passed over.
  private static let maximumForeign = 1000

  private var isVersion6: Bool { row.family == .ipv6 }

  func tell() throws {
    let identifier = UInt16.random(in: 1...UInt16.max)
    narrator.watch(identifier: identifier)
    narrator.expectedPackets = [.sendto: 2]
    narrator.client(
      "A raw socket is below TCP and UDP: there are no ports, and the program writes the message's header itself. "
        + "It needs a capability, CAP_NET_RAW.")
    let socket = try MessageSocket(row.family, row.type, row.protocolNumber)
    let request = message(type: isVersion6 ? 128 : 8, identifier: identifier)
    narrator.explain(
      "It sends an echo request: type \(isVersion6 ? 128 : 8), identifier \(identifier), sequence "
        + "\(Self.sequence). The kernel of the other side answers; here it is the same kernel.")
    try socket.sendDatagram(request, to: address)
    narrator.say(
      isVersion6
        ? "A raw IPv6 socket gives the message without the IP header. It hears its own request first."
        : "A raw IPv4 socket gives the message with its IP header. It hears its own request first.")
    try narrator.check(try reply(on: socket, identifier), is: Self.payload, "echo")
    try socket.close()
  }

  /// The header of an echo and the payload (RFC 792; RFC 4443, section 4.1).
  private func message(type: UInt8, identifier: UInt16) -> [UInt8] {
    var bytes: [UInt8] = [
      type, 0, 0, 0, UInt8(identifier >> 8), UInt8(identifier & 0xff),
      UInt8(Self.sequence >> 8), UInt8(Self.sequence & 0xff),
    ]
    bytes += Self.payload
    // The checksum of ICMPv6 counts addresses that only the kernel knows, so the kernel writes it.
    guard !isVersion6 else { return bytes }
    let checksum = InternetChecksum.of(bytes[...])
    bytes[2] = UInt8(checksum >> 8)
    bytes[3] = UInt8(checksum & 0xff)
    return bytes
  }

  /// The payload of the answer, passing over what others say.
  private func reply(
    on socket: borrowing MessageSocket, _ identifier: UInt16
  ) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 2048)
    for _ in 0..<Self.maximumForeign {
      let datagram = try socket.receiveDatagram(into: &buffer)
      let bytes = Array(buffer.prefix(datagram.byteCount))
      let packet = isVersion6 ? Packet(icmpv6: bytes) : Packet(ipv4: bytes)
      guard packet.echo?.identifier == identifier, packet.title == "echo reply" else { continue }
      return packet.payload
    }
    throw TourFailure("no echo reply among \(Self.maximumForeign) messages")
  }
}

extension TourRow {
  static let echoRows: [TourRow] = [
    TourRow(
      name: "icmp4", title: "ICMP echo over IPv4", family: .ipv4, type: .raw, protocolNumber: .icmp,
      about: "A raw socket asks: are you there? It is what ping does.",
      remedy: "Run as root, or give the program cap_net_raw (setcap).", story: .echo,
      tell: { narrator, row, _ in
        try EchoStory(row: row, narrator: narrator, address: .ipv4(.loopback, port: .any)).tell()
      }),
    TourRow(
      name: "icmp6", title: "ICMPv6 echo over IPv6", family: .ipv6, type: .raw,
      protocolNumber: .icmpv6, about: "The same over IPv6.",
      remedy: "Run as root, or give the program cap_net_raw (setcap).", story: .echo,
      tell: { narrator, row, _ in
        try EchoStory(row: row, narrator: narrator, address: .ipv6(.loopback, port: .any)).tell()
      }),
  ]
}
