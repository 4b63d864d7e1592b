// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Relays connections: streams, and records that keep their borders.
struct StreamRelay: Sendable {
  let state: RelayState
  /// How many connections at once.
  let limit: Int

  /// Serves until the task is cancelled.
  ///
  /// - Parameter listener: is served, and stays open.
  /// - Throws: when the listener is of no more use.
  func run(_ listener: Listener) async throws(SocketError) {
    // A relay that ends has nothing to wait for: the peers see a reset.
    let limits = ServingLimits(connections: limit, drain: .zero)
    try await listener.serve(limits, onFailure: { report($0, $1) }) { client in
      let number = state.opened()
      defer { state.count { $0.active -= 1 } }
      await relay(client, number)
    }
  }

  private func report(_ connection: Connection?, _ error: any Error) {
    // A connection that is over has told its peers already.
    if connection == nil { state.failed(error) }
  }

  private func relay(_ client: Connection, _ number: Int) async {
    let captured = await CapturedConnection.begin(client, number, state)
    let target: Connection
    do {
      target = try await dial(on: client.loop)
    } catch {
      if !error.isCancellation { state.failed(error) }
      await captured?.reset(.toClient)
      await reset(client)
      return
    }
    Self.prepare(client)
    Self.prepare(target)
    let hasPipes = state.isBlind && canSplice(client, target) && state.takePipes()
    defer { if hasPipes { state.returnPipes() } }
    let (clientFate, targetFate) = (PeerFate(), PeerFate())
    let forth = StreamPump(
      source: client, target: target, direction: .toTarget, number: number, state: state,
      captured: captured, sourceFate: clientFate, targetFate: targetFate)
    let back = StreamPump(
      source: target, target: client, direction: .toClient, number: number, state: state,
      captured: captured, sourceFate: targetFate, targetFate: clientFate)
    let ending = await withTaskGroup(of: (RelayDirection, StreamPump.Ending).self) { group in
      group.addTask { (.toTarget, await forth.run(canSplice: hasPipes)) }
      group.addTask { (.toClient, await back.run(canSplice: hasPipes)) }
      return await Self.conclude(&group)
    }
    switch ending {
    case .allEnded: break
    case .cancelled:
      await captured?.reset(.toClient)
      await reset(client)
      await reset(target)
    case .reset(let direction, let isFault):
      if !isFault { state.count { $0.resetByPeer += 1 } }
      await captured?.reset(direction)
      // What the other side was sent before is its own.
      async let first: Void = resetWhenSent(client)
      async let second: Void = resetWhenSent(target)
      _ = await (first, second)
    }
    await close(target)
  }

  private enum Conclusion {
    case allEnded
    case cancelled
    /// The end that sends in a direction has gone, or a fault resets both.
    case reset(RelayDirection, isFault: Bool)
  }

  /// Waits for both directions, and ends the other one when there is no more to be had from it.
  private static func conclude(
    _ group: inout TaskGroup<(RelayDirection, StreamPump.Ending)>
  ) async -> Conclusion {
    var conclusion = Conclusion.allEnded
    while let (direction, ending) = await group.next() {
      var next: Conclusion?
      switch ending {
      case .ended: break
      case .sourceFailed:
        next = .reset(direction, isFault: false)
        group.cancelAll()
      // What the target had sent before it went may still be there: the other direction goes on to its end.
      case .targetFailed: next = .reset(direction.opposite, isFault: false)
      case .reset:
        next = .reset(direction, isFault: true)
        group.cancelAll()
      case .cancelled: next = .cancelled
      }
      if case .allEnded = conclusion, let next { conclusion = next }
    }
    return conclusion
  }

  // MARK: Connections

  /// Dials, and waits when descriptors or memory have run out, as long as dialling may take.
  private func dial(on loop: EventLoop) async throws -> Connection {
    let deadline = Deadline.after(state.timeout)
    var pause: Int64 = 5_000_000
    while true {
      do {
        return try await Connection.connect(to: state.target, deadline: deadline, on: loop)
      } catch let error as SocketError {
        let isShort =
          error.errno == .tooManyOpenFiles || error.errno == .tooManyOpenFilesInSystem
        guard isShort, !deadline.hasPassed,
          await loop.sleep(nanoseconds: pause, deadline: deadline) >= 0
        else { throw error }
        pause = min(pause * 2, 1_000_000_000)
      }
    }
  }

  private func canSplice(_ client: Connection, _ target: Connection) -> Bool {
    let families: [AddressFamily] = [.ipv4, .ipv6, .unix]
    return [client, target].allSatisfy { $0.type == .stream && families.contains($0.family) }
  }

  /// Small writes are handed on at once, as if there were no relay, and a peer that has vanished is found out.
  private static func prepare(_ connection: Connection) {
    guard connection.family == .ipv4 || connection.family == .ipv6 else { return }
    // One that is gone already is found out by reading.
    try? connection.setOption(.noDelay, to: true)
    try? connection.setOption(.keepAlive, to: true)
  }

  /// Resets when the peer has got what it was sent, or after half a second.
  private func resetWhenSent(_ connection: Connection) async {
    if connection.family == .ipv4 || connection.family == .ipv6 {
      let deadline = Deadline.milliseconds(500)
      var pause: Int64 = 500_000
      while !deadline.hasPassed, unsent(connection) > 0,
        await connection.loop.sleep(nanoseconds: pause, deadline: deadline) >= 0
      {
        pause = min(pause * 2, 10_000_000)
      }
    }
    await reset(connection)
  }

  private func unsent(_ connection: Connection) -> Int32 {
    // A connection that is gone has nothing to send.
    (try? connection.withSocket { socket throws(SocketError) in
      try socket.control(.sendQueueByteCount)
    }) ?? 0
  }

  /// The connection is over: that it had a last error to tell interests nobody.
  private func reset(_ connection: Connection) async { try? await connection.reset() }

  private func close(_ connection: Connection) async { try? await connection.close() }
}
