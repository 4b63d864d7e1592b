// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: a wait for readiness lends no memory.

public import Sockets

/// What one call on a datagram socket does between attempts that could not be done at once.
///
/// Ready is not always true: a Unix socket without a peer counts as writable whatever the receiver's queue holds, and an error in
/// the error queue is no message. So from the third refusal on a growing pause comes first: a wait may be late by 64 ms, but it
/// never spins and never outlives its deadline.
struct Pace {
  let operation: SocketError.Operation
  let loop: EventLoop
  private var refusals: Int64 = 0

  init(_ operation: SocketError.Operation, _ loop: EventLoop) {
    self.operation = operation
    self.loop = loop
  }

  /// The next pause: 1 ms, doubling to 64 ms.
  private(set) var nanoseconds: Int64 = 1_000_000

  /// Whether to pause before the next attempt; the last one was refused.
  mutating func refused() -> Bool {
    refusals += 1
    return refusals > 2
  }

  /// Whether this is not the first refusal.
  var hasWaited: Bool { refusals > 1 }

  /// A pause was made.
  mutating func paused() { nanoseconds = min(nanoseconds * 2, 64_000_000) }

  /// A part of the call is done: what was refused before means nothing any more.
  mutating func progressed() { self = Pace(operation, loop) }

  /// The call has done what it was to do: a task that never has to wait lets others go on, too.
  func done() async {
    await loop.takeTurn(isDone: true)
  }

  /// The same, with what the call returns.
  func done<R>(_ result: R) async -> R {
    await done()
    return result
  }
}

extension DatagramSocket {
  /// Waits until receiving would not wait: for a message or an error.
  ///
  /// A socket that is idle for long needs a buffer only after this has returned. Another task may be faster to take what came;
  /// receiving may have to wait all the same then.
  ///
  /// - Parameter deadline: when to give up waiting.
  /// - Throws: `SocketError` with cause `cancelled`, `deadlinePassed` or `closed`.
  ///
  /// The corresponding C function is `poll` with `POLLIN`.
  public func waitUntilReadable(deadline: Deadline = .never) async throws(SocketError) {
    let status = await unsafe socket.perform(
      .readable, nil, byteCount: 0, flags: Operation.looksFirst, deadline: deadline)
    guard status >= 0 else { throw SocketError(.receiveDatagram, loopResult: status) }
  }

  /// A cancelled task begins nothing.
  func begin(_ operation: SocketError.Operation) throws(SocketError) -> Pace {
    if Task.isCancelled { throw SocketError(operation, .cancelled) }
    return Pace(operation, socket.loop)
  }

  /// Waits until another attempt is worth while.
  ///
  /// - Parameters:
  ///   - readiness: what to wait for.
  ///   - deadline: when to give up.
  ///   - pace: the call's.
  ///   - isElsewhere: whether the attempt looked elsewhere than where readiness comes from, so that it says nothing of that.
  /// - Throws: `SocketError` of the call.
  func wait(
    for readiness: Operation.Kind, _ deadline: Deadline, _ pace: inout Pace,
    isElsewhere: Bool = false
  ) async throws(SocketError) {
    let pauses = pace.refused()
    if pace.hasWaited, deadline.hasPassed { throw SocketError(pace.operation, .deadlinePassed) }
    // Nothing tells a sender that the queue of somebody else's receiver has room again.
    let isBlind = family == .unix && readiness == .writable
    if pauses {
      let status = await socket.loop.sleep(nanoseconds: pace.nanoseconds, deadline: deadline)
      guard status >= 0 else { throw SocketError(pace.operation, loopResult: status) }
      pace.paused()
      if isBlind { return }
    }
    let next = Deadline.after(.nanoseconds(pace.nanoseconds))
    let isCut = isBlind && next.nanoseconds < deadline.nanoseconds
    // What became ready during a pause is told no second time.
    let status = await unsafe socket.perform(
      readiness, nil, byteCount: 0, flags: pauses || isElsewhere ? Operation.looksFirst : 0,
      deadline: isCut ? next : deadline)
    if isCut, status == LoopResult.deadlinePassed { return }
    guard status >= 0 else { throw SocketError(pace.operation, loopResult: status) }
  }
}
