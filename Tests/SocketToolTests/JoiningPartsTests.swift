// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

@testable import SocketTool

/// The pure parts of `listen` and `connect`.
@Suite struct JoiningPartsTests {
  @Test func escapesAreTheBytesThatTheyMean() throws {
    #expect(
      try EscapedText.bytes(#"a\r\n\t\0\\\x00\xff\xAb"#) == [97, 13, 10, 9, 0, 92, 0, 255, 171])
    #expect(try EscapedText.bytes("é") == Array("é".utf8))
    #expect(try EscapedText.bytes("") == [])
  }

  @Test(arguments: [#"\"#, #"\q"#, #"\x"#, #"\x1"#, #"\xg0"#, #"\x+1"#, #"\N"#, #"a\é"#])
  func whatIsNoEscapeIsRefused(text: String) {
    #expect(throws: (any Error).self) { try EscapedText.bytes(text) }
  }

  @Test func aDumpHasOffsetsBytesAndCharacters() {
    var dump = HexDump(.received)
    #expect(
      dump.lines(Array("HTTP/1.1 200 OK\r\n".utf8)) == """
        < 00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  |HTTP/1.1 200 OK.|
        < 00000010  0a                                                |.|

        """)
    #expect(
      dump.lines([0, 255]) == """
        < 00000011  00 ff                                             |..|

        """)
    #expect(dump.lines([]) == "< 00000013  (empty)\n")
  }

  @Test func linesOfCharactersAreThoseOfTheProtocol() {
    // RFC 864, "An Example".
    let first = ##" !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefg"##
    #expect(CharacterLines.line(0) == Array((first + "\r\n").utf8))
    #expect(CharacterLines.line(94).starts(with: Array("~ !".utf8)))
    #expect(CharacterLines.round.count == 95 * 74)
  }

  @Test func wordsThatWereMeantAreFound() {
    let words = ["noDelay", "keepAlive", "keepAliveInterval", "linger", "mark"]
    #expect(NearestWords.to("nodelay", among: words) == ["noDelay"])
    #expect(NearestWords.to("noDealy", among: words) == ["noDelay"])
    #expect(NearestWords.to("keepalive", among: words).first == "keepAlive")
    #expect(NearestWords.to("zzzzzzzz", among: words) == [])
    #expect(NearestWords.to("", among: words) == [])
    #expect(NearestWords.editDistance("abcd", "acbd") == 1)
    #expect(NearestWords.editDistance("", "abc") == 3)
  }

  @Test func aPieceIsFoundWhereverItStands() {
    let text = Array("aabaaab".utf8)
    #expect(ScriptedTalk.end(of: Array("aaab".utf8), in: text) == 7)
    #expect(ScriptedTalk.end(of: Array("aab".utf8), in: text) == 3)
    #expect(ScriptedTalk.end(of: Array("abb".utf8), in: text) == nil)
    #expect(ScriptedTalk.end(of: Array("aabaaabb".utf8), in: text) == nil)
  }

  @Test func admissionIsByNetworkOfEitherForm() throws {
    let admission = Admission(
      networks: [
        try ArgumentText.network("10.0.0.0/8"), try ArgumentText.network("::1"),
      ], users: [])
    for allowed in ["10.1.2.3:4", "[::ffff:10.1.2.3]:4", "[::1]:4"] {
      let address = try IPSocketAddress(parsing: allowed).socketAddress
      #expect(admission.refusal(of: address) == nil, "\(allowed)")
    }
    let other = try IPSocketAddress(parsing: "11.0.0.1:4").socketAddress
    #expect(admission.refusal(of: other) == "not in 10.0.0.0/8, ::1/128")
  }

  @Test func anInputIsTakenByOneAfterTheOtherAndNothingIsLost() async throws {
    let ends = try Pipe()
    let input = InputPump(ends.reading, "a pipe", atMost: 4)
    // Whoever stops waiting loses nothing of what comes then.
    let first = Task { try await input.next() }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    ends.write("abcdefghij")
    ends.closeWriting()
    var all: [UInt8] = []
    while true {
      let piece = try await input.next()
      if piece.isEmpty { break }
      #expect(piece.count <= 4)
      all += piece
    }
    #expect(all == Array("abcdefghij".utf8))
    #expect(try await input.next() == [])
    ends.closeReading()
  }

  @Test func servicesAndWhoAsksTooOftenGetNoAnswer() throws {
    var limit = AnswerLimit()
    let service = try IPSocketAddress(parsing: "127.0.0.1:19").socketAddress
    let isServiceAnswered = limit.allows(service)
    #expect(!isServiceAnswered)
    let loop = try IPSocketAddress(parsing: "127.0.0.1:7000").socketAddress
    // Two rounds and one, wherever in a second it begins.
    let allowed = (0..<3 * AnswerLimit.most).count { _ in limit.allows(loop) }
    #expect(allowed >= AnswerLimit.most)
    #expect(allowed < 3 * AnswerLimit.most)
    let isOtherAnswered = limit.allows(try IPSocketAddress(parsing: "127.0.0.1:7001").socketAddress)
    #expect(isOtherAnswered)
  }

  @Test func linesOfOneKindAreFewAndTheOthersAreCounted() {
    let rate = LineRate()
    let written = (0..<1000).count { _ in rate.next() != nil }
    #expect(written >= LineRate.most)
    #expect(written < 1000)
  }

  @Test func aLogThatNobodyReadsLosesLinesAndSaysSo() async throws {
    let ends = try Pipe()
    let log = LogQueue(ends.writing, room: 1 << 17)
    let line = String(repeating: "x", count: 999) + "\n"
    // The pipe holds 64 KiB, the queue twice as much, and the thread as much as the queue.
    for _ in 0..<1000 { log.write(line) }
    log.flush(.milliseconds(10))
    let text = try await BackgroundThread.run {
      var text = ""
      while !text.contains("lines were lost") {
        text += String(decoding: ends.read(1 << 16), as: UTF8.self)
      }
      return text
    }
    #expect(text.hasPrefix(line))
    ends.closeWriting()
    ends.closeReading()
  }

  @Test func anOutputKeepsItsOrderAndTellsItsFailure() async throws {
    let ends = try Pipe()
    let output = OutputPump(ends.writing, "a pipe")
    for word in ["one ", "two ", "three"] { try await output.write(Array(word.utf8)) }
    try await output.flush()
    #expect(ends.read(13) == Array("one two three".utf8))
    let file = try await OutputFile.open("/dev/full")
    let full = OutputPump(file.rawValue, "/dev/full")
    let failure = await #expect(throws: CommandFailure.self) {
      // Whichever of the two comes after the thread's write.
      try await full.write([1])
      try await full.flush()
    }
    #expect(failure?.text == "/dev/full: no space left (ENOSPC)")
    #expect(full.hasFailed)
    try file.close()
    ends.closeWriting()
    ends.closeReading()
  }
}

/// The two ends of a pipe.
private final class Pipe: Sendable {
  let reading: CInt
  let writing: CInt

  init() throws {
    var ends: (CInt, CInt) = (-1, -1)
    try #require(Syscall.pipe(&ends, flags: 0o2000000) >= 0)
    (reading, writing) = ends
  }

  func write(_ text: String) { _ = ByteStream.writeAll(text.utf8, to: writing) }

  func closeWriting() { _ = Syscall.close(writing) }

  func closeReading() { _ = Syscall.close(reading) }

  func read(_ count: Int) -> [UInt8] {
    (try? ByteStream.read(reading, atMost: count).get()) ?? []
  }
}

#endif
