// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

/// What every back end does while real signals, whose handler was installed without `SA_RESTART`, interrupt the threads that do its
/// calls.
///
/// All the other conformance tests run under them too; here it is counted that the signals were really taken, and measured what
/// they must not change.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SignalConformance {
  private static let streams = Case.underSignals.filter { $0.carrier.type == .stream }
  /// Where roles do not matter.
  private static let oneWay = streams.filter { !$0.isReversed }
  private static let listeners = Case.underSignals.filter { !$0.isReversed }
  /// More than buffers hold, with no two places alike that are near each other.
  private static let pattern = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
  private static let backwards = [UInt8](pattern.reversed())
  /// How many signals must have been taken.
  private static let enough = 300
  /// How many must have been taken by calls that end by themselves.
  private static let some = 5
  /// How much later than its deadline a call may end on a machine that has much to do.
  private static let tolerance = Duration.seconds(20)

  @Test(arguments: streams)
  func everyByteArrivesOnceAndInOrderBothWays(_ setting: Case) async throws {
    try await setting.withPair { one, other, storm in
      let storm = try #require(storm)
      // So that reads and writes have to wait.
      for wire in [one, other] {
        try wire.setOption(.sendBufferSize, to: 16384)
        try wire.setOption(.receiveBufferSize, to: 16384)
      }
      let end = Deadline.patience
      repeat {
        async let writing: Void = one.write(Self.pattern)
        async let answering: Void = other.write(Self.backwards)
        async let heard = other.bytes(exactly: Self.pattern.count)
        async let answered = one.bytes(exactly: Self.backwards.count)
        let received = try await (heard, answered)
        _ = try await (writing, answering)
        #expect(received.0 == Self.pattern && received.1 == Self.backwards)
      } while storm.taken < Self.enough && !end.hasPassed
      #expect(storm.taken >= Self.enough)
    }
  }

  @Test(arguments: oneWay)
  func aReadEndsAtItsDeadlineAndLosesNothing(_ setting: Case) async throws {
    try await setting.withPair { one, other, storm in
      let storm = try #require(storm)
      try await Self.untilInterrupted(by: storm) {
        for milliseconds in [20, 80] {
          try await Self.expectDeadline(.milliseconds(milliseconds), .read) {
            _ = try await one.bytes(atMost: 9, deadline: .milliseconds(milliseconds))
          }
        }
      }
      try await other.write([1, 2, 3])
      #expect(try await one.bytes() == [1, 2, 3])
    }
  }

  @Test(arguments: oneWay)
  func aWriteEndsAtItsDeadlineAndSaysHowMuchHasGone(_ setting: Case) async throws {
    try await setting.withPair { one, other, storm in
      let storm = try #require(storm)
      try one.setOption(.sendBufferSize, to: 8192)
      try other.setOption(.receiveBufferSize, to: 8192)
      let sent = Self.pattern
      var gone = 0
      try await Self.untilInterrupted(by: storm) {
        let rest = Array(sent[gone...])
        let error = try await Self.expectDeadline(.milliseconds(100), .write) {
          try await one.write(rest, deadline: .milliseconds(100))
        }
        gone += error?.bytesTransferred ?? 0
      }
      #expect(gone > 0 && gone < sent.count)
      try one.shutdown(.write)
      var received: [UInt8] = []
      while case let bytes = try await other.bytes(), !bytes.isEmpty { received += bytes }
      #expect(received.count == gone && received[...] == sent.prefix(gone))
    }
  }

  @Test(arguments: listeners)
  func anAcceptEndsAtItsDeadlineAndTheNextOneIsServed(_ setting: Case) async throws {
    try await setting.run { backEnd, address in
      let storm = try #require(backEnd.storm)
      let type = setting.carrier.type
      let listener = try await backEnd.listen(at: address, type, backlog: nil)
      try await Self.untilInterrupted(by: storm) {
        try await Self.expectDeadline(.milliseconds(100), .accept) {
          _ = try await listener.take(deadline: .milliseconds(100))
        }
      }
      for byte in UInt8(0)..<20 {
        async let accepting = listener.take(deadline: .patience)
        let client = try await backEnd.connect(to: listener.address, type, deadline: .patience)
        let server = try await accepting
        try await client.write([byte])
        #expect(try await server.bytes() == [byte])
        try await client.close()
        #expect(try await server.bytes() == [])
        try await server.close()
      }
      try await listener.end()
    }
  }

  /// A connect that has to wait goes on and is waited for: neither given up nor begun twice.
  @Test(arguments: listeners.filter { $0.carrier == .tcp4 || $0.carrier == .unixPath })
  func aConnectThatIsInterruptedIsCompleted(_ setting: Case) async throws {
    try await setting.run { backEnd, address in
      let storm = try #require(backEnd.storm)
      let type = setting.carrier.type
      let listener = try await backEnd.listen(at: address, type, backlog: 1)
      let place = try listener.address
      // The backlog is filled until one has to wait, which the end of its time shows.
      var waiting: [any Wire] = []
      var isFull = false
      while !isFull {
        do {
          waiting.append(try await backEnd.connect(to: place, type, deadline: .milliseconds(50)))
        } catch {
          #expect((error as? SocketError)?.cause == .deadlinePassed, "\(error)")
          isFull = true
        }
      }
      #expect(!waiting.isEmpty)
      let before = storm.taken
      async let connecting = backEnd.connect(to: place, type, deadline: .patience)
      while storm.taken - before < 100 { await Task.yield() }
      var servers: [any Wire] = []
      for _ in waiting { servers.append(try await listener.take(deadline: .patience)) }
      let last = try await connecting
      try await last.write([42])
      var heard: [UInt8] = []
      // Who gave up may have been let in meanwhile, and has ended.
      while heard.isEmpty {
        let server = try await listener.take(deadline: .patience)
        heard = try await server.bytes()
        servers.append(server)
      }
      #expect(heard == [42])
      for wire in waiting + servers + [last] { try await wire.close() }
      // And nobody comes a second time.
      await #expect(throws: SocketError(.accept, .deadlinePassed)) {
        _ = try await listener.take(deadline: .milliseconds(20))
      }
      try await listener.end()
    }
  }

  /// By design a loop's thread takes no signals: they are the program's own threads' business.
  @Test(arguments: Setting.engines)
  func aLoopTakesNoSignalsUnlessItIsMadeTo(_ engine: EngineKind) async throws {
    let storm = SignalStorm()
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    try await loop.runInPlace {
      storm.join(isExposed: false)
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let client = try await Connection.connect(
        to: listener.localAddress(), deadline: .patience, on: loop)
      let server = try await listener.accept(deadline: .patience)
      let end = Deadline.patience
      // It was sent one.
      while !SignalStorm.isPending, !end.hasPassed { sched_yield() }
      #expect(SignalStorm.isPending)
      for byte in UInt8(0)..<100 {
        try await client.write([byte])
        #expect(try await server.bytes() == [byte])
      }
      #expect(SignalStorm.isPending)
      #expect(storm.taken == 0)
      storm.leave()
      for connection in [client, server] { try await connection.close() }
      try await listener.close()
    }
    loop.shutDown()
  }

  /// Repeats what ends by itself until signals were taken meanwhile: on a busy machine few come in a fraction of a second.
  private static func untilInterrupted(
    by storm: SignalStorm, _ body: () async throws -> Void
  ) async throws {
    let before = storm.taken
    let end = Deadline.patience
    repeat { try await body() } while storm.taken - before < some && !end.hasPassed
    #expect(storm.taken - before >= some)
  }

  /// Expects a call to end at its deadline: not before it, and not much later.
  @discardableResult
  private static func expectDeadline(
    _ length: Duration, _ operation: SocketError.Operation, _ body: () async throws -> Void
  ) async throws -> SocketError? {
    let start = ContinuousClock.now
    let error = await #expect(throws: SocketError.self) { try await body() }
    let spent = ContinuousClock.now - start
    #expect(error?.cause == .deadlinePassed)
    #expect(error?.operation == operation)
    #expect(spent >= length && spent < length + tolerance, "\(spent)")
    return error
  }
}
