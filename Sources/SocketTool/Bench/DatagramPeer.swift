// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import Synchronization

/// A socket that sends numbered datagrams and gets each of them back, or does not.
///
/// A datagram begins with its number in eight bytes, from which one of the run and of the socket is subtracted, so that those of
/// another run are noticed; the rest is the common stream from a position that the number gives.
final class DatagramPeer: LoadPeer {
  private struct State: Sendable {
    var numbering: Numbering
    var schedule: Schedule?
    var released = 0
    var begun = 0
    var socket: DatagramSocket?
    var isFinished = false
    /// The datagram that is sent next.
    var datagram: [UInt8]
  }

  /// How many bytes the number takes.
  static let headerByteCount = 8

  private let context: LoadContext
  private let index: Int
  private let key: UInt64
  private let state: Mutex<State>

  init(_ context: LoadContext, index: Int) {
    self.context = context
    self.index = index
    let plan = context.plan
    key = plan.seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(index) << 40
    state = Mutex(
      State(
        numbering: Numbering(capacity: plan.numberingCapacity),
        datagram: [UInt8](repeating: 0, count: plan.size)))
  }

  var isIdle: Bool { state.withLock { $0.numbering.outstanding == 0 } }
  var hasGivenUp: Bool { state.withLock { $0.isFinished } }

  func open(deadline: Deadline) async throws {
    let target = context.target
    let socket = try await DatagramSocket.connect(
      to: target.address, target.type, target.protocolNumber, on: context.loop
    ) { socket throws(SocketError) in
      // The peer answers to a name, which the kernel chooses.
      if target.address.family == .unix { try socket.bind(to: .unix(.unnamed)) }
    }
    state.withLock { $0.socket = socket }
  }

  func run() async {
    guard let clock = context.clock.withLock({ $0 }),
      let socket = state.withLock({ $0.socket })
    else { return }
    let schedule = context.plan.rate.map {
      Schedule(start: clock.start, rate: $0, connections: context.plan.connections)
    }
    state.withLock { $0.schedule = schedule }
    flush(Deadline.now.nanoseconds, clock)
    await socket.socket.withCancellationWatched { await receive(socket, clock) }
  }

  // MARK: Receiving

  private func receive(_ socket: DatagramSocket, _ clock: RunClock) async {
    // One byte more, so that a longer answer is noticed.
    var buffer = [UInt8](repeating: 0, count: context.plan.size + 1)
    while !Task.isCancelled {
      do throws(SocketError) {
        let received = try await socket.receive(into: &buffer)
        let now = Deadline.now.nanoseconds
        take(received.byteCount, buffer, now, clock)
        flush(now, clock)
      } catch {
        if error.errno == nil { return }
        // The peer's system says that nobody is there, for one of those that were sent; the socket is still good.
        context.tally.withLock { $0.note(error.benchKind) }
      }
    }
  }

  private func take(_ count: Int, _ buffer: [UInt8], _ now: Int64, _ clock: RunClock) {
    state.withLock { state in
      let size = context.plan.size
      guard count >= Self.headerByteCount else {
        return context.tally.withLock { $0.strays += 1 }
      }
      let number = buffer[..<Self.headerByteCount].reduce(0) { $0 << 8 | UInt64($1) } &+ key
      switch state.numbering.noteAnswer(number) {
      case .late: context.tally.withLock { $0.late += 1 }
      case .duplicate: context.tally.withLock { $0.duplicates += 1 }
      case .stray: context.tally.withLock { $0.strays += 1 }
      case .inTime(let start):
        context.tally.withLock { tally in
          if let text = difference(count, buffer, number) { return tally.noteMismatch(text) }
          if start >= clock.measuring {
            tally.noteAnswer(after: now - start, byteCount: size)
          }
        }
      }
    }
  }

