// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// The figure F14: ten thousand cancellations at random moments lose no byte, and leave nothing behind.
@Suite(.serialized) struct Cancellations {
  private static let perSetting = 10_000 / Setting.engines.count / 2

  @Test(arguments: Setting.engines, [true, false])
  func readsThatAreCancelledLoseNoByte(_ engine: EngineKind, _ isOnLoop: Bool) async throws {
    let setting = Setting(
      engine: engine, carrier: .tcp4, isOnLoop: isOnLoop, isReversed: false)
    var random = SeededGenerator()
    try await setting.withPair { one, other in
      var sent: UInt8 = 0
      var expected: UInt8 = 0
      var cancelled = 0
      var waits = 0
      while cancelled < Self.perSetting {
        let deadline: Deadline =
          Bool.random(using: &random)
          ? .never : .after(.microseconds(Int64.random(in: 0..<50, using: &random)))
        let reading = Task(executorPreference: isOnLoop ? one.loop : nil) {
          try await other.bytes(atMost: 16, deadline: deadline)
        }
        await Self.pause(one.loop, &random)
        if Int.random(in: 0..<3, using: &random) == 0 {
          let bytes = (0..<UInt8.random(in: 1...20, using: &random)).map { sent &+ $0 }
          sent &+= UInt8(bytes.count)
          try await one.write(bytes)
        }
        await Self.pause(one.loop, &random)
        reading.cancel()
        cancelled += 1
        do {
          for byte in try await reading.value {
            #expect(byte == expected)
            expected &+= 1
          }
        } catch let error as SocketError {
          #expect(error.cause == .cancelled || error.cause == .deadlinePassed, "\(error)")
          waits += 1
        }
      }
      // Both endings have come, how often is chance, and what is left is what was sent.
      #expect(waits > 10 && waits < cancelled - 10)
      try one.shutdown(.write)
      while case let bytes = try await other.bytes(), !bytes.isEmpty {
        for byte in bytes {
          #expect(byte == expected)
          expected &+= 1
        }
      }
      #expect(expected == sent)
    }
  }

  /// Lets others go on, or the loop look at its sockets, or neither.
  private static func pause(_ loop: EventLoop, _ random: inout SeededGenerator) async {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: _ = await loop.sleep(until: .now)
    case 1...3: await Task.yield()
    default: break
    }
  }

  @Test(arguments: Setting.engines)
  func connectsAndAcceptsThatAreCancelledLeaveNothing(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let address = try listener.localAddress()
      for round in 0..<300 {
        let connecting = Task {
          try await Connection.connect(to: address, deadline: .patience, on: loop)
        }
        let accepting = Task { try await listener.accept(deadline: .patience) }
        for _ in 0..<round % 5 { await Task.yield() }
        connecting.cancel()
        accepting.cancel()
        // Who won in spite of the cancellation has a connection to close.
        _ = try? await connecting.value.close()
        _ = try? await accepting.value.close()
      }
      // What was connected and never accepted is still in the backlog.
      while let left = try? await listener.accept(deadline: .milliseconds(1)) {
        try await left.close()
      }
      try await listener.close()
      #expect(await loop.socketCount() == 0)
    }
  }
}

extension EventLoop {
  /// How many sockets the loop has.
  func socketCount() async -> Int {
    await run { table.socketCount }
  }
}
