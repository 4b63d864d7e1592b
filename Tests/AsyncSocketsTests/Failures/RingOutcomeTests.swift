// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F1 for io_uring: every operation in a ring, and the call that submits it, × every error that the manual pages list has a
/// decided outcome, and that is what reaches the caller.
///
/// An operation that fails here was never begun by the kernel: whatever it was about is still there afterwards.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .requires(.kernelFeature("io_uring") { Setting.engines.contains(.ioUring) }))
struct RingOutcomes {
  private static let operations = SystemCall.allCases.filter(\.isRingOperation)
  private static let setting = Setting(
    engine: .ioUring, carrier: .tcp4, isOnLoop: true, isReversed: false)

  @Test func everyPairOfTheManualPagesIsDecided() {
    var pairs = 0
    for operation in Self.operations + [.io_uring_enter] {
      for name in ManualPageErrors.errors(inRing: operation) {
        pairs += 1
        #expect(errno(named: name) != nil, "\(operation) × \(name): not an error of Linux")
        #expect(
          CallOutcomes.outcome(inRing: operation, name) != nil,
          "decide \(operation) × \(name) in CallOutcomes.swift")
      }
    }
    print("F1: \(pairs) pairs of \(Self.operations.count) operations in a ring and its call")
    #expect(pairs > 100)
  }

  /// The errors that an operation can meet, with what was decided.
  private static func pairs(
    of operation: SystemCall
  ) throws -> [(name: String, error: Errno, outcome: Outcome)] {
    try ManualPageErrors.errors(inRing: operation).map { name in
      (
        name, try #require(errno(named: name)),
        try #require(CallOutcomes.outcome(inRing: operation, name))
      )
    }
  }

  @Test(arguments: [SystemCall.ringReceive, .ringSend, .ringPoll])
  func whatReachesWhoReadsAndWritesIsWhatWasDecided(_ operation: SystemCall) async throws {
    for (name, error, outcome) in try Self.pairs(of: operation) {
      try await Self.setting.withPair { one, other in
        let sends = operation == .ringSend
        if !sends { try await other.write([1]) }
        let forced = ForcedCalls(.fail(operation, error))
        let seat = Syscall.installObserver(forced)
        defer { Syscall.restoreObserver(seat) }
        var ending: SocketError?
        do throws(SocketError) {
          switch operation {
          case .ringReceive: #expect(try await one.bytes() == [1], "\(name)")
          case .ringSend: try await one.write([1])
          default: try await one.waitUntilReadable(deadline: .patience)
          }
        } catch {
          ending = error
        }
        #expect(forced.isPlayedThrough, "\(name)")
        let count = forced.count(of: operation)
        if outcome == .thrown {
          #expect(ending == SocketError(sends ? .write : .read, .system(error)), "\(name)")
          #expect(count == 1, "\(name)")
        } else {
          #expect(ending == nil, "\(name)")
          #expect(count >= 2, "\(name)")
        }
        // Nothing was lost or doubled, and the connection is as good as before.
        if sends {
          try await one.write([2])
          try one.shutdown(.write)
          var all: [UInt8] = []
          while case let bytes = try await other.bytes(), !bytes.isEmpty { all += bytes }
          #expect(all == (outcome == .thrown ? [2] : [1, 2]), "\(name)")
        } else if operation == .ringPoll || outcome == .thrown {
          #expect(try await one.bytes() == [1], "\(name)")
        }
      }
    }
  }

  @Test func whatReachesWhoAcceptsIsWhatWasDecided() async throws {
    try await Self.setting.run { loop in
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let address = try listener.localAddress()
      for (name, error, outcome) in try Self.pairs(of: .ringAccept) {
        let client = try await Connection.connect(to: address, deadline: .patience, on: loop)
        let forced = ForcedCalls(.fail(.ringAccept, error))
        let seat = Syscall.installObserver(forced)
        defer { Syscall.restoreObserver(seat) }
        var ending: SocketError?
        var server: Connection?
        do throws(SocketError) {
          server = try await listener.accept(deadline: .patience)
        } catch {
          ending = error
          // The client has waited all the same.
          server = try await listener.accept(deadline: .patience)
        }
        #expect(forced.isPlayedThrough, "\(name)")
        #expect(forced.count(of: .ringAccept) == 2, "\(name)")
        #expect(
          ending == (outcome == .thrown ? SocketError(.accept, .system(error)) : nil), "\(name)")
        try await client.write([7])
        #expect(try await server?.bytes() == [7], "\(name)")
        try await client.close()
        try await server?.close()
      }
      try await listener.close()
    }
  }

  /// A read or write that would block although the ring was to wait for it, and cannot be waited for otherwise either.
  @Test func aWaitThatFailsInARead() async throws {
    for (name, error, outcome) in try Self.pairs(of: .ringPoll) {
      try await Self.setting.withPair { one, other in
        let forced = ForcedCalls(
          .fail(.ringReceive, .resourceTemporarilyUnavailable), .fail(.ringPoll, error))
        let seat = Syscall.installObserver(forced)
        defer { Syscall.restoreObserver(seat) }
        async let sent: Void = other.write([5])
        var ending: SocketError?
        do throws(SocketError) {
          #expect(try await one.bytes() == [5], "\(name)")
        } catch {
          ending = error
          #expect(try await one.bytes() == [5], "\(name)")
        }
        try await sent
        #expect(forced.isPlayedThrough, "\(name)")
        #expect(
          ending == (outcome == .thrown ? SocketError(.read, .system(error)) : nil), "\(name)")
      }
    }
  }

  /// An operation whose end was asked for ends, whatever becomes of the asking.
  @Test func aCancellationIsNeverLost() async throws {
    for (name, error, outcome) in try Self.pairs(of: .ringCancel) {
      try await Self.setting.withPair { one, other in
        let forced = ForcedCalls(
          .fail(.ringCancel, error, times: outcome == .repeated ? 3 : 1))
        let seat = Syscall.installObserver(forced)
        defer { Syscall.restoreObserver(seat) }
        let reading = Task(executorPreference: one.loop) { try await one.bytes() }
        await Task.yield()
        reading.cancel()
        await #expect(throws: SocketError(.read, .cancelled), "\(name)") { try await reading.value }
        #expect(forced.isPlayedThrough, "\(name)")
        forced.add(.fail(.ringCancel, error, times: outcome == .repeated ? 3 : 1))
        await #expect(throws: SocketError(.read, .deadlinePassed), "\(name)") {
          _ = try await one.bytes(deadline: .milliseconds(2))
        }
        #expect(forced.isPlayedThrough, "\(name)")
        // Not even an operation that was cancelled several times has taken anything with it.
        try await other.write([3])
        #expect(try await one.bytes() == [3], "\(name)")
        // Closing ends what waits, too.
        forced.add(.fail(.ringCancel, error))
        let waiting = Task(executorPreference: one.loop) { try await one.bytes() }
        await Task.yield()
        try await one.close()
        await #expect(throws: SocketError(.read, .closed), "\(name)") { try await waiting.value }
        #expect(forced.isPlayedThrough, "\(name)")
      }
    }
  }

  /// A worker thread of the kernel that is told to end says that it was interrupted (io_uring_cancelation(7)).
  @Test func aCancellationThatLooksLikeAnInterruptionIsACancellation() async throws {
    try await Self.setting.withPair { one, other in
      let forced = ForcedCalls(
        .failAfterwards(.ringReceive, .interrupted, times: nil),
        .failAfterwards(.ringPoll, .interrupted, times: nil))
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      for _ in 0..<3 {
        await #expect(throws: SocketError(.read, .deadlinePassed)) {
          _ = try await one.bytes(deadline: .milliseconds(2))
        }
        await #expect(throws: SocketError(.read, .deadlinePassed)) {
          try await one.waitUntilReadable(deadline: .milliseconds(2))
        }
      }
      let reading = Task(executorPreference: one.loop) { try await one.bytes() }
      await Task.yield()
      reading.cancel()
      await #expect(throws: SocketError(.read, .cancelled)) { try await reading.value }
      // One that has won is no failure.
      try await other.write([4])
      #expect(try await one.bytes() == [4])
      #expect(forced.isPlayedThrough)
    }
  }

  /// The operation by which other threads wake the loop.
  @Test func aLoopIsWokenWhateverItsReadOfTheWakerMeets() async throws {
    for (name, error, _) in try Self.pairs(of: .ringRead) {
      let loop = try EventLoop(EventLoop.Configuration(engine: .ioUring))
      let script = Unshared(ForcedCalls(.fail(.ringRead, error)))
      let seat = await script.install(on: loop)
      // The first read was begun before the script came; the next one fails. A loop that is awake needs no waking.
      let end = Deadline.patience
      while await !script.isPlayedThrough(on: loop), !end.hasPassed {}
      #expect(await script.isPlayedThrough(on: loop), "\(name)")
      // Whether it hears of it is what is asked here: it would sleep for ever.
      for _ in 0..<20 { _ = await loop.statistics() }
      await script.remove(seat, from: loop)
      loop.shutDown()
    }
  }

  /// A read of the waker that says "not now" is not begun again before there is something to read.
  @Test func aLoopWhoseWakerCannotBeReadDoesNotSpin() async throws {
    try await Self.setting.withPair { one, _ in
      let forced = ForcedCalls(.fail(.ringRead, .resourceTemporarilyUnavailable, times: nil))
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      let loop = one.loop
      let end = Deadline.patience
      // What has been done, and how often waking it has ended: it may have run by itself before it was woken.
      let done = Guarded((jobs: 0, wakes: 0))
      var begun = 0
      var isHeard = true
      while forced.count(of: .ringRead) == 0 || !isHeard, !end.hasPassed {
        // One at a time: the next one would have it read again.
        if forced.count(of: .ringRead) == 0, isHeard {
          begun += 1
          BackgroundThread.start {
            loop.perform { done.withLock { $0.jobs += 1 } }
            done.withLock { $0.wakes += 1 }
          }
        }
        isHeard = done.withLock { $0.jobs == begun && $0.wakes == begun }
        // Nothing comes, and the loop sleeps until somebody wakes it.
        await #expect(throws: SocketError(.read, .deadlinePassed)) {
          _ = try await one.bytes(deadline: .milliseconds(20))
        }
      }
      #expect(forced.count(of: .ringRead) == 1)
    }
  }

  @Test func nobodyIsToldOfACallThatSubmitsNothing() async throws {
    for (name, error, _) in try Self.pairs(of: .io_uring_enter) {
      try await Self.setting.withPair { one, other in
        let forced = ForcedCalls(
          .fail(.io_uring_enter, error, times: 3),
          .fail(.io_uring_enter, error, times: 3, skipping: 5))
        let seat = Syscall.installObserver(forced)
        defer { Syscall.restoreObserver(seat) }
        for byte in UInt8(0)..<20 {
          try await one.write([byte])
          #expect(try await other.bytes() == [byte], "\(name)")
        }
        #expect(forced.isPlayedThrough, "\(name)")
      }
    }
  }
}

/// A script for a loop's thread, which is handed to it and back.
private final class Unshared: @unchecked Sendable {
  // SENDABLE: only one thread uses the script at any time.
  let forced: ForcedCalls

  init(_ forced: ForcedCalls) { self.forced = forced }

  func install(on loop: EventLoop) async -> UInt {
    await withCheckedContinuation { continuation in
      loop.perform { continuation.resume(returning: Syscall.installObserver(self.forced)) }
    }
  }

  func isPlayedThrough(on loop: EventLoop) async -> Bool {
    await withCheckedContinuation { continuation in
      loop.perform { continuation.resume(returning: self.forced.isPlayedThrough) }
    }
  }

  func remove(_ seat: UInt, from loop: EventLoop) async {
    await withCheckedContinuation { continuation in
      loop.perform {
        Syscall.restoreObserver(seat)
        continuation.resume()
      }
    }
  }
}
