// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import Synchronization
import SystemPackage

/// A connection that asks and is answered: one task reads and sends again what may be sent then; where there is a schedule, the
/// loop's pace releases requests as well.
final class ExchangePeer: LoadPeer {
  private struct State: Sendable {
    var exchange: Exchange
    /// What was sent since the tally was told last.
    var sent = SentCounts()
    var connection: Connection?
    /// Why sending failed: reading says less.
    var sendFailure: SocketError?
    /// Why the system has no room for what is to be sent now; it is tried again.
    var shortage: SocketError?
    var isPushing = false
    var hasGivenUp = false
    /// Whether the end has come, so that whatever ends now is no error.
    var isFinished = false
  }

  /// What is to be done when nothing more can be sent now.
  private enum SendingEnd: Sendable {
    case nothing
    /// Somebody has to wait for room.
    case waitForRoom
    /// The system is short of memory, which passes.
    case pause
    /// Sending failed, so that the connection is of no use.
    case close(Connection)
  }

  /// How long to pause when the system is short of memory.
  private static let pause = Duration.milliseconds(2)

  /// What a look at received bytes came to.
  private enum Verdict: Sendable {
    case right
    case wrong(String)
  }

  private let context: LoadContext
  private let index: Int
  private let state: Mutex<State>
  private let isRecords: Bool

  init(_ context: LoadContext, index: Int) {
    self.context = context
    self.index = index
    isRecords = context.target.type != .stream
    state = Mutex(
      State(
        exchange: Exchange(context.plan, connection: index, schedule: nil, isRecords: isRecords)))
  }

  var isIdle: Bool { state.withLock { $0.exchange.outstanding == 0 } }
  var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

  func open(deadline: Deadline) async throws {
    let connection = try await context.target.connect(on: context.loop, deadline: deadline)
    state.withLock { $0.connection = connection }
  }

  func run() async {
    guard let clock = context.clock.withLock({ $0 }) else { return }
    let schedule = context.plan.rate.map {
      Schedule(start: clock.start, rate: $0, connections: context.plan.connections)
    }
    state.withLock {
      $0.exchange = Exchange(
        context.plan, connection: index, schedule: schedule, isRecords: isRecords)
    }
    var buffer = [UInt8](repeating: 0, count: bufferByteCount)
    var backoff = Backoff()
    while !Task.isCancelled {
      if let connection = state.withLock({ $0.connection }) {
        let answered = state.withLock { $0.exchange.answered }
        flush(Deadline.now.nanoseconds, clock)
        let isOver = await read(connection, &buffer, clock)
        _ = try? await connection.close()
        if isOver { return }
        if state.withLock({ $0.exchange.answered }) > answered { backoff.succeeded() }
        noteFailure()
      }
      guard await reopen(&backoff, clock) else { return }
    }
  }

  /// One byte more than can be on its way: so a longer record is noticed, and a stream's read that is short says that there is no
  /// more, which saves asking.
  private var bufferByteCount: Int {
    if isRecords { return context.plan.size + 1 }
    let all = context.plan.size.multipliedReportingOverflow(by: context.plan.window)
    return min(all.overflow ? .max : all.partialValue + 1, context.payload.longestPiece)
  }

  // MARK: Reading

  /// Reads answers until the connection ends.
  ///
  /// - Returns: whether it must not be opened again.
  private func read(
    _ connection: Connection, _ buffer: inout [UInt8], _ clock: RunClock
  ) async -> Bool {
    // One watch for the whole connection costs less than one for each wait.
    let failure = await connection.socket.withCancellationWatched {
      await readAnswers(connection, &buffer, clock)
    }
    guard let failure, failure.cause != .cancelled else { return true }
    return state.withLock { state in
      state.sendFailure = state.sendFailure ?? failure
      return state.isFinished
    }
  }

