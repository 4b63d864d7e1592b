// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// Reads whose wait others end, while the connection goes on.
@Suite(.serialized) struct StoppedReads {
  private static let settings = Setting.all.filter(\.isOnLoop)

  @Test(arguments: settings)
  func aStoppedReadTakesNothingAndTheConnectionGoesOn(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let waiter = Waiter(other.loop)
      let reading = Task(executorPreference: other.loop) { try await other.bytes(until: waiter) }
      // Whether it waits by then or not.
      for _ in 0..<Int.random(in: 0..<4) { await Task.yield() }
      waiter.stop()
      await #expect(throws: SocketError(.read, .cancelled)) { _ = try await reading.value }
      try await one.write([1])
      #expect(try await other.bytes() == [1])
      try await other.write([2])
      #expect(try await one.bytes() == [2])
    }
  }

  @Test(arguments: settings)
  func whatHasComeIsReadAfterTheStop(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let waiter = Waiter(other.loop)
      waiter.stop()
      try await one.write([1, 2])
      try await other.waitUntilReadable(deadline: .patience)
      #expect(try await other.bytes(until: waiter) == [1, 2])
      await #expect(throws: SocketError(.read, .cancelled)) {
        _ = try await other.bytes(until: waiter)
      }
      try one.shutdown(.write)
      try await other.waitUntilReadable(deadline: .patience)
      #expect(try await other.bytes(until: waiter) == [])
    }
  }

  @Test(arguments: settings)
  func theTasksOwnEndsHoldToo(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let waiter = Waiter(other.loop)
      await #expect(throws: SocketError(.read, .deadlinePassed)) {
        _ = try await other.bytes(until: waiter, deadline: .milliseconds(1))
      }
      let reading = Task(executorPreference: other.loop) { try await other.bytes(until: waiter) }
      for _ in 0..<Int.random(in: 0..<4) { await Task.yield() }
      reading.cancel()
      await #expect(throws: SocketError(.read, .cancelled)) { _ = try await reading.value }
      #expect(!waiter.isStopped)
      try await one.write([1])
      #expect(try await other.bytes(until: waiter) == [1])
    }
  }
}

extension Connection {
  fileprivate func bytes(
    until waiter: Waiter, deadline: Deadline = .patience
  ) async throws(SocketError) -> [UInt8] {
    var buffer: [UInt8] = [0, 0, 0, 0]
    let count = try await read(into: &buffer, deadline: deadline, until: waiter)
    return Array(buffer[..<count])
  }
}
