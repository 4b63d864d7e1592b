// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import Sockets
import SystemPackage
import TestSupport
import Testing

@testable import SocketTool

/// The parts of ping, trace and scan that ask nobody.
@Suite struct ProbePartsTests {
  // MARK: The pace of a scan

  /// How many connections are begun in a second by somebody who sleeps too long each time.
  private static func begun(atMost rate: Int, lateness: Int64) -> Int {
    var pace = ScanPace(rate: rate, start: 0)
    var now: Int64 = 0
    var count = 0
    while now < 1_000_000_000 {
      count += 1
      if let due = pace.next(at: now) { now = due + lateness }
    }
    return count
  }

  @Test(arguments: [1, 7, 1000, 3000, 100_000])
  func aScanKeepsItsPaceThoughItSleepsTooLong(rate: Int) {
    for lateness: Int64 in [0, 900_000] {
      let count = Self.begun(atMost: rate, lateness: lateness)
      // One is begun at once, and what a late sleeper makes good at its end counts for the next second.
      #expect(count >= rate * 99 / 100 && count <= rate * 101 / 100 + 1, "\(count)")
    }
  }

  @Test func noFloodFollowsAPause() {
    var pace = ScanPace(rate: 1000, start: 0)
    let now: Int64 = 60_000_000_000
    var atOnce = 0
    while pace.next(at: now) == nil { atOnce += 1 }
    #expect((1...11).contains(atOnce))
  }

  // MARK: Echoes