  /// Reads answers until reading fails.
  ///
  /// - Returns: why it did; `nil` when an answer was wrong.
  private func readAnswers(
    _ connection: Connection, _ buffer: inout [UInt8], _ clock: RunClock
  ) async -> SocketError? {
    do throws(SocketError) {
      while true {
        let count = try await connection.read(into: &buffer)
        let now = Deadline.now.nanoseconds
        if count == 0 { return SocketError(.read, .endOfStream) }
        if case .wrong(let text) = take(count, buffer, now, clock) {
          context.tally.withLock { $0.noteMismatch(text) }
          state.withLock { $0.hasGivenUp = true }
          return nil
        }
        flush(now, clock)
      }
    } catch {
      return error
    }
  }

  /// Compares what came with what was sent, and notes what was answered.
  private func take(
    _ count: Int, _ buffer: [UInt8], _ now: Int64, _ clock: RunClock
  ) -> Verdict {
    state.withLock { state in
      let size = context.plan.size
      let received = state.exchange.receivedBytes
      let position = state.exchange.payloadOffset + received
      if isRecords, count != size {
        return .wrong("an answer had \(count) bytes instead of \(size)")
      }
      if let place = context.payload.firstDifference(buffer, count: count, at: position) {
        let theirs = TextLayout.digits(buffer[place], 2, radix: 16)
        let ours = TextLayout.digits(context.payload.byte(at: position + place), 2, radix: 16)
        return .wrong(
          "answer \((received + place) / size + 1) of connection \(index + 1) differs from what was"
            + " sent: byte \((received + place) % size) is 0x\(theirs) instead of 0x\(ours)")
      }
      if received + count > state.exchange.sentBytes {
        return .wrong("more bytes came back than were sent")
      }
      context.tally.withLock { tally in
        tally.take(&state.sent)
        state.exchange.noteReceived(count) { start in
          guard start >= clock.measuring else { return }
          tally.noteAnswer(after: now - start, byteCount: size)
        }
      }
      return .right
    }
  }

  // MARK: Sending

  func release() {
    guard let clock = context.clock.withLock({ $0 }) else { return }
    let now = Deadline.now.nanoseconds
    let due = state.withLock { $0.exchange.release() }
    if due >= clock.measuring {
      context.tally.withLock { $0.longestOversight = max($0.longestOversight, now - due) }
    }
    flush(now, clock, isRelease: true)
  }

  /// Sends what may be sent now, as long as there is room.
  ///
  /// - Parameters:
  ///   - now: the present instant.
  ///   - clock: when the run begins and ends.
  ///   - isRelease: whether the pace has just released what is sent, so that nothing has waited for an answer.
  private func flush(_ now: Int64, _ clock: RunClock, isRelease: Bool = false) {
    let end = state.withLock { state -> SendingEnd in
      guard let connection = state.connection, state.sendFailure == nil else { return .nothing }
      while true {
        let count = state.exchange.sendable(isOver: now >= clock.end)
        if count == 0 { return .nothing }
        do throws(SocketError) {
          let position = state.exchange.payloadOffset + state.exchange.sentBytes
          guard let sent = try context.payload.trySend(connection, at: position, count: count)
          else { return shouldPush(&state) ? .waitForRoom : .nothing }
          noteSent(sent, &state, now, clock, isRelease: isRelease)
          state.shortage = nil
        } catch {
          return judge(error, connection, &state)
        }
      }
    }
    switch end {
    case .nothing: return
    case .waitForRoom: push(clock)
    case .pause: push(clock, after: Self.pause)
    case .close(let connection):
      // The reader ends with it, and counts the failure.
      _ = Task(executorPreference: context.loop) { _ = try? await connection.close() }
    }
  }

  /// What an error of sending means.
  private func judge(
    _ error: SocketError, _ connection: Connection, _ state: inout State
  ) -> SendingEnd {
    guard error.errno == .noBufferSpace || error.errno == .noMemory else {
      state.sendFailure = error
      return .close(connection)
    }
    state.shortage = error
    guard !state.isPushing else { return .nothing }
    state.isPushing = true
    return .pause
  }

