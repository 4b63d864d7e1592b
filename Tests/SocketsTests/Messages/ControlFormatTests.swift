// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import Testing

/// Control messages as bytes: from the kernel or from an enemy of it.
@Suite struct ControlFormatting {
  /// The items in some bytes.
  private func messages(_ bytes: [UInt8]) -> [ControlMessage] {
    var messages: [ControlMessage] = []
    ControlQuestions.forEach(bytes.span) { messages.append($0) }
    return messages
  }

  /// A header and a payload; the length may lie.
  private func item(
    _ level: Int32, _ type: Int32, _ payload: [UInt8], length: UInt64? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendNumber(length ?? UInt64(16 + payload.count))
    bytes.appendNumber(level)
    bytes.appendNumber(type)
    return bytes + payload + Array(repeating: 0, count: (8 - payload.count % 8) % 8)
  }

  @Test(arguments: [
    ControlMessage.credentials(ProcessCredentials(processID: 1, userID: 2, groupID: .max)),
    .packetInfo(PacketInfo(source: .ipv4(IPv4Address(10, 1, 2, 3)), interface: .any)),
    .timeToLive(255), .hopLimit(0), .typeOfService(TrafficClass(rawValue: 0xff)),
    .trafficClass(TrafficClass(codePoint: 63)), .requestTimestamps([.software, .acknowledged]),
    .timestampKey(.max), .segmentSize(.max), .transmitTime(.max), .mark(.max), .priority(6),
    .other(level: -1, type: .min, bytes: []), .other(level: 7, type: 8, bytes: [1, 2, 3]),
  ])
  func whatIsSentReadsTheSame(_ message: ControlMessage) throws {
    let control = try ControlMessages(message)
    #expect(control.byteCount % 8 == 0)
    if case .packetInfo(let info) = message {
      // The kernel's structure has no destination on the way out.
      let destination = IPAddress.ipv4(.any)
      let read = PacketInfo(
        interface: info.interface, localAddress: info.localAddress, destination: destination)
      #expect(messages(control.bytes) == [.packetInfo(read)])
    } else {
      #expect(messages(control.bytes) == [message])
    }
  }

  @Test func aLengthThatCannotBeTrueIsAnErrorValue() {
    let good = item(0, 2, [7, 0, 0, 0])
    for length in [0, 1, 15, 49, 1 << 31, 1 << 32, UInt64(Int64.max), .max, .max - 7] {
      let bad = item(0, 2, [7, 0, 0, 0], length: length)
      #expect(messages(bad) == [.malformed(offset: 0)])
      #expect(messages(good + bad + good) == [.timeToLive(7), .malformed(offset: 24)])
    }
    #expect(messages(item(0, 2, [7, 0, 0, 0], length: 24)) == [.timeToLive(7)])
  }

  @Test func whatIsTooShortForAHeaderIsNothing() {
    for count in 0..<16 { #expect(messages(Array(repeating: 0xff, count: count)) == []) }
    // The last item may lack its padding.
    #expect(messages(Array(item(0, 2, [7, 0, 0, 0]).prefix(20))) == [.timeToLive(7)])
  }

  @Test func aPayloadOfTheWrongSizeIsKeptAsBytes() {
    let kinds: [(Int32, Int32)] = [
      (1, 2), (1, 4), (1, 29), (1, 35), (1, 37), (1, 40), (1, 61), (0, 8), (0, 11), (0, 20),
      (41, 25), (41, 50), (41, 52), (41, 67), (17, 103), (17, 104), (263, 16), (287, 1),
    ]
    for (level, type) in kinds {
      for count in 0..<3 {
        let payload = Array(repeating: UInt8(0xff), count: count)
        let read = messages(item(level, type, payload))
        // One byte is a good hop limit, and two a good segment size.
        if case .other(level, type, payload) = read.first { continue }
        #expect(count == 1 || type == 103 || count == 2 && type == 20, "\(level) \(type) \(read)")
      }
    }
  }

  @Test func partsOfADescriptorAreNone() {
    #expect(messages(item(1, 1, [])) == [.descriptors(count: 0)])
    #expect(messages(item(1, 1, [5, 0, 0])) == [.descriptors(count: 0)])
    #expect(messages(item(1, 1, [5, 0, 0, 0, 6, 0])) == [.descriptors(count: 1)])
    #expect(messages(item(1, 1, [0xff, 0xff, 0xff, 0xff])) == [.descriptors(count: 0)])
  }

  @Test func timestampsOfAllForms() {
    func time(_ seconds: Int64, _ fraction: Int64) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.appendNumber(seconds)
      bytes.appendNumber(fraction)
      return bytes
    }
    let software = MessageTimestamp(seconds: 10, nanoseconds: 5000)
    let hardware = MessageTimestamp(seconds: -3, nanoseconds: 999_999_999)
    #expect(
      messages(item(1, 29, time(10, 5)))
        == [.timestamps(MessageTimestamps(software: software))])
    #expect(
      messages(item(1, 64, time(10, 5000)))
        == [.timestamps(MessageTimestamps(software: software))])
    let long = time(10, 5000) + time(0, 0) + time(-3, 999_999_999)
    #expect(
      messages(item(1, 37, long))
        == [.timestamps(MessageTimestamps(software: software, hardware: hardware))])
    #expect(hardware < software)
    // A fraction of more than a second is no time.
    let wrong = time(10, 1_000_000)
    #expect(messages(item(1, 29, wrong)) == [.other(level: 1, type: 29, bytes: wrong)])
  }

  @Test func anErrorRecordHasItsOffenderAndItsMTU() throws {
    var record: [UInt8] = []
    record.appendNumber(UInt32(90))
    record += [2, 3, 4, 0]
    record.appendNumber(UInt32(1400))
    record.appendNumber(UInt32(0))
    let offender: [UInt8] = [2, 0, 0, 0, 10, 0, 0, 1] + Array(repeating: 0, count: 8)
    let expected = ExtendedError(
      errno: .messageTooLong, origin: .icmp, type: 3, code: 4, information: 1400,
      offender: SocketAddress(bytesOf: offender))
    #expect(messages(item(0, 11, record + offender)) == [.extendedError(expected)])
    #expect(expected.pathMTU == 1400 && expected.transmitStage == nil)
    let local = Array(repeating: UInt8(0), count: 16)
    guard case .extendedError(let error) = messages(item(0, 11, record + local)).first else {
      throw Missing()
    }
    #expect(error.offender == nil)
  }

  @Test func bytesWithoutSenseNeitherTrapNorHang() {
    let seed = UInt64.random(in: .min ... .max)
    var state = seed
    func next() -> UInt64 {
      // SplitMix64.
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 31
    }
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<next() % 4 {
        let payload = (0..<next() % 40).map { _ in UInt8(truncatingIfNeeded: next()) }
        let level = [0, 1, 6, 17, 41, 263, 287][Int(next() % 7)] as Int32
        bytes += item(level, Int32(next() % 110), payload)
      }
      for _ in 0..<next() % 3 where !bytes.isEmpty {
        bytes[Int(next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: next())
      }
      bytes.removeLast(Int(next() % UInt64(bytes.count + 1)) / 4)
      var cursor = ControlCursor()
      var steps = 0
      while case .item(let item) = cursor.next(in: bytes.span) {
        steps += 1
        #expect(
          item.payload.lowerBound >= 16 && item.payload.upperBound <= bytes.count, "seed \(seed)")
        #expect(steps <= bytes.count / 16, "seed \(seed)")
      }
      #expect(messages(bytes).count >= steps, "seed \(seed)")
    }
  }
}
