// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Lines, frames, pieces, files and other connections: what is built on reading and writing.
@Suite(.serialized) struct Streams {
  @Test(arguments: Setting.streams)
  func linesEndWithEitherEndAndTheLastMayLackIt(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      try await one.write("first\nsecond\r\n\nlast".utf8)
      try one.shutdown(.write)
      var lines: [String] = []
      for try await line in other.lines() { lines.append(line) }
      #expect(lines == ["first", "second", "", "last"])
    }
  }

  @Test(arguments: Setting.streams)
  func piecesComeWholeHoweverTheyAreCut(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      async let writing: Void = {
        for byte in "a;bc;;def;".utf8 + [1, 2, 3, 4, 5] {
          try await one.write([byte], deadline: .patience)
        }
        try one.shutdown(.write)
      }()
      let reader = StreamReader(other, limit: 8)
      #expect(try await reader.read(until: ";".utf8) == Array("a".utf8))
      #expect(try await reader.read(until: ";".utf8) == Array("bc".utf8))
      #expect(try await reader.read(until: ";".utf8) == [])
      #expect(try await reader.read(exactly: 4) == Array("def;".utf8))
      #expect(try await reader.read(exactly: 2) == [1, 2])
      #expect(try await reader.readToEnd() == [3, 4, 5])
      #expect(try await reader.read(until: ";".utf8) == nil)
      #expect(try await reader.read(exactly: 1) == nil)
      try await writing
    }
  }

  @Test(arguments: Setting.streams)
  func whatIsTooLongOrCutShortIsAnError(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      try await one.write("123456789\nx".utf8)
      let reader = StreamReader(other, limit: 4)
      await #expect(throws: SocketError(.read, .limitExceeded)) { _ = try await reader.line() }
      #expect(try await reader.read(exactly: 4) == Array("1234".utf8))
      #expect(try await reader.read(exactly: 4) == Array("5678".utf8))
      #expect(try await reader.line() == "9")
      await #expect(throws: SocketError(.read, .deadlinePassed)) {
        _ = try await reader.read(exactly: 4, deadline: .milliseconds(2))
      }
      #expect(reader.bufferedByteCount == 1)
      try one.shutdown(.write)
      await #expect(throws: SocketError(.read, .endOfStream, bytesTransferred: 1)) {
        _ = try await reader.read(exactly: 4)
      }
      #expect(try await reader.readToEnd() == Array("x".utf8))
    }
  }

  @Test(arguments: Setting.streams)
  func waitingForSomethingToReadTakesNothing(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      for round in 0..<3 {
        await #expect(throws: SocketError(.read, .deadlinePassed)) {
          try await other.waitUntilReadable(deadline: .milliseconds(1))
        }
        async let waiting: Void = other.waitUntilReadable(deadline: .patience)
        try await one.write([1, 2, 3])
        try await waiting
        // It is still there, and more may come.
        try await other.waitUntilReadable(deadline: .patience)
        if round == 1 { try await one.write([4]) }
        #expect(try await other.bytes(exactly: 2) == [1, 2])
        try await other.waitUntilReadable(deadline: .patience)
        #expect(try await other.bytes(exactly: round == 1 ? 2 : 1) == (round == 1 ? [3, 4] : [3]))
      }
      try one.shutdown(.write)
      try await other.waitUntilReadable(deadline: .patience)
      #expect(try await other.bytes() == [])
      try await other.waitUntilReadable(deadline: .patience)
      try await other.close()
      await #expect(throws: SocketError(.read, .closed)) { try await other.waitUntilReadable() }
    }
  }

  @Test(arguments: Setting.engines)
  func noLimitAtAllIsALimit(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.withPair { one, other in
      try await one.write("a line\n".utf8)
      let reader = StreamReader(other, limit: .max)
      #expect(try await reader.line() == "a line")
      try await one.write("more\n".utf8)
      for try await line in other.lines(limit: .max) {
        #expect(line == "more")
        break
      }
    }
    // The largest length that can be said.
    var decoder = LengthPrefixDecoder(.eight, limit: .max)
    for first in [UInt8(0x7f), 0xff] {
      let bytes = [first] + [UInt8](repeating: 0xff, count: 7)
      #expect(throws: SocketError(.read, .limitExceeded)) {
        try decoder.decode(bytes[...], isAtEnd: false)
      }
    }
  }

  @Test(arguments: LengthPrefixDecoder.Width.allCases, [true, false])
  func framesHaveTheirLengthInFront(
    _ width: LengthPrefixDecoder.Width, _ isLittleEndian: Bool
  ) throws {
    var decoder = LengthPrefixDecoder(width, isLittleEndian: isLittleEndian, limit: 200)
    let bytes = try decoder.prefix(of: 3) + [7, 8, 9] + decoder.prefix(of: 0) + [1]
    var left = bytes[...]
    // Not before the last byte has come.
    for count in 1..<width.rawValue + 3 {
      #expect(try decoder.decode(bytes.prefix(count), isAtEnd: false) == nil)
    }
    let first = try #require(try decoder.decode(left, isAtEnd: false))
    #expect(first.0 == [7, 8, 9] && first.byteCount == width.rawValue + 3)
    left = left.dropFirst(first.byteCount)
    let second = try #require(try decoder.decode(left, isAtEnd: false))
    #expect(second.0 == [] && second.byteCount == width.rawValue)
    // A length beyond the limit is no reason to wait for so many bytes.
    let long = [UInt8](repeating: 0xff, count: width.rawValue)
    #expect(throws: SocketError(.read, .limitExceeded)) {
      _ = try decoder.decode(long[...], isAtEnd: false)
    }
    #expect(throws: SocketError(.write, .limitExceeded)) { _ = try decoder.prefix(of: 201) }
  }

  @Test(arguments: Setting.all)
  func piecesAreGatheredWhereverTheKernelCuts(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      guard one.type == .stream else {
        try await one.write(gathering: [[1], [], [2, 3]])
        return #expect(try await other.bytes() == [1, 2, 3])
      }
      try one.setOption(.sendBufferSize, to: 16384)
      let pieces = (0..<200).map { [UInt8](repeating: UInt8($0), count: $0 * 7) }
      async let writing: Void = one.write(gathering: pieces, deadline: .patience)
      let all = Array(pieces.joined())
      #expect(try await other.bytes(exactly: all.count) == all)
      try await writing
    }
  }

  @Test(arguments: Setting.streams)
  func aFileIsSentWhole(_ setting: Setting) async throws {
    let folder = try ScratchFolder()
    let text = String(repeating: "0123456789", count: 20_000)
    try folder.write(text, to: "file")
    let file = try FileDescriptor.open(FilePath(folder.path + "/file"), .readOnly)
    defer { try? file.close() }
    try await setting.withPair { one, other in
      try one.setOption(.sendBufferSize, to: 16384)
      async let sending = one.sendFile(file, from: 5, deadline: .patience)
      #expect(try await other.bytes(exactly: 199_995) == Array(text.utf8.dropFirst(5)))
      #expect(try await sending == 199_995)
      #expect(try await one.sendFile(file, from: 0, byteCount: 3) == 3)
      #expect(try await other.bytes(exactly: 3) == Array("012".utf8))
      await #expect(throws: SocketError(.sendFile, .system(.invalidArgument))) {
        try await one.sendFile(file, from: -1)
      }
    }
  }

  @Test(arguments: Setting.streams)
  func aSpliceMovesEveryByteAndStopsAtTheEnd(_ setting: Setting) async throws {
    try await setting.withPair { source, entry in
      try await setting.withPair { exit, target in
        try exit.setOption(.sendBufferSize, to: 16384)
        let told = Guarded(0)
        async let moving = entry.splice(to: exit, deadline: .patience) { count in
          told.withLock { $0 += count }
        }
        let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        async let writing: Void = {
          try await source.write(sent, deadline: .patience)
          try source.shutdown(.write)
        }()
        #expect(try await target.bytes(exactly: sent.count) == sent)
        try await writing
        #expect(try await moving == sent.count)
        #expect(told.withLock { $0 } == sent.count)
      }
    }
  }

  /// The kernel's splice stops before TCP's urgent byte, which is dropped as every read drops it.
  @Test(arguments: Setting.tcp)
  func aSplicePassesTheUrgentByte(_ setting: Setting) async throws {
    func urge(_ connection: Connection) throws {
      let count = try connection.withSocket { socket throws(SocketError) in
        try socket.send("!".utf8, flags: .outOfBand)
      }
      #expect(count == 1)
    }
    try await setting.withPair { source, entry in
      try await setting.withPair { exit, target in
        async let moving = entry.splice(to: exit, deadline: .patience)
        try await source.write(Array("abc".utf8), deadline: .patience)
        try urge(source)
        try await source.write(Array("def".utf8), deadline: .patience)
        #expect(try await target.bytes(exactly: 6) == Array("abcdef".utf8))
        try await source.write(Array("ghi".utf8), deadline: .patience)
        try urge(source)
        try source.shutdown(.write)
        #expect(try await target.bytes(exactly: 3) == Array("ghi".utf8))
        #expect(try await moving == 9)
      }
    }
  }

  @Test(arguments: Setting.streams)
  func cancellationEndsWhatMovesMuch(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let moving = Task { try await one.splice(to: other) }
      let writing = Task { try await one.write([UInt8](repeating: 0, count: 50_000_000)) }
      await Task.yield()
      moving.cancel()
      writing.cancel()
      await #expect(throws: SocketError(.splice, .cancelled)) { try await moving.value }
      let error = await #expect(throws: SocketError.self) { try await writing.value }
      #expect(error?.cause == .cancelled)
    }
  }
}
