// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// The loop as a place where tasks run.
@Suite(.serialized) struct EventLoops {
  @Test(arguments: Setting.engines)
  func tasksThatPreferALoopRunOnItsThread(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      #expect(loop.isCurrent && EventLoop.current === loop)
      #expect(loop.engineKind == engine)
      await withTaskGroup { group in
        for _ in 0..<1000 {
          group.addTask {
            await Task.yield()
            #expect(loop.isCurrent)
          }
        }
      }
    }
    #expect(EventLoop.current == nil)
  }

  /// A time that comes within the spin ends it, and is no reason to sleep.
  @Test(arguments: Setting.engines)
  func aSpinEndsWithATime(_ engine: EngineKind) async throws {
    let loop = try EventLoop(EventLoop.Configuration(engine: engine, spin: .seconds(1)))
    defer { loop.shutDown() }
    try await loop.run {
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let before = await loop.statistics().sleeps
      await #expect(throws: SocketError(.accept, .deadlinePassed)) {
        _ = try await listener.accept(deadline: .milliseconds(2))
      }
      #expect(await loop.statistics().sleeps == before)
      try await listener.close()
    }
  }

  /// Where programs begin.
  @MainActor @Test func runningOnALoopLeavesTheMainActor() async throws {
    let loop = try EventLoop()
    defer { loop.shutDown() }
    let greeting = "hello"
    let (wasThere, text) = await loop.run { () async in
      await Task.yield()
      return (loop.isCurrent, greeting + " from the loop")
    }
    #expect(wasThere && !loop.isCurrent && text == "hello from the loop")
    await #expect(throws: SocketError(.read, .closed)) {
      try await loop.run { () async throws(SocketError) in throw SocketError(.read, .closed) }
    }
  }

  private actor Counter {
    private let loop: EventLoop
    private var count = 0

    init(_ loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.serialExecutor }

    func add() -> Bool {
      count += 1
      return loop.isCurrent
    }

    var total: Int { count }
  }

  @Test(arguments: Setting.engines)
  func anActorMayLiveOnALoop(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: false, isReversed: false)
    try await setting.run { loop in
      let counter = Counter(loop)
      await withTaskGroup { group in
        for _ in 0..<100 { group.addTask { #expect(await counter.add()) } }
      }
      #expect(await counter.total == 100)
    }
  }

  @Test(arguments: Setting.engines)
  func oneHotConnectionDoesNotStarveTheOthers(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.withPair { hot, sink in
      try await setting.withPair { one, other in
        let isOver = Guarded(false)
        // Both ends of the hot one are always ready: its tasks never have to wait.
        async let writing: Void = {
          while !isOver.withLock({ $0 }) {
            try await hot.write([UInt8](repeating: 0, count: 64), deadline: .patience)
          }
          try hot.shutdown(.write)
        }()
        async let reading: Void = {
          while try await !sink.bytes().isEmpty {}
        }()
        for round in 0..<200 {
          try await one.write([UInt8(truncatingIfNeeded: round)])
          #expect(try await other.bytes() == [UInt8(truncatingIfNeeded: round)])
        }
        isOver.withLock { $0 = true }
        try await writing
        try await reading
      }
    }
  }

  @Test(arguments: Setting.engines)
  func anIdleLoopMakesNoTurns(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: false, isReversed: false)
    try await setting.run { loop in
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let server = Task(executorPreference: loop) {
        try await listener.serve { try await $0.drainForTests() }
      }
      var clients: [Connection] = []
      for _ in 0..<50 {
        clients.append(
          try await Connection.connect(
            to: listener.localAddress(), deadline: .patience, on: loop))
      }
      // Until the last connection is accepted and waits, as the listener does.
      #expect(await settles(loop) { $0.sockets == 101 && $0.pendingOperations == 51 })
      #expect(try await loop.settles())
      let before = await loop.statistics()
      let deadline = Deadline.milliseconds(200)
      try await Self.pass(until: deadline)
      let after = await loop.statistics()
      // Only asking for the numbers wakes it.
      #expect(after.turns - before.turns <= 2)
      for client in clients { try await client.close() }
      server.cancel()
      try await server.value
      try await listener.close()
    }
  }

  /// Lets time pass on a loop of its own.
  private static func pass(until deadline: Deadline) async throws {
    let loop = try EventLoop()
    #expect(await loop.sleep(until: deadline) == 0)
    loop.shutDown()
  }

  @Test(arguments: Setting.engines)
  func theNumbersOfALoopTellWhatItHasToDo(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      let quiet = await loop.statistics()
      #expect(quiet.sockets == 0 && quiet.timers == 0 && quiet.pendingOperations == 0)
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let accepting = [Deadline.patience, .never].map { deadline in
        Task { _ = try await listener.accept(deadline: deadline) }
      }
      #expect(
        await settles(loop) { $0.sockets == 1 && $0.timers == 1 && $0.pendingOperations == 2 })
      // A job that keeps the thread for itself is what the lag tells of.
      let blocking = Task(executorPreference: loop) {
        let end = Deadline.milliseconds(20)
        while !end.hasPassed {}
      }
      let busy = await loop.statistics()
      #expect(busy.lag >= .milliseconds(20))
      await blocking.value
      try await listener.close()
      for task in accepting {
        await #expect(throws: SocketError(.accept, .closed)) { try await task.value }
      }
      #expect(await settles(loop) { $0.sockets == 0 && $0.pendingOperations == 0 })
    }
  }

  /// Asks a loop for its numbers until they are as they should be.
  private func settles(_ loop: EventLoop, _ condition: (EventLoopStatistics) -> Bool) async -> Bool
  {
    let deadline = Deadline.patience
    while !deadline.hasPassed {
      if condition(await loop.statistics()) { return true }
    }
    return false
  }

  @Test(arguments: Setting.engines)
  func aLoopThatIsToEndStillServesWhoWaitsForATime(_ engine: EngineKind) async throws {
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    let sleeping = Task { await loop.sleep(nanoseconds: 300_000_000) }
    // On a machine that has much to do the time may be over when it is looked at for the first time.
    #expect(await settles(loop) { $0.pendingOperations == 1 || $0.completions == 1 })
    loop.shutDown()
    #expect(await sleeping.value == 0)
  }

  @Test func theEnginesAreProbedAndOneIsChosen() throws {
    let probes = EngineKind.probe()
    #expect(probes.map(\.kind) == EngineKind.allCases)
    #expect(probes.count { $0.isAutomatic } == 1)
    #expect(probes.first { $0.kind == .poll }?.obstacle == nil)
    #expect(probes.first { $0.kind == EngineKind.automatic() }?.obstacle == nil)
  }
}

extension Connection {
  fileprivate func drainForTests() async throws {
    while try await !bytes(deadline: .never).isEmpty {}
  }
}

extension EventLoop {
  /// Waits until the loop has nothing more to do of its own.
  fileprivate func settles() async throws -> Bool {
    var last = await statistics()
    for _ in 0..<1000 {
      _ = await sleep(nanoseconds: 5_000_000)
      let now = await statistics()
      if now.jobs - last.jobs <= 4 && now.completions - last.completions <= 4 { return true }
      last = now
    }
    return false
  }
}
