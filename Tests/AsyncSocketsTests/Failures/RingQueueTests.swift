// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The two queues of a ring when they are much too small for what is done: a ring of eight, and ten thousand operations.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .requires(.kernelFeature("io_uring") { Setting.engines.contains(.ioUring) }))
struct RingQueues {
  private static let pairs = 100
  private static let rounds = 50

  @Test func completionsForWhichThereIsNoRoomAreNotLost() async throws {
    try await exchange(ForcedCalls())
  }

  /// What is in the queue of submissions stays there while the kernel takes none.
  @Test(arguments: [Errno.resourceTemporarilyUnavailable, .resourceBusy, .interrupted])
  func submissionsThatTheKernelDoesNotTakeAreNotLost(_ error: Errno) async throws {
    let forced = ForcedCalls()
    for number in 0..<100 {
      forced.add(.fail(.io_uring_enter, error, times: 15, skipping: number * 17))
    }
    try await exchange(forced)
    #expect(forced.forced.count > 500)
  }

  /// Operations that are complete as soon as they are submitted leave the loop its jobs and its times.
  @Test func sendersThatNeverWaitKeepNobodyFromHisTurn() async throws {
    var configuration = EventLoop.Configuration(engine: .ioUring)
    configuration.ringEntries = 8
    let loop = try EventLoop(configuration)
    let others = try EventLoop()
    defer {
      loop.shutDown()
      others.shutDown()
    }
    let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
    let address = try listener.localAddress()
    var pairs: [(reader: Connection, writer: Connection)] = []
    for _ in 0..<32 {
      let reader = try await Connection.connect(to: address, deadline: .patience, on: others)
      pairs.append((reader, try await listener.accept(deadline: .patience)))
    }
    let isOver = Guarded(false)
    let end = Deadline.patience
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (reader, writer) in pairs {
        group.addTask(executorPreference: others) {
          var buffer = [UInt8](repeating: 0, count: 1 << 16)
          while try await reader.read(into: &buffer, deadline: .patience) > 0 {}
          try await reader.close()
        }
        group.addTask(executorPreference: loop) {
          let piece = [UInt8](repeating: 1, count: 64)
          while !isOver.withLock({ $0 }), !end.hasPassed {
            try await writer.write(piece, deadline: .patience)
          }
          try await writer.close()
        }
      }
      group.addTask(executorPreference: loop) {
        await #expect(throws: SocketError(.accept, .deadlinePassed)) {
          _ = try await listener.accept(deadline: .milliseconds(50))
        }
        isOver.withLock { $0 = true }
      }
      try await group.waitForAll()
    }
    #expect(!end.hasPassed, "the senders were the only ones on the loop")
    try await listener.close()
  }

  /// Ten thousand operations of a hundred connections, as many at once as there are connections.
  private func exchange(_ forced: ForcedCalls) async throws {
    var configuration = EventLoop.Configuration(engine: .ioUring)
    configuration.ringEntries = 8
    let loop = try EventLoop(configuration)
    defer { loop.shutDown() }
    try await loop.runInPlace {
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let address = try listener.localAddress()
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<Self.pairs {
          let client = try await Connection.connect(to: address, deadline: .patience, on: loop)
          let server = try await listener.accept(deadline: .patience)
          group.addTask(executorPreference: loop) { try await Self.play(client, server) }
        }
        try await group.waitForAll()
      }
      try await listener.close()
      #expect(loop.ringOverflows > 0, "there was room for all")
    }
    let moved = forced.count(of: .ringSend) + forced.count(of: .ringReceive)
    #expect(moved >= 2 * Self.pairs * Self.rounds)
  }

  private static func play(_ client: Connection, _ server: Connection) async throws {
    for round in 0..<Self.rounds {
      let sent = [UInt8(truncatingIfNeeded: round), UInt8(truncatingIfNeeded: round &* 7)]
      try await client.write(sent, deadline: .patience)
      #expect(try await server.bytes(exactly: 2) == sent)
    }
    try await client.close()
    #expect(try await server.bytes() == [])
    try await server.close()
  }
}