  @Test(arguments: [false, true]) func anEchoIsReadAsItWasWritten(isVersion6: Bool) throws {
    for isReply in [false, true] {
      let message = EchoMessage(
        isReply: isReply, identifier: 0xfffe, sequence: 0x1234, data: Array("data!".utf8))
      let bytes = message.bytes(isVersion6: isVersion6)
      #expect(EchoMessage(message: bytes, isVersion6: isVersion6) == message)
      #expect(bytes.first == (isVersion6 ? (isReply ? 129 : 128) : isReply ? 0 : 8))
      // A message of the other version is another message.
      #expect(EchoMessage(message: bytes, isVersion6: !isVersion6) == nil)
      if !isVersion6 { #expect(InternetChecksum.of(bytes[...]) == 0) }
    }
  }

  /// An echo reply in a packet from 10.0.0.2 to 10.0.0.1 that has 61 routers left.
  private static func packet(_ message: [UInt8], options: [UInt8] = []) -> [UInt8] {
    let length = 20 + options.count
    let total = UInt16(length + message.count)
    return [
      0x40 | UInt8(length / 4), 0, UInt8(total >> 8), UInt8(total & 0xff), 0, 0, 0, 0, 61, 1, 0, 0,
      10, 0, 0, 2, 10, 0, 0, 1,
    ] + options + message
  }

  private static let reply = EchoMessage(
    isReply: true, identifier: 7, sequence: 9, data: Array("0123456789".utf8)
  ).bytes(isVersion6: false)

  @Test func aPacketIsReadWithItsOptionsAndWithoutItsPadding() throws {
    for options in [[], [UInt8](repeating: 1, count: 40)] {
      let bytes = Self.packet(Self.reply, options: options)
      let message = try #require(EchoMessage(packet: bytes + [0xaa, 0xbb]))
      #expect(message.isReply && message.identifier == 7 && message.sequence == 9)
      #expect(message.data == Array("0123456789".utf8) && message.timeToLive == 61)
    }
  }

  @Test func whatIsCutOffOrAlteredIsNoEcho() {
    let bytes = Self.packet(Self.reply)
    for count in 0..<bytes.count {
      #expect(EchoMessage(packet: Array(bytes.prefix(count))) == nil, "\(count) bytes")
    }
    for count in 0..<8 {
      #expect(EchoMessage(message: Array(Self.reply.prefix(count)), isVersion6: false) == nil)
    }
    // Each bit of the message counts, by its checksum.
    for place in 20..<bytes.count {
      var altered = bytes
      altered[place] ^= 0x10
      #expect(EchoMessage(packet: altered) == nil, "byte \(place)")
    }
    // A header that is longer than the packet, shorter than a header, of another version, a fragment.
    for (place, value) in [(0, UInt8(0x4f)), (0, 0x44), (0, 0x65), (3, 19), (3, 255), (6, 0x20)] {
      var altered = bytes
      altered[place] = value
      #expect(EchoMessage(packet: altered) == nil, "byte \(place)")
    }
  }

  @Test func anyBytesAreReadOrRefused() {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SeededGenerator(seed: seed)
    let whole = Self.packet(Self.reply)
    for _ in 0..<20_000 {
      var bytes = Bool.random(using: &generator) ? whole : Self.reply
      bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
      for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &generator)] =
          UInt8.random(in: .min ... .max, using: &generator)
      }
      for message in [
        EchoMessage(packet: bytes), EchoMessage(message: bytes, isVersion6: true),
        EchoMessage(message: bytes, isVersion6: false),
      ] {
        #expect(message.map { $0.data.count + 8 <= bytes.count } ?? true, "seed \(seed)")
      }
    }
  }

  // MARK: Reasons

  @Test func reasonsHaveTheMarksOfTraceroute() {
    let rows: [(UInt8, UInt8, UInt32, Bool, String)] = [
      (3, 0, 0, false, "!N"), (3, 1, 0, false, "!H"), (3, 2, 0, false, "!P"), (3, 3, 0, false, ""),
      (3, 4, 1400, false, "!F-1400"), (3, 4, 0, false, "!F"), (3, 13, 0, false, "!X"),
      (3, 200, 0, false, "!<200>"), (11, 0, 5, false, ""), (1, 0, 0, true, "!N"),
      (1, 1, 0, true, "!X"), (1, 3, 0, true, "!H"), (1, 4, 0, true, ""),
      (2, 0, 1280, true, "!F-1280"), (3, 0, 0, true, ""), (99, 1, 0, true, "!<99-1>"),
    ]
    for (type, code, mtu, isVersion6, mark) in rows {
      let reason = ICMPReason(type: type, code: code, mtu: mtu, isVersion6: isVersion6)
      #expect(reason.mark == mark, "\(type) \(code)")
      #expect(!reason.text.isEmpty && (reason.mtu != nil) == mark.hasPrefix("!F-"))
    }
    for type in UInt8.min ... .max {
      for code in UInt8.min ... .max {
        for isVersion6 in [false, true] {
          let reason = ICMPReason(type: type, code: code, mtu: .max, isVersion6: isVersion6)
          #expect(reason.text.count < 80 && reason.mark.count < 20)
        }
      }
    }
    #expect(ICMPReason(ExtendedError(errno: .messageTooLong, origin: .local)) == nil)
  }

  // MARK: Tables

  private static let target = IPAddress("10.0.0.9")

  private func answer(_ isTarget: Bool) throws -> TraceTable.Entry {
    let target = try #require(Self.target)
    let reason = ICMPReason(type: 11, code: 0, isVersion6: false)
    let error = ExtendedError(errno: .noRouteToHost, origin: .icmp, type: 11)
    return .answered(
      isTarget
        ? TraceAnswer(target: target, nanoseconds: 1)
        : TraceAnswer(error, reason, from: target, to: target, nanoseconds: 1))
  }

  @Test func hopsComeInTheirOrderWhateverAnswersFirst() throws {
    var table = TraceTable(1...9, queries: 2)
    let numbers = (0..<12).compactMap { _ in table.next() }
    #expect(numbers.map(\.hop) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
    // The target is at hop 4; hops 5 and 6 had been sent by then.
    for number in [11, 6, 7, 3, 2] { table.settle(number, try answer(number > 5)) }
    #expect(table.end == 4)
    var hops = [table.next()?.hop, table.nextComplete()?.hop]
    #expect(hops == [nil, nil])
    table.settle(0, .silent)
    table.settle(1, try answer(false))
    hops = (0..<3).map { _ in table.nextComplete()?.hop }
    #expect(hops == [1, 2, nil] && !table.isOver)
    table.giveUp()
    let row = table.nextComplete()
    let third = try #require(row)
    #expect(third.hop == 3 && third.entries == [.silent, .silent])
    hops = (0..<2).map { _ in table.nextComplete()?.hop }
    #expect(hops == [4, nil] && table.isOver)
    // What is no probe changes nothing.
    table.settle(-1, .silent)
    table.settle(1000, .silent)
  }

  @Test func aTableWithoutAnEndHasAllItsHops() throws {
    var table = TraceTable(3...5, queries: 1)
    while let (number, _) = table.next() { table.settle(number, .silent) }
    var hops: [Int] = []
    while let (hop, _) = table.nextComplete() { hops.append(hop) }
    #expect(hops == [3, 4, 5] && table.isOver && table.end == nil)
  }

  // MARK: Numbers

  @Test func statisticsAreThoseOfTheSample() {
    var statistics = PingStatistics()
    #expect(statistics.loss == 0 && statistics.average == 0 && statistics.deviation == 0)
    for value in [2.0, 4, 4, 4, 5, 5, 7, 9] { statistics.count(milliseconds: value) }
    statistics.sent = 10
    #expect(statistics.minimum == 2 && statistics.maximum == 9 && statistics.average == 5)
    #expect(abs(statistics.deviation - 2) < 1e-9 && abs(statistics.loss - 0.2) < 1e-9)
  }

  @Test func aTimestampThatCannotBeTrueIsNotTaken() {
    let instant = ProbeInstant.now
    let later = ProbeInstant(
      monotonic: instant.monotonic - 5_000_000, real: instant.real - 5_000_000)
    func stamp(_ nanoseconds: Int64) -> MessageTimestamp {
      let time = later.real + nanoseconds
      return MessageTimestamp(
        seconds: time / 1_000_000_000, nanoseconds: UInt32(time % 1_000_000_000))
    }
    #expect(later.nanoseconds(until: stamp(3_000_000)) == 3_000_000)
    #expect(later.nanoseconds(until: stamp(-1)) >= 5_000_000)
    #expect(later.nanoseconds(until: stamp(3_600_000_000_000)) < 3_600_000_000_000)
    for seconds in [Int64.min, .max] {
      let wild = MessageTimestamp(seconds: seconds, nanoseconds: .max)
      #expect(later.nanoseconds(until: wild) >= 5_000_000)
    }
  }

  @Test func portsAreReadOnceEachAndInOrder() throws {
    let list = try PortList(parsing: "443,1-3,2,https,65535") { $0 == "https" ? 443 : nil }
    #expect(list.ports == [1, 2, 3, 443, 65535])
    let all = try PortList(parsing: "1-65535") { _ in nil }
    #expect(all.ports.count == 65535)
    for text in [
      "", ",", "0", "1-", "-1", "-", "1-2-3", "3-2", "65536", "99999999999999999999", "+1", " 1",
      "ftp", "٣",
    ] {
      #expect(throws: PortList.Failure.self, "\(text)") {
        _ = try PortList(parsing: text) { _ in nil }
      }
    }
  }

  /// A router looks three seconds for a machine before it says that there is none.
  @Test func aRoutersAnswerIsWaitedFor() {
    #expect(TraceCommand.defaultTimeout > .seconds(3))
  }

  @Test func timesStandInColumns() {
    #expect(ProbeText.milliseconds(0) == "0.000 ms" && ProbeText.milliseconds(1.5) == "1.500 ms")
    #expect(ProbeText.milliseconds(12) == "12.000 ms")
    #expect(ProbeText.milliseconds(0.0426) == "0.043 ms")
  }
}

#endif
