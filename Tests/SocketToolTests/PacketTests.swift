// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import SocketTool
import Sockets
import TestSupport
import Testing

/// Frames written by hand from the RFCs, and what must be read from them.
@Suite struct PacketTests {
  private static let ethernetIPv4 = [UInt8](repeating: 0, count: 12) + [0x08, 0x00]
  private static let ethernetIPv6 = [UInt8](repeating: 0, count: 12) + [0x86, 0xdd]

  /// 127.0.0.1:40000 to 127.0.0.1:7000, SYN, MSS 65495, window scale 7, padding of the link behind it.
  private static let syn: [UInt8] =
    ethernetIPv4 + [
      0x45, 0x00, 0x00, 0x34, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0x2a, 0x8e, 127, 0, 0, 1, 127, 0,
      0, 1,
      0x9c, 0x40, 0x1b, 0x58, 0x00, 0x00, 0x00, 0x64, 0, 0, 0, 0, 0x80, 0x02, 0xff, 0xff, 0, 0, 0,
      0,
      2, 4, 0xff, 0xd7, 1, 3, 3, 7, 4, 2, 1, 1,
    ] + [0xaa, 0xaa]

  /// [::1]:1000 to [::1]:53, "hi", behind a hop-by-hop header.
  private static let datagram: [UInt8] =
    ethernetIPv6 + [0x60, 0x01, 0x23, 0x45, 0, 18, 0, 33] + [UInt8](repeating: 0, count: 15) + [1]
    + [UInt8](repeating: 0, count: 15) + [1] + [17, 0, 1, 4, 0, 0, 0, 0]
    + [0x03, 0xe8, 0, 53, 0, 10, 0, 0] + Array("hi".utf8)

  @Test func aSegmentIsReadLayerByLayer() throws {
    let packet = Packet(ethernetFrame: Self.syn)
    #expect(packet.problem == nil)
    #expect(packet.payload == [])
    #expect(packet.title == "SYN")
    #expect(packet.sizes == "14+20+32+0")
    #expect(packet.ports?.source == 40000)
    #expect(packet.ports?.destination == 7000)
    let header = try #require(packet.tcp)
    #expect(header.sequence == 100)
    #expect(header.maximumSegmentSize == 65495)
    #expect(header.windowScale == 7)
    #expect(header.permitsSelectiveAcknowledgment)
    guard case .ipv4(let ip) = packet.layers[1] else {
      Issue.record("the second layer is \(packet.layers[1])")
      return
    }
    #expect(ip.source == .loopback)
    #expect(ip.timeToLive == 64)
    #expect(ip.isChecksumRight)
  }

  @Test func aDatagramBehindAnExtensionHeaderIsRead() {
    let packet = Packet(ethernetFrame: Self.datagram)
    #expect(packet.problem == nil)
    #expect(packet.payload == Array("hi".utf8))
    #expect(packet.title == "datagram")
    #expect(packet.sizes == "14+48+8+2")
    #expect(packet.ports?.destination == 53)
  }

  @Test func echoesOfBothVersionsAreRead() {
    let request: [UInt8] = [8, 0, 0, 0, 0x12, 0x34, 0, 7] + Array("x".utf8)
    var ip: [UInt8] = [
      0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ]
    let checksum = InternetChecksum.of(ip[...])
    ip[10] = UInt8(checksum >> 8)
    ip[11] = UInt8(checksum & 0xff)
    let packet = Packet(ipv4: ip + request)
    #expect(packet.title == "echo request")
    #expect(packet.echo?.identifier == 0x1234)
    #expect(packet.echo?.sequence == 7)
    #expect(packet.payload == Array("x".utf8))
    #expect(Packet(icmpv6: [129] + request.dropFirst()).title == "echo reply")
  }

  @Test func aLaterFragmentIsPayload() {
    var frame = Self.syn
    frame[14 + 6] = 0x20
    frame[14 + 7] = 0x01
    let packet = Packet(ethernetFrame: frame)
    #expect(packet.layers.count == 2)
    #expect(packet.payload.count == 32)
    #expect(packet.title == "protocol 6")
  }

  @Test func aFrameThatIsCutOffAnywhereKeepsWhatCameBefore() {
    for frame in [Self.syn.dropLast(2), Self.datagram[...]] {
      let whole = Packet(ethernetFrame: Array(frame))
      for count in 0..<frame.count - whole.payload.count {
        let packet = Packet(ethernetFrame: Array(frame.prefix(count)))
        #expect(packet.problem != nil, "\(count) bytes of \(frame.count)")
        #expect(packet.layers.count < whole.layers.count)
        #expect(packet.layers == Array(whole.layers.prefix(packet.layers.count)))
      }
    }
  }

  @Test(arguments: [
    (14, UInt8(0x65)), (14, 0x44), (16, 0xff), (46, 0x40),
  ]) func aHeaderThatContradictsItselfIsAProblem(offset: Int, value: UInt8) {
    var frame = Self.syn
    frame[offset] = value
    // A total length beyond the frame is no contradiction: the capture may have been cut.
    let packet = Packet(ethernetFrame: frame)
    #expect(packet.problem != nil || offset == 16)
    #expect(packet.layers.count < 3 || offset == 16)
  }

  @Test func optionsThatLieAboutTheirLengthEndOnlyTheOptions() throws {
    var frame = Self.syn
    frame[14 + 40 + 1] = 200
    let header = try #require(Packet(ethernetFrame: frame).tcp)
    #expect(header.maximumSegmentSize == nil)
    #expect(header.windowScale == nil)
    #expect(header.sequence == 100)
  }

  /// Any bytes, and any bytes behind a right beginning: nothing traps, and nothing is larger than the frame.
  @Test func anyBytesAreDecoded() {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      var frame: [UInt8] =
        [[], Self.ethernetIPv4, Self.ethernetIPv6, Self.syn, Self.datagram]
        .randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 0...60, using: &generator) {
        frame.append(UInt8.random(in: .min ... .max, using: &generator))
      }
      for _ in 0..<Int.random(in: 0...3, using: &generator) where !frame.isEmpty {
        frame[Int.random(in: frame.indices, using: &generator)] =
          UInt8.random(in: .min ... .max, using: &generator)
      }
      let packet = Packet(ethernetFrame: frame)
      #expect(packet.payload.count <= frame.count, "seed \(seed)")
      for line in packet.layerLines(SequenceNumbers()) {
        #expect(line.text.utf8.count < 400, "seed \(seed)")
      }
    }
  }

  @Test func sequenceNumbersAreCountedFromTheirStart() throws {
    var numbers = SequenceNumbers()
    let header = try #require(Packet(ethernetFrame: Self.syn).tcp)
    numbers.learn(header)
    #expect(numbers.text(header) == "seq 0")
    var answer = header
    answer.sourcePort = header.destinationPort
    answer.destinationPort = header.sourcePort
    answer.sequence = .max
    answer.acknowledgment = 101
    answer.flags = [.syn, .ack]
    numbers.learn(answer)
    #expect(numbers.text(answer) == "seq 0, ack 1")
    answer.flags = .ack
    answer.sequence = 0
    #expect(numbers.text(answer) == "seq 1, ack 1")
  }
}
