// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// One connection of a load, or one socket, or one that connects again and again; all its tasks are its loop's.
protocol LoadPeer: Sendable {
  /// Opens what is to be open before the clock starts.
  func open(deadline: Deadline) async throws

  /// Sends and receives until the end.
  func run() async

  /// One more request is due; called only where there is a schedule.
  func release()

  /// Some time has passed: what has waited for too long is given up.
  func tick(_ now: Int64) async

  /// Whether there is nothing more to wait for, when the end has come.
  var isIdle: Bool { get }

  /// Whether it has given up.
  var hasGivenUp: Bool { get }

  /// Closes what is open, and counts what got no answer.
  func finish(_ now: Int64, isEarly: Bool) async
}

/// What the peers of one loop share.
struct LoadContext: Sendable {
  var plan: LoadPlan
  var payload: Payload
  var target: LoadTarget
  var loop: EventLoop
  /// Which of the loops it is, counted from zero.
  var number: Int
  var tally: Guarded<LoadTally>
  /// The instants of the run, once it has begun.
  var clock: Guarded<RunClock?>
}

/// Whom the load is for: found once, so that names are resolved once.
struct LoadTarget: Sendable {
  var address: SocketAddress
  var type: SocketType
  var protocolNumber: ProtocolNumber

  /// Connects.
  func connect(on loop: EventLoop, deadline: Deadline) async throws(SocketError) -> Connection {
    try await Connection.connect(
      to: address, type, protocolNumber, deadline: deadline, on: loop
    ) { socket throws(SocketError) in
      if protocolNumber == .tcp { try socket.setOption(.noDelay, to: true) }
    }
  }
}

/// How long to wait before a connection that failed is opened again.
struct Backoff {
  private var nanoseconds: Int64 = 1_000_000
  /// How often it failed since something worked.
  private(set) var failures = 0

  /// When nothing has worked for so many attempts, which take a second, a peer gives up.
  static let mostFailures = 11

  mutating func succeeded() { self = Backoff() }

  /// How long to wait now; `nil` when it is not worth it.
  mutating func next() -> Duration? {
    failures += 1
    guard failures < Self.mostFailures else { return nil }
    defer { nanoseconds = min(nanoseconds * 2, 512_000_000) }
    return .nanoseconds(nanoseconds)
  }
}
