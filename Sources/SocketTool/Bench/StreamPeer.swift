// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import Synchronization

/// A connection that sends, or receives, or does both, as fast as it goes; what comes back is compared where both are done.
final class StreamPeer: LoadPeer {
  private struct State: Sendable {
    var connection: Connection?
    var hasGivenUp = false
    var isFinished = false
    /// Bytes that count and are no whole piece yet.
    var rest = 0
    var sent = 0
    var received = 0
  }

  private let context: LoadContext
  private let index: Int
  private let state = Mutex(State())

  init(_ context: LoadContext, index: Int) {
    self.context = context
    self.index = index
  }

  var isIdle: Bool { true }
  var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

  func open(deadline: Deadline) async throws {
    let connection = try await context.target.connect(on: context.loop, deadline: deadline)
    state.withLock { $0.connection = connection }
  }

  func run() async {
    guard let clock = context.clock.withLock({ $0 }),
      let connection = state.withLock({ $0.connection })
    else { return }
    await withDiscardingTaskGroup { group in
      if context.plan.direction.sends {
        group.addTask(executorPreference: context.loop) { await self.send(connection, clock) }
      }
      if context.plan.direction.receives {
        group.addTask(executorPreference: context.loop) { await self.receive(connection, clock) }
      }
    }
  }

  private func send(_ connection: Connection, _ clock: RunClock) async {
    let size = context.plan.size
    let offset = context.plan.payloadOffset(of: index)
    do throws(SocketError) {
      while Deadline.now.nanoseconds < clock.end {
        let position = state.withLock { $0.sent }
        try await context.payload.write(connection, at: offset + position, count: size)
        count(size, isSent: true, clock)
      }
      // The peer may go on with what it has.
      try connection.shutdown(.write)
    } catch {
      await fail(error, connection)
    }
  }

  private func receive(_ connection: Connection, _ clock: RunClock) async {
    var buffer = [UInt8](repeating: 0, count: context.payload.longestPiece)
    let offset = context.plan.payloadOffset(of: index)
    do throws(SocketError) {
      while true {
        let count = try await connection.read(into: &buffer)
        if count == 0 { throw SocketError(.read, .endOfStream) }
        let position = state.withLock { $0.received }
        if context.plan.direction == .both,
          let place = context.payload.firstDifference(buffer, count: count, at: offset + position)
        {
          context.tally.withLock {
            $0.noteMismatch(
              "byte \(position + place + 1) of connection \(index + 1) differs from what was sent")
          }
          state.withLock { $0.hasGivenUp = true }
          _ = try? await connection.close()
          return
        }
        self.count(count, isSent: false, clock)
      }
    } catch {
      await fail(error, connection)
    }
  }

  /// Counts bytes that have moved; what one direction moves are the operations.
  private func count(_ byteCount: Int, isSent: Bool, _ clock: RunClock) {
    let now = Deadline.now.nanoseconds
    let isMeasured = now >= clock.measuring && now < clock.end
    let direction = context.plan.direction
    let isCounted = isMeasured && (direction == .both ? !isSent : true)
    let pieces = state.withLock { state -> Int in
      if isSent { state.sent += byteCount } else { state.received += byteCount }
      guard isCounted else { return 0 }
      state.rest += byteCount
      defer { state.rest %= context.plan.size }
      return state.rest / context.plan.size
    }
    guard isMeasured else { return }
    context.tally.withLock { tally in
      tally.operations += pieces
      tally.requests += pieces
      if isSent { tally.sentBytes += byteCount } else { tally.receivedBytes += byteCount }
    }
  }

  private func fail(_ error: SocketError, _ connection: Connection) async {
    let counts = state.withLock { state in
      defer { state.hasGivenUp = true }
      return !state.isFinished && !state.hasGivenUp
    }
    guard counts, error.cause != .cancelled, error.cause != .closed else { return }
    context.tally.withLock { $0.note(error.benchKind) }
    _ = try? await connection.close()
  }

  func release() {}
  func tick(_ now: Int64) async {}

  func finish(_ now: Int64, isEarly: Bool) async {
    let connection = state.withLock { state in
      state.isFinished = true
      return state.connection
    }
    // What is still on its way is not wanted any more.
    _ = try? await connection?.close()
  }
}
