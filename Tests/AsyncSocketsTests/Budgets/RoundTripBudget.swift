// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// What a round trip costs on a loop: no allocation, and no system call more than C makes.
///
/// It runs in release.
@Suite(.serialized) struct RoundTripBudget {
  private static let rounds = 1000

  /// Runs a body beside the other end, which sends back what it hears, both on one loop.
  private func withEcho(
    _ engine: EngineKind, _ carrier: Carrier, _ body: (Connection) async throws -> Void
  ) async throws {
    let setting = Setting(engine: engine, carrier: carrier, isOnLoop: true, isReversed: false)
    try await setting.withPair { one, other in
      async let echo: Void = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = try await other.read(into: &buffer), count > 0 {
          try await other.write(buffer[..<count])
        }
      }()
      try await body(one)
      try one.shutdown(.write)
      try await echo
    }
  }

  private func roundTrips(
    _ connection: Connection, _ buffer: inout [UInt8], _ count: Int
  ) async throws {
    for _ in 0..<count {
      try await connection.write(buffer)
      try await connection.read(exactlyInto: &buffer)
    }
  }

  @Test(arguments: Setting.engines, [Carrier.tcp4, .unixPath])
  func nothingIsAllocated(_ engine: EngineKind, _ carrier: Carrier) async throws {
    try await withEcho(engine, carrier) { connection in
      var buffer = [UInt8](repeating: 7, count: 64)
      // Until every table has the size that it needs.
      try await roundTrips(connection, &buffer, 200)
      beginCountingAllocations()
      try await roundTrips(connection, &buffer, Self.rounds)
      let count = endCountingAllocations()
      #expect(count == 0, "in \(Self.rounds) round trips")
    }
  }

  @Test(arguments: Setting.engines, [Carrier.tcp4, .unixPath])
  func aDeadlineOnEveryOperationAllocatesNothing(
    _ engine: EngineKind, _ carrier: Carrier
  ) async throws {
    try await withEcho(engine, carrier) { connection in
      var buffer = [UInt8](repeating: 7, count: 64)
      let deadline = Deadline.seconds(60)
      for round in 0..<Self.rounds + 200 {
        if round == 200 { beginCountingAllocations() }
        try await connection.write(buffer, deadline: deadline)
        try await connection.read(exactlyInto: &buffer, deadline: deadline)
      }
      #expect(endCountingAllocations() == 0)
    }
  }

  /// A task with one piece of memory for its frames, the connection, and what starts the task.
  @Test(arguments: Setting.engines)
  func anIdleConnectionIsFewAllocations(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.withPair { told, teller in
      let count = 100
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: told.loop)
      let address = try listener.localAddress()
      let active = Guarded(0)
      let server = Task {
        try await listener.serve(
          ServingLimits(),
          onStatistics: { numbers in
            active.withLock { $0 = numbers.active }
            if numbers.active == 1 + count { try? teller.shutdown(.write) }
          }
        ) { connection in
          try await connection.waitUntilReadable()
        }
      }
      func connect() throws -> Int32 {
        try Socket(.ipv4, .stream).connect(to: address).release().rawValue
      }
      // The first one makes the tables that all share.
      let first = try connect()
      while active.withLock({ $0 }) < 1 { await Task.yield() }
      let clients = try (0..<count).map { _ in try connect() }
      var buffer: [UInt8] = [0]
      // They wait in the backlog: nothing has been awaited since.
      beginCountingAllocations()
      #expect(try await told.read(into: &buffer, deadline: .patience) == 0)
      let allocations = endCountingAllocations()
      #expect(allocations <= 7 * count + 30)
      for client in clients + [first] { _ = Syscall.close(client) }
      server.cancel()
      try await server.value
      try await listener.close()
    }
  }

  @Test(arguments: [Carrier.tcp4, .unixPath])
  func epollMakesOneCallForEachReadAndEachWrite(_ carrier: Carrier) async throws {
    try await withEcho(.epoll, carrier) { connection in
      var buffer = [UInt8](repeating: 7, count: 64)
      try await roundTrips(connection, &buffer, 10)
      let forced = ForcedCalls()
      let seat = Syscall.installObserver(forced)
      try await roundTrips(connection, &buffer, Self.rounds)
      Syscall.restoreObserver(seat)
      // A round trip is two messages, each sent and received once.
      #expect(forced.count(of: .send) == 2 * Self.rounds)
      // A read that filled its buffer may have left something: the next one there asks before it waits.
      #expect(forced.count(of: .recv) <= 3 * Self.rounds + 10)
      #expect(forced.count(of: .epoll_ctl) == 0)
      // With one connection each message is waited for; with many they share a wait.
      #expect(forced.count(of: .epoll_pwait2) <= 2 * Self.rounds + 10)
    }
  }

  @Test(.requires(.kernelFeature("io_uring") { Setting.engines.contains(.ioUring) }))
  func ioUringMakesOneCallForAllThatWaits() async throws {
    try await withEcho(.ioUring, .tcp4) { connection in
      var buffer = [UInt8](repeating: 7, count: 64)
      try await roundTrips(connection, &buffer, 10)
      let forced = ForcedCalls()
      let seat = Syscall.installObserver(forced)
      try await roundTrips(connection, &buffer, Self.rounds)
      Syscall.restoreObserver(seat)
      let calls = forced.calls.filter { !$0.isRingOperation }
      #expect(calls.allSatisfy { $0 == .io_uring_enter })
      #expect(calls.count <= 4 * Self.rounds + 10)
    }
  }
}