  private func noteSent(
    _ count: Int, _ state: inout State, _ now: Int64, _ clock: RunClock, isRelease: Bool
  ) {
    // Apart from the exchange, which tells of them meanwhile.
    var sent = state.sent
    state.exchange.noteSent(count, now: now) { due in
      if (due ?? now) >= clock.measuring { sent.note(due: isRelease ? nil : due, now: now) }
    }
    state.sent = sent
  }

  /// Whether somebody has to wait for room: as long as a whole request is on its way, its answer is what goes on.
  private func shouldPush(_ state: inout State) -> Bool {
    guard state.exchange.outstandingWhole <= 0, !state.isPushing else { return false }
    state.isPushing = true
    return true
  }

  /// Goes on sending when there is room; ends when the connection does.
  ///
  /// - Parameters:
  ///   - clock: when the run begins and ends.
  ///   - pause: how long to pause before.
  private func push(_ clock: RunClock, after pause: Duration = .zero) {
    guard let connection = state.withLock({ $0.connection }) else { return }
    let loop = context.loop
    _ = Task(executorPreference: loop) {
      if pause > .zero { _ = await loop.sleep(until: .after(pause)) }
      let hasRoom = (try? await connection.waitUntilWritable()) != nil
      let isCurrent = self.state.withLock { state in
        state.isPushing = false
        return state.connection === connection
      }
      if hasRoom, isCurrent { self.flush(Deadline.now.nanoseconds, clock) }
    }
  }

  // MARK: Failures and the end

  /// Counts why the connection ended, once for each request that will have no answer.
  private func noteFailure() {
    let noted = state.withLock { state -> (failure: SocketError, missing: Int)? in
      // The end has counted it, when it has come meanwhile.
      guard !state.isFinished else { return nil }
      defer {
        state.sendFailure = nil
        state.shortage = nil
        state.connection = nil
      }
      return (state.sendFailure ?? SocketError(.read, .closed), state.exchange.restart())
    }
    guard let noted else { return }
    context.tally.withLock { $0.note(noted.failure.benchKind, count: max(1, noted.missing)) }
  }

  /// Opens the connection again, until it works or is not worth it.
  private func reopen(_ backoff: inout Backoff, _ clock: RunClock) async -> Bool {
    while !Task.isCancelled, Deadline.now.nanoseconds < clock.end {
      guard let pause = backoff.next() else {
        state.withLock { $0.hasGivenUp = true }
        return false
      }
      guard await context.loop.sleep(until: .after(pause)) >= 0 else { return false }
      do {
        try await open(deadline: .after(context.plan.timeout))
        context.tally.withLock { $0.reopened += 1 }
        return true
      } catch {
        if error.isCancellation { return false }
        context.tally.withLock { $0.note(error.benchKind) }
      }
    }
    return false
  }

  func tick(_ now: Int64) async {
    let late = state.withLock { state -> Connection? in
      guard let oldest = state.exchange.oldestBeginning, !state.hasGivenUp,
        now - oldest > context.plan.timeout.wholeNanoseconds, state.sendFailure == nil
      else { return nil }
      // Answers come in order: those behind it cannot be had any more either.
      state.sendFailure = SocketError(.read, .deadlinePassed)
      return state.connection
    }
    _ = try? await late?.close()
  }

  func finish(_ now: Int64, isEarly: Bool) async {
    let (connection, failure, exchange, sent) = state.withLock { state in
      state.isFinished = true
      return (state.connection, state.sendFailure ?? state.shortage, state.exchange, state.sent)
    }
    let end = context.clock.withLock { $0 }?.end ?? now
    let unsent = exchange.unsent(at: min(now, end))
    context.tally.withLock { tally in
      var sent = sent
      tally.take(&sent)
      tally.noteUnsent(unsent.count, oldest: unsent.oldest)
      if let failure {
        return tally.note(failure.benchKind, count: max(1, exchange.outstanding))
      }
      guard exchange.outstanding > 0 else { return }
      if isEarly {
        tally.unfinished += exchange.outstanding
      } else {
        let kind = SocketError(.read, .deadlinePassed).benchKind
        tally.note(kind, count: exchange.outstanding)
      }
    }
    _ = try? await connection?.close()
  }
}
