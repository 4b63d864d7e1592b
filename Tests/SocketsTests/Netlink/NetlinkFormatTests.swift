// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Messages as a test writes them: right ones, and ones whose lengths lie.
enum NetlinkBytes {
  /// A message; `length` is what it says of itself.
  static func message(
    _ type: Int32,
    flags: Int32 = 0,
    sequence: UInt32 = NetlinkRequest.sequence,
    _ payload: [UInt8] = [],
    length: Int? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendNumber(UInt32(truncatingIfNeeded: length ?? 16 + payload.count))
    bytes.appendNumber(UInt16(truncatingIfNeeded: type))
    bytes.appendNumber(UInt16(truncatingIfNeeded: flags))
    bytes.appendNumber(sequence)
    bytes.appendNumber(UInt32(0))
    bytes += payload
    while bytes.count % 4 != 0 { bytes.append(0) }
    return bytes
  }

  /// An attribute; `length` is what it says of itself.
  static func attribute(_ type: Int32, _ value: [UInt8], length: Int? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendNumber(UInt16(truncatingIfNeeded: length ?? 4 + value.count))
    bytes.appendNumber(UInt16(truncatingIfNeeded: type))
    bytes += value
    while bytes.count % 4 != 0 { bytes.append(0) }
    return bytes
  }

  /// The ending of an answer, or the refusal of a question.
  static func ending(_ type: Int32, _ code: Int32) -> [UInt8] {
    var payload: [UInt8] = []
    payload.appendNumber(code)
    return message(type, payload)
  }
}

/// Reading messages and attributes: what is there is found, and no length is believed.
@Suite struct NetlinkFormatTests {
  private func messages(_ bytes: [UInt8]) throws -> [NetlinkMessage] {
    var cursor = NetlinkMessageCursor()
    var found: [NetlinkMessage] = []
    while let message = try cursor.next(in: bytes.span) { found.append(message) }
    return found
  }

  private func attributes(_ payload: [UInt8], after count: Int = 0) throws -> [NetlinkAttribute] {
    let bytes = NetlinkBytes.message(20, payload)
    let message = try #require(try messages(bytes).first)
    var cursor = try NetlinkAttributeCursor(message, after: count)
    var found: [NetlinkAttribute] = []
    while let attribute = try cursor.next(in: bytes.span) { found.append(attribute) }
    return found
  }

