// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// What every back end does alike with the two ends of a connection.
@Suite(.serialized) struct ConnectionConformance {
  /// Much more than small buffers hold, made once: the map takes longer than most of the tests.
  private static let much = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 % 251) }

  @Test(arguments: Case.all)
  func bytesGoBothWaysAndTheEndIsZero(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try await one.write(Array("hello".utf8))
      #expect(try await other.bytes() == Array("hello".utf8))
      try await other.write(Array("bye".utf8))
      #expect(try await one.bytes() == Array("bye".utf8))
      try one.shutdown(.write)
      // The end is a value, and stays.
      #expect(try await other.bytes() == [])
      #expect(try await other.bytes() == [])
      // A half-closed connection is read from, and a second time ends nothing.
      try await other.write(Array("still".utf8))
      #expect(try await one.bytes() == Array("still".utf8))
      try one.shutdown(.write)
      try await other.write(Array("there".utf8))
      #expect(try await one.bytes() == Array("there".utf8))
      let error = await #expect(throws: SocketError.self) { try await one.write([1]) }
      #expect(error?.errno == .brokenPipe)
    }
  }

  @Test(arguments: Case.streams)
  func aLargeWriteArrivesWholeWhileThePeerReadsSlowly(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      // More than the two buffers hold.
      try one.setOption(.sendBufferSize, to: 16384)
      try other.setOption(.receiveBufferSize, to: 16384)
      let sent = Self.much.prefix(200_000)
      async let writing: Void = one.write(Array(sent))
      var received: [UInt8] = []
      while received.count < sent.count {
        received += try await other.bytes(atMost: 7919, deadline: .patience)
      }
      try await writing
      #expect(received[...] == sent)
    }
  }

  @Test(arguments: Case.streams)
  func bothWaysAtOnceNeitherWaitsForTheOther(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      let count = 300_000
      let bytes = [UInt8](repeating: 5, count: count)
      async let there: Void = one.write(bytes)
      async let back: Void = other.write(bytes)
      async let first = one.bytes(exactly: count)
      async let second = other.bytes(exactly: count)
      let received = try await [first.count, second.count]
      _ = try await (there, back)
      #expect(received == [count, count])
    }
  }

  @Test(arguments: Case.streams)
  func nothingIsWrittenAndNothingIsReadAtOnce(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try await one.write([])
      #expect(try await one.bytes(atMost: 0, deadline: .never) == [])
      try await one.write([7])
      #expect(try await other.bytes(atMost: 0, deadline: .never) == [])
      #expect(try await other.bytes() == [7])
    }
  }

  @Test(arguments: Case.all)
  func aDeadlineInThePastNowAndAheadEndsARead(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      let passed = SocketError(.read, .deadlinePassed)
      for deadline in [Deadline.milliseconds(-1000), .now, .milliseconds(5)] {
        await #expect(throws: passed) { _ = try await one.bytes(atMost: 9, deadline: deadline) }
      }
      // What has come by then is read all the same, and what comes later is not lost.
      try await other.write([1, 2, 3])
      #expect(try await one.bytes() == [1, 2, 3])
      async let late = one.bytes()
      try await other.write([4])
      #expect(try await late == [4])
    }
  }

  @Test(arguments: Case.streams)
  func aWriteThatIsCutShortSaysHowMuchHasGone(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try one.setOption(.sendBufferSize, to: 8192)
      try other.setOption(.receiveBufferSize, to: 8192)
      let sent = Self.much
      let error = await #expect(throws: SocketError.self) {
        try await one.write(sent, deadline: .milliseconds(30))
      }
      #expect(error?.cause == .deadlinePassed)
      let gone = error?.bytesTransferred ?? -1
      #expect(gone > 0 && gone < sent.count)
      try one.shutdown(.write)
      var received: [UInt8] = []
      while case let bytes = try await other.bytes(), !bytes.isEmpty { received += bytes }
      #expect(received.count == gone && received[...] == sent.prefix(gone))
    }
  }

  @Test(arguments: Case.tcp)
  func aResetIsAnErrorOfTheReaderAndNotAnEnd(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      async let waiting = one.bytes()
      await Task.yield()
      try await other.reset()
      do {
        let bytes = try await waiting
        Issue.record("the reset looks like an end: \(bytes)")
      } catch {
        #expect(error as? SocketError == SocketError(.read, .system(.connectionReset)))
      }
    }
  }

  @Test(arguments: Case.tcp)
  func closingWithBytesUnreadResets(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try await one.write([1, 2, 3])
      // They have come, and nobody has read them.
      #expect(try await other.bytes(exactly: 1) == [1])
      try await other.close()
      await #expect(throws: SocketError(.read, .system(.connectionReset))) {
        _ = try await one.bytes()
      }
    }
  }

  @Test(arguments: Case.all)
  func whatWasSentBeforeTheEndIsReadBeforeIt(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try await other.write([1, 2, 3])
      try await other.close()
      #expect(try await one.bytes() == [1, 2, 3])
      #expect(try await one.bytes() == [])
      #expect(try await one.bytes() == [])
    }
  }

  @Test(arguments: Case.all)
  func whoIsGoneCannotBeWrittenToAndWhatHeSaidIsStillRead(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try await other.write([1, 2, 3])
      try await other.close()
      // An error, and no signal. A process that another test starts has a copy of the other end until it runs its program.
      let end = Deadline.patience
      let error = await #expect(throws: SocketError.self) {
        while !end.hasPassed { try await one.write([1], deadline: end) }
      }
      #expect(error?.errno == .brokenPipe || error?.errno == .connectionReset)
      #expect(try await one.bytes() == [1, 2, 3])
    }
  }

  /// Of the core this does not compile.
  @Test(arguments: Case.all.filter { !$0.backEnd.isCore })
  func whatIsClosedIsClosed(_ setting: Case) async throws {
    try await setting.withPair { one, other in
      try await one.close()
      try await one.close()
      await #expect(throws: SocketError(.read, .closed)) { _ = try await one.bytes() }
      await #expect(throws: SocketError(.write, .closed)) { try await one.write([1]) }
      #expect(try await other.bytes() == [])
    }
  }
}