  /// What is wrong with an answer; `nil` when nothing is.
  private func difference(_ count: Int, _ buffer: [UInt8], _ number: UInt64) -> String? {
    let size = context.plan.size
    guard count == size else { return "an answer had \(count) bytes instead of \(size)" }
    let place = context.payload.firstDifference(
      buffer, from: Self.headerByteCount, count: size - Self.headerByteCount,
      at: position(number))
    guard place != nil else { return nil }
    return "the answer to datagram \(number + 1) of socket \(index + 1) differs from what was sent"
  }

  private func position(_ number: UInt64) -> Int {
    context.plan.payloadOffset(of: index) + Int(number % UInt64(Payload.period)) * 61
  }

  // MARK: Sending

  func release() {
    guard let clock = context.clock.withLock({ $0 }) else { return }
    let now = Deadline.now.nanoseconds
    let due = state.withLock { state in
      defer { state.released += 1 }
      return state.schedule?.due(state.released, of: index) ?? 0
    }
    if due >= clock.measuring {
      context.tally.withLock { $0.longestOversight = max($0.longestOversight, now - due) }
    }
    flush(now, clock, isRelease: true)
  }

  /// Sends what may be sent now, as long as there is room.
  private func flush(_ now: Int64, _ clock: RunClock, isRelease: Bool = false) {
    state.withLock { state in
      while let socket = state.socket, now < clock.end, maySend(state) {
        fill(&state.datagram, state.numbering.next)
        do throws(SocketError) {
          // When there is no room, the next answer or the next tick tries again.
          guard try socket.sendIfRoom(state.datagram) else { return }
        } catch {
          context.tally.withLock { $0.note(error.benchKind) }
          return
        }
        let due = state.schedule?.due(state.begun, of: index)
        state.begun += 1
        state.numbering.noteSent(start: due ?? now, now: now)
        if (due ?? now) >= clock.measuring {
          context.tally.withLock { $0.noteSent(due: isRelease ? nil : due, now: now) }
        }
      }
    }
  }

  private func maySend(_ state: State) -> Bool {
    guard !state.numbering.isFull else { return false }
    if state.schedule != nil { return state.begun < state.released }
    return state.numbering.outstanding < context.plan.window
  }

  private func fill(_ datagram: inout [UInt8], _ number: UInt64) {
    let header = number &- key
    for place in 0..<min(Self.headerByteCount, datagram.count) {
      datagram[place] = UInt8(truncatingIfNeeded: header >> UInt64(56 - 8 * place))
    }
    let count = context.plan.size - Self.headerByteCount
    datagram.replaceSubrange(
      Self.headerByteCount..., with: context.payload.piece(at: position(number), count: count))
  }

  // MARK: Time and the end

  func tick(_ now: Int64) async {
    guard let clock = context.clock.withLock({ $0 }) else { return }
    giveUp(sentBefore: now - context.plan.timeout.wholeNanoseconds, clock)
    flush(now, clock)
  }

  private func giveUp(sentBefore instant: Int64, _ clock: RunClock) {
    state.withLock { state in
      state.numbering.giveUp(sentBefore: instant) { start in
        if start >= clock.measuring { context.tally.withLock { $0.lost += 1 } }
      }
    }
  }

  func finish(_ now: Int64, isEarly: Bool) async {
    guard let clock = context.clock.withLock({ $0 }) else { return }
    if !isEarly { giveUp(sentBefore: .max, clock) }
    let (socket, left, waiting, oldest) = state.withLock { state in
      state.isFinished = true
      let due = state.schedule?.count(before: min(now, clock.end), of: index) ?? 0
      let waiting = max(0, due - state.begun)
      let oldest = waiting > 0 ? state.schedule?.due(state.begun, of: index) : nil
      return (state.socket, state.numbering.outstanding, waiting, oldest)
    }
    context.tally.withLock { tally in
      tally.unfinished += left
      tally.noteUnsent(waiting, oldest: oldest)
    }
    _ = try? await socket?.close()
  }
}