  @Test func messagesFollowEachOtherOnMultiplesOfFour() throws {
    let bytes =
      NetlinkBytes.message(16, flags: 2, [1, 2, 3]) + NetlinkBytes.message(3)
      + NetlinkBytes.message(0xffff, sequence: .max, [9])
    #expect(
      try messages(bytes) == [
        NetlinkMessage(type: 16, flags: 2, sequence: 1, payload: 16..<19),
        NetlinkMessage(type: 3, flags: 0, sequence: 1, payload: 36..<36),
        NetlinkMessage(type: 0xffff, flags: 0, sequence: .max, payload: 52..<53),
      ])
    #expect(try messages([]) == [])
  }

  @Test func theLastMessageMayLackItsPadding() throws {
    let bytes = Array(NetlinkBytes.message(16, [1]).dropLast(3))
    #expect(try messages(bytes).map(\.payload) == [16..<17])
  }

  @Test(arguments: [0, 1, 15, 21, 24, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff])
  func aMessageOfAnImpossibleLengthEndsTheWalk(length: Int) throws {
    let bytes = NetlinkBytes.message(3) + NetlinkBytes.message(16, [1, 2, 3, 4], length: length)
    #expect(throws: NetlinkMalformed(offset: 16)) { try messages(bytes) }
    var cursor = NetlinkMessageCursor()
    _ = try cursor.next(in: bytes.span)
    _ = try? cursor.next(in: bytes.span)
    #expect(try cursor.next(in: bytes.span) == nil)
  }

  @Test(arguments: 1..<16) func aHeaderThatIsCutOffIsMalformed(count: Int) {
    let bytes = Array(NetlinkBytes.message(3).prefix(count))
    #expect(throws: NetlinkMalformed(offset: 0)) { try messages(bytes) }
  }

  @Test func attributesAreFoundBehindTheFixedPart() throws {
    let value =
      [7, 7, 7, 7] + NetlinkBytes.attribute(3, [1, 2, 3, 4, 5])
      + NetlinkBytes.attribute(0x8001, []) + NetlinkBytes.attribute(0x4002, [1])
    #expect(
      try attributes(value, after: 4) == [
        NetlinkAttribute(type: 3, payload: 24..<29),
        NetlinkAttribute(type: 1, payload: 36..<36),
        NetlinkAttribute(type: 2, payload: 40..<41),
      ])
    #expect(try attributes([]) == [])
    #expect(throws: NetlinkMalformed(offset: 16)) { try attributes([1, 2], after: 4) }
  }

  @Test(arguments: [0, 1, 3, 9, 0x7fff, 0xffff])
  func anAttributeOfAnImpossibleLengthEndsTheWalk(length: Int) {
    let value = NetlinkBytes.attribute(3, [1, 2, 3, 4], length: length)
    #expect(throws: NetlinkMalformed(offset: 16)) { try attributes(value) }
  }

  @Test(arguments: 1..<4) func anAttributeHeaderThatIsCutOffIsMalformed(count: Int) {
    let value = NetlinkBytes.attribute(3, [1, 2, 3, 4]) + Array([8, 0, 1].prefix(count))
    #expect(throws: NetlinkMalformed(offset: 24)) { try attributes(value) }
  }

  @Test func aFieldOutsideItsPayloadIsMalformed() throws {
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6]
    #expect(try bytes.span.field(1, of: 1..<6, as: UInt32.self) == 0x0605_0403)
    #expect(try bytes.span.networkField(0, of: 0..<2, as: UInt16.self) == 0x0102)
    #expect(throws: NetlinkMalformed(offset: 1)) {
      try bytes.span.field(2, of: 1..<6, as: UInt32.self)
    }
    #expect(throws: NetlinkMalformed(offset: 3)) {
      try bytes.span.networkField(0, of: 3..<4, as: UInt16.self)
    }
    #expect(bytes.span.text(0..<0) == "")
  }

  @Test func aRequestIsReadBackAsItWasWritten() throws {
    var request = NetlinkRequest.all(18)
    request.append(UInt16(0x1234), 0x5678)
    request.pad(4)
    request.append(attribute: 3, Array("eth0\0".utf8))
    request.append(attribute: 29, 8)
    let bytes = request.bytes
    let message = try #require(try messages(bytes).first)
    #expect(message.type == 18)
    #expect(message.flags == CS_NLM_F_REQUEST | CS_NLM_F_DUMP)
    #expect(message.payload == 16..<bytes.count)
    var cursor = try NetlinkAttributeCursor(message, after: 8)
    let name = try #require(try cursor.next(in: bytes.span))
    #expect(bytes.span.text(name.payload) == "eth0")
    let mask = try #require(try cursor.next(in: bytes.span))
    #expect(try bytes.span.field(0, of: mask.payload, as: UInt32.self) == 8)
    #expect(try cursor.next(in: bytes.span) == nil)
  }

  /// Bytes that are right in some places and wrong in others: every walk ends, inside the bytes.
  @Test func noBytesLeadOutsideOrTrap() {
    var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
    let right =
      NetlinkBytes.message(16, [0, 0, 0, 0] + NetlinkBytes.attribute(3, [1, 2, 3]))
      + NetlinkBytes.ending(CS_NLMSG_ERROR, -2) + NetlinkBytes.message(20, [1])
    for _ in 0..<20_000 {
      var bytes = Array(right.prefix(Int.random(in: 0...right.count, using: &random)))
      for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      var cursor = NetlinkMessageCursor()
      while let message = try? cursor.next(in: bytes.span) {
        #expect(message.payload.upperBound <= bytes.count)
        var inner = try? NetlinkAttributeCursor(message, after: 4)
        while let attribute = try? inner?.next(in: bytes.span) {
          #expect(message.payload.contains(attribute.payload))
        }
      }
    }
  }
}

