// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import Synchronization

/// Connects, asks once, compares the answer and closes, again and again; with a size of zero it only connects and closes.
final class ConnectPeer: LoadPeer {
  private let context: LoadContext
  private let index: Int
  private let state = Mutex(State())

  private struct State: Sendable {
    var hasGivenUp = false
    var begun = 0
    /// When the operation began that runs now.
    var running: Int64?
    var connection: Connection?
    var isFinished = false
  }

  init(_ context: LoadContext, index: Int) {
    self.context = context
    self.index = index
  }

  var isIdle: Bool { state.withLock { $0.running == nil } }
  var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

  /// The first connection shows that somebody is there.
  func open(deadline: Deadline) async throws {
    guard index == 0 else { return }
    try await context.target.connect(on: context.loop, deadline: deadline).close()
  }

  func run() async {
    guard let clock = context.clock.withLock({ $0 }) else { return }
    let plan = context.plan
    let schedule = plan.rate.map {
      Schedule(start: clock.start, rate: $0, connections: plan.connections)
    }
    var timer: PreciseTimer?
    if schedule != nil {
      do throws(SocketError) {
        timer = try await PreciseTimer(on: context.loop)
      } catch {
        context.tally.withLock { $0.note(error.benchKind) }
        return state.withLock { $0.hasGivenUp = true }
      }
    }
    var buffer = [UInt8](repeating: 0, count: plan.size + 1)
    var backoff = Backoff()
    while !Task.isCancelled {
      let begun = state.withLock { $0.begun }
      let due = schedule?.due(begun, of: index)
      var hasWaited = false
      if let due {
        guard due < clock.end else { break }
        hasWaited = begun > 0 && due <= Deadline.now.nanoseconds
        guard (try? await timer?.wait(until: due)) != nil else { break }
      }
      let now = Deadline.now.nanoseconds
      guard now < clock.end else { break }
      let start = due ?? now
      note(start, due, now, hasWaited: hasWaited, clock)
      if await operate(&buffer, start, clock) {
        backoff.succeeded()
      } else {
        guard !state.withLock({ $0.hasGivenUp }), let pause = backoff.next() else { break }
        if schedule == nil {
          guard await context.loop.sleep(until: .after(pause)) >= 0 else { break }
        }
      }
      state.withLock { $0.running = nil }
    }
    state.withLock { state in
      if backoff.failures >= Backoff.mostFailures { state.hasGivenUp = true }
      state.running = nil
    }
    noteUnsent(schedule, clock)
    await timer?.close()
  }

  /// Counts an operation that begins: it is this program that is late, unless the one before had not ended when it was due.
  private func note(
    _ start: Int64, _ due: Int64?, _ now: Int64, hasWaited: Bool, _ clock: RunClock
  ) {
    state.withLock { state in
      state.begun += 1
      state.running = start
    }
    guard start >= clock.measuring else { return }
    context.tally.withLock { tally in
      tally.noteSent(due: hasWaited ? due : nil, now: now)
      if let due, !hasWaited { tally.longestOversight = max(tally.longestOversight, now - due) }
    }
  }

  /// What was due while this one was busy.
  private func noteUnsent(_ schedule: Schedule?, _ clock: RunClock) {
    guard let schedule else { return }
    let first = state.withLock { $0.begun }
    let end = min(clock.end, Deadline.now.nanoseconds)
    let count = schedule.count(before: end, of: index) - first
    guard count > 0 else { return }
    context.tally.withLock { $0.noteUnsent(count, oldest: schedule.due(first, of: index)) }
  }

  /// One operation.
  ///
  /// - Returns: whether it worked.
  private func operate(_ buffer: inout [UInt8], _ start: Int64, _ clock: RunClock) async -> Bool {
    let plan = context.plan
    let deadline = Deadline.after(plan.timeout)
    do {
      let connection = try await context.target.connect(on: context.loop, deadline: deadline)
      state.withLock { $0.connection = connection }
      do {
        try await ask(connection, &buffer, deadline)
      } catch {
        _ = try? await connection.close()
        throw error
      }
      try await connection.close()
      let taken = Deadline.now.nanoseconds - start
      if start >= clock.measuring {
        context.tally.withLock { $0.noteAnswer(after: taken, byteCount: plan.size) }
      }
      return true
    } catch let error as Mismatch {
      context.tally.withLock { $0.noteMismatch(error.text) }
      state.withLock { $0.hasGivenUp = true }
    } catch {
      let isFinished = state.withLock { $0.isFinished }
      if !isFinished, !error.isCancellation {
        context.tally.withLock { $0.note(error.benchKind) }
      }
    }
    return false
  }

  private struct Mismatch: Error {
    var text: String
  }

  private func ask(
    _ connection: Connection, _ buffer: inout [UInt8], _ deadline: Deadline
  ) async throws {
    let size = context.plan.size
    guard size > 0 else { return }
    let start = context.plan.payloadOffset(of: index) + state.withLock { $0.begun }
    let payload = context.payload
    let sent = try payload.trySend(connection, at: start, count: size) ?? 0
    guard sent < size else {
      return try await readAnswer(connection, &buffer, start, deadline)
    }
    // A server may send back what it has before it takes the rest.
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: context.loop) {
        do {
          try await payload.write(
            connection, at: start + sent, count: size - sent, deadline: deadline)
        } catch {
          // Nothing more will come back.
          _ = try? await connection.close()
          throw error
        }
      }
      do {
        try await readAnswer(connection, &buffer, start, deadline)
      } catch let error as SocketError where error.cause == .closed {
        // Why writing failed says more.
        try await group.next()
        throw error
      }
      try await group.next()
    }
  }

  /// Reads the answer to its end, and compares it with what was sent.
  private func readAnswer(
    _ connection: Connection, _ buffer: inout [UInt8], _ start: Int, _ deadline: Deadline
  ) async throws {
    let size = context.plan.size
    var received = 0
    while received < size {
      let count = try await connection.read(into: &buffer, deadline: deadline)
      if count == 0 { throw SocketError(.read, .endOfStream) }
      let isRight =
        received + count <= size
        && context.payload.firstDifference(buffer, count: count, at: start + received) == nil
      guard isRight else {
        throw Mismatch(text: "an answer of connection \(index + 1) differs from what was sent")
      }
      received += count
    }
  }

  func release() {}
  func tick(_ now: Int64) async {}

  func finish(_ now: Int64, isEarly: Bool) async {
    let (connection, running) = state.withLock { state in
      state.isFinished = true
      return (state.connection, state.running)
    }
    if let running, let clock = context.clock.withLock({ $0 }), running >= clock.measuring {
      context.tally.withLock { tally in
        if isEarly {
          tally.unfinished += 1
        } else {
          tally.note(SocketError(.read, .deadlinePassed).benchKind)
        }
      }
    }
    _ = try? await connection?.close()
  }
}
