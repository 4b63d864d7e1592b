// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Relays datagrams: each sender has a session, a socket of its own towards the target, until it has been idle for long enough.
struct DatagramRelay: Sendable {
  let state: RelayState
  /// How many sessions at once; datagrams of more senders are lost.
  let limit: Int
  /// After how long without a datagram a session ends.
  let idle: Duration
  /// Where the target is.
  let target: SocketAddress

  /// The sessions by sender and the address that was asked; a session takes itself out.
  let sessions = Guarded<[AnsweringSocket.Caller: DatagramSession]>([:])

  /// How many delayed datagrams may wait.
  static let mostWaiting = 100_000

  /// Serves until the task is cancelled or the socket fails.
  func run(_ socket: DatagramSocket) async throws(SocketError) {
    let socket = try AnsweringSocket(socket)
    let failure = await withDiscardingTaskGroup(returning: SocketError?.self) { group in
      defer { group.cancelAll() }
      do throws(SocketError) {
        try await receive(from: socket, &group)
        return nil
      } catch {
        return error.isCancellation ? nil : error
      }
    }
    if let failure { throw failure }
  }

  private func receive(
    from socket: AnsweringSocket, _ group: inout DiscardingTaskGroup
  ) async throws(SocketError) {
    var waiting = DelayQueue<(DatagramSession, [UInt8])>()
    var buffer = [UInt8](repeating: 0, count: DatagramSession.bufferByteCount(socket.socket.family))
    var version = state.faults.version
    var failures = 0
    defer { state.dropped(waiting.count) }
    while true {
      let now = Deadline.now.nanoseconds
      if state.canSwitch, state.faults.version != version {
        version = state.faults.version
        waiting.release(at: now)
      }
      while let (session, bytes) = waiting.takeDue(at: now) {
        await session.sendHeld(bytes)
      }
      do throws(SocketError) {
        let received = try await socket.receive(
          into: &buffer, deadline: waiting.nextDue.map(state.looking) ?? .never)
        failures = 0
        guard !received.isTruncated else {
          state.failed(SocketError(.receiveDatagram, .limitExceeded))
          continue
        }
        guard let session = await session(of: received.caller, socket, &group) else { continue }
        let bytes = Array(buffer[..<received.byteCount])
        // Before a fault sees it: what there is no room for uses up no rate.
        guard waiting.count < Self.mostWaiting, session.hold(bytes.count) else {
          state.dropped(1)
          continue
        }
        guard let (bytes, due) = session.take(bytes) else {
          session.letGo(bytes.count)
          continue
        }
        if due <= now || due <= Deadline.now.nanoseconds {
          await session.sendHeld(bytes)
        } else {
          waiting.add((session, bytes), due: due)
        }
      } catch {
        if error.cause == .deadlinePassed { continue }
        failures += 1
        guard error.errno != nil, failures < 100 else { throw error }
        state.failed(error)
      }
    }
  }

  /// The sender's session, a new one if it has none; `nil` when there can be none.
  private func session(
    of caller: AnsweringSocket.Caller, _ socket: AnsweringSocket,
    _ group: inout DiscardingTaskGroup
  ) async -> DatagramSession? {
    if let session = sessions.withLock({ $0[caller] }), session.touch() { return session }
    guard sessions.withLock({ $0.count < limit }) else {
      state.failed(
        CommandFailure("there are \(limit) senders already: the datagrams of more are lost"))
      return nil
    }
    do throws(SocketError) {
      let session = try await DatagramSession.open(
        to: target, for: caller, by: socket, idle: idle, state)
      sessions.withLock { $0[caller] = session }
      group.addTask {
        await session.run()
        sessions.withLock { sessions in
          if sessions[caller] === session { sessions[caller] = nil }
        }
      }
      return session
    } catch {
      if !error.isCancellation { state.failed(error) }
      return nil
    }
  }
}