/// Where an answer ends, and how.
@Suite struct NetlinkAnswerTests {
  /// The types of the messages up to the first other step, and that step.
  private func read(_ answer: inout NetlinkAnswer) -> ([Int32], NetlinkAnswer.Step) {
    var types: [Int32] = []
    while true {
      let step = answer.next()
      guard case .message(let message) = step else { return (types, step) }
      types.append(message.type)
    }
  }

  @Test func anAnswerGoesOverSeveralDatagramsToItsEnd() {
    var answer = NetlinkAnswer()
    #expect(read(&answer) == ([], .needsDatagram))
    answer.feed(NetlinkBytes.message(16) + NetlinkBytes.message(17))
    #expect(read(&answer) == ([16, 17], .needsDatagram))
    answer.feed(NetlinkBytes.message(18) + NetlinkBytes.ending(CS_NLMSG_DONE, 0))
    #expect(read(&answer) == ([18], .end))
    // It stays at its end.
    answer.feed(NetlinkBytes.message(19))
    #expect(read(&answer) == ([], .end))
    #expect(!answer.wasInterrupted)
  }

  @Test func anAcknowledgementAndAnEmptyEndingAreEnds() {
    for bytes in [NetlinkBytes.ending(CS_NLMSG_ERROR, 0), NetlinkBytes.message(CS_NLMSG_DONE)] {
      var answer = NetlinkAnswer()
      answer.feed(bytes)
      #expect(read(&answer) == ([], .end))
    }
  }

  @Test func anInterruptedAnswerSaysSo() {
    for type in [16, CS_NLMSG_DONE] {
      var answer = NetlinkAnswer()
      answer.feed(NetlinkBytes.message(type, flags: CS_NLM_F_DUMP_INTR))
      _ = answer.next()
      #expect(answer.wasInterrupted)
    }
  }

  @Test func whatNobodyAskedForIsPassedOver() {
    var answer = NetlinkAnswer()
    answer.feed(
      NetlinkBytes.message(CS_NLMSG_NOOP) + NetlinkBytes.message(16, sequence: 7)
        + NetlinkBytes.message(CS_NLMSG_DONE, sequence: 0) + NetlinkBytes.message(17))
    #expect(read(&answer) == ([17], .needsDatagram))
  }

  @Test(arguments: 1...133) func everyErrorOfTheKernelIsThatError(number: Int32) {
    for type in [CS_NLMSG_ERROR, CS_NLMSG_DONE] {
      var answer = NetlinkAnswer()
      answer.feed(NetlinkBytes.ending(type, -number))
      #expect(read(&answer) == ([], .failed(.system(Errno(rawValue: number)))))
    }
  }

  @Test(arguments: [1, 4096, .max, .min, -4096] as [Int32])
  func aNumberThatIsNoErrorIsMalformed(code: Int32) {
    for type in [CS_NLMSG_ERROR, CS_NLMSG_DONE] {
      var answer = NetlinkAnswer()
      answer.feed(NetlinkBytes.ending(type, code))
      #expect(read(&answer) == ([], .failed(.malformed)))
    }
  }

  @Test func whatIsCutOffOrLostIsAFailure() {
    let cases: [([UInt8], SocketError.Cause)] = [
      (NetlinkBytes.message(CS_NLMSG_ERROR), .malformed),
      (NetlinkBytes.message(CS_NLMSG_ERROR, [0, 0, 0]), .malformed),
      (NetlinkBytes.message(CS_NLMSG_DONE, [0]), .malformed),
      (Array(NetlinkBytes.message(16).dropLast()), .malformed),
      (NetlinkBytes.message(CS_NLMSG_OVERRUN), .system(.noBufferSpace)),
    ]
    for (bytes, cause) in cases {
      var answer = NetlinkAnswer()
      answer.feed(bytes)
      #expect(read(&answer) == ([], .failed(cause)))
    }
  }
}
