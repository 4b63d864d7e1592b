// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// One direction of a connection: reads here, writes there, until the end, which it passes on.
struct StreamPump: Sendable {
  /// How a direction ended.
  enum Ending: Sendable {
    /// The source's stream has ended, and the target was told.
    case ended
    /// The source is gone.
    case sourceFailed(SocketError)
    /// The target is gone.
    case targetFailed(SocketError)
    /// A fault resets both.
    case reset
    /// The relay ends.
    case cancelled
  }

  let source: Connection
  let target: Connection
  let direction: RelayDirection
  let number: Int
  let state: RelayState
  let captured: CapturedConnection?
  /// What the other direction has met when it wrote to the source.
  let sourceFate: PeerFate
  /// What this one meets when it writes to the target.
  let targetFate: PeerFate

  /// Moves all that comes.
  ///
  /// - Parameter canSplice: whether there are pipes for it.
  /// - Returns: how it ended.
  func run(canSplice: Bool) async -> Ending {
    do throws(SocketError) {
      if canSplice {
        try await splice()
        return .ended
      }
      return try await copy() ? .reset : .ended
    } catch {
      return classified(error)
    }
  }

  /// Whose error it is: a splice does not say.
  private func classified(_ error: SocketError) -> Ending {
    if error.cause == .cancelled || error.cause == .closed { return .cancelled }
    switch error.operation {
    case .read, .receive, .receiveDatagram: return .sourceFailed(error)
    case .write, .send, .shutdown: return .targetFailed(error)
    default:
      // A connection that was reset has no peer any more.
      let isTargetGone = error.errno == .brokenPipe || (try? target.peerAddress()) == nil
      return isTargetGone ? .targetFailed(error) : .sourceFailed(error)
    }
  }

  // MARK: Inside the kernel

  private func splice() async throws(SocketError) {
    do throws(SocketError) {
      try await source.splice(to: target) { count in state.count { $0.add(count, direction) } }
    } catch {
      // It may have been the source: then nobody waits for what comes back.
      targetFate.note(error)
      throw error
    }
    try await checkEnd()
    targetFate.noteEnd()
    try target.shutdown(.write)
  }

  /// Looks at what seems to be the end of the source's stream.
  ///
  /// - Throws: when it is a reset.
  private func checkEnd() async throws(SocketError) {
    if await sourceFate.isReset(source) {
      throw SocketError(.read, .system(.connectionReset))
    }
  }

  // MARK: Through the program

  /// - Returns: whether a fault resets the connection.
  private func copy() async throws(SocketError) -> Bool {
    var faults = StreamFaults(seed: state.seed, number: number, direction: direction)
    var buffer: [UInt8] = []
    var (settings, version) = state.faults
    // The end of the source, which waits for what was read before.
    var ending: Result<Void, SocketError>?
    // How much of what waits is this direction's.
    var held = 0
    defer { state.queued.change(from: held, to: 0) }
    while true {
      state.queued.change(from: held, to: faults.pendingByteCount)
      held = faults.pendingByteCount
      let now = Deadline.now.nanoseconds
      if state.canSwitch { refresh(&settings, &version, &faults, now) }
      var deadline = Deadline.never
      switch faults.next(at: now) {
      case .write(let bytes):
        try await write(bytes)
        continue
      case .reset: return true
      case .wait(let due):
        deadline = state.looking(until: due)
        guard ending == nil, !faults.isFull(settings), !state.queued.isFull else {
          let status = await source.loop.sleep(until: deadline)
          guard status >= 0 else { throw SocketError(.write, .cancelled) }
          continue
        }
      case .idle:
        guard let ending else { break }
        try ending.get()
        await captured?.end(direction)
        targetFate.noteEnd()
        try target.shutdown(.write)
        return false
      }
      do throws(SocketError) {
        let count = try await read(into: &buffer, settings, faults, deadline)
        if count == 0 {
          try await checkEnd()
          ending = .success(())
        } else if faults.isEmpty, settings.isQuiet, !state.canSwitch {
          faults.pass(count)
          try await write(buffer[..<count])
        } else {
          // While nothing came the faults may have changed.
          let now = Deadline.now.nanoseconds
          if state.canSwitch { refresh(&settings, &version, &faults, now) }
          faults.take(Array(buffer[..<count]), at: now, settings)
        }
        // Where there was less than asked for there is nothing for the moment.
        if count < buffer.count { buffer = [] }
      } catch {
        if error.cause == .deadlinePassed { continue }
        guard error.operation != .write, error.cause != .cancelled else { throw error }
        ending = .failure(error)
      }
      count(&faults)
    }
  }

  private func refresh(
    _ settings: inout FaultSettings, _ version: inout Int, _ faults: inout StreamFaults,
    _ now: Int64
  ) {
    let current = state.faults
    guard current.version != version else { return }
    (settings, version) = current
    faults.release(at: now)
  }

  private func count(_ faults: inout StreamFaults) {
    let tally = faults.takeTally()
    if tally != FaultTally() { state.count { $0.faults += tally } }
  }

  /// Reads what has come; the buffer keeps the size that it was read into.
  private func read(
    into buffer: inout [UInt8], _ settings: FaultSettings, _ faults: StreamFaults,
    _ deadline: Deadline
  ) async throws(SocketError) -> Int {
    guard source.type == .stream else {
      let isFree = faults.isEmpty && settings.isQuiet
      return try await record(into: &buffer, canHandOnEmpty: isFree, deadline)
    }
    let size = StreamFaults.readLimit(settings)
    if buffer.count != size {
      // A connection that is idle has no memory for what may come.
      buffer = []
      try await source.waitUntilReadable(deadline: deadline)
      buffer = [UInt8](repeating: 0, count: size)
    }
    return try await source.read(into: &buffer, deadline: deadline)
  }

  /// Reads a record, whole.
  ///
  /// One without bytes goes on at once, where nothing waits that it would overtake, and is lost otherwise.
  private func record(
    into buffer: inout [UInt8], canHandOnEmpty: Bool, _ deadline: Deadline
  ) async throws(SocketError) -> Int {
    while true {
      // A connection that is idle has no memory for what may come.
      buffer = []
      let count = try await source.nextRecord(into: &buffer, deadline: deadline)
      guard count == 0 else { return count ?? 0 }
      if canHandOnEmpty, handOnEmpty() { continue }
      state.dropped(1)
    }
  }

  /// Sends a record without bytes, if there is room for one.
  private func handOnEmpty() -> Bool {
    let sent = try? target.withSocket { socket throws(SocketError) in
      try socket.sendEmptyRecord()
    }
    // A target that is gone is found out by the next one.
    return sent ?? false
  }

  private func write(_ bytes: ArraySlice<UInt8>) async throws(SocketError) {
    // Before it is written: the answer must not stand before the question.
    await captured?.data(bytes, direction)
    do throws(SocketError) {
      if target.type == .stream {
        try await target.write(bytes)
      } else {
        try await target.sendRecord(bytes)
      }
    } catch {
      targetFate.note(error)
      throw error
    }
    state.count { $0.add(bytes.count, direction) }
  }
}
