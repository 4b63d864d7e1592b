// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Sockets
internal import Synchronization
internal import SystemPackage

/// One run of ``Listener/serve(_:onFailure:onStatistics:_:)``, over all shards of the listener.
final class Server: Sendable {
  /// What the shards share.
  private struct State {
    var statistics = ServingStatistics()
    /// How many connections each peer address has, where that is limited.
    var peers: [IPAddress?: Int] = [:]
  }

  private static let shortestPause = Duration.milliseconds(5)
  private static let longestPause = Duration.seconds(1)

  private let limits: ServingLimits
  private let onFailure: @Sendable (Connection?, any Error) -> Void
  private let onStatistics: @Sendable (ServingStatistics) -> Void
  private let handler: @Sendable (Connection) async throws -> Void
  private let state = Guarded(State())
  private let listenerHasClosed = Atomic<Bool>(false)
  /// What each shard's accepting task waits for.
  private let waiters: [Waiter]

  init(
    _ shards: [Listener.Shard], _ limits: ServingLimits,
    onFailure: @escaping @Sendable (Connection?, any Error) -> Void,
    onStatistics: @escaping @Sendable (ServingStatistics) -> Void,
    handler: @escaping @Sendable (Connection) async throws -> Void
  ) {
    self.limits = limits
    self.onFailure = onFailure
    self.onStatistics = onStatistics
    self.handler = handler
    waiters = shards.map { Waiter($0.socket.loop) }
  }

  /// Serves one shard on its own loop until the task is cancelled or the listener fails.
  ///
  /// Handlers run in a group of a task of their own, so that cancelling the server does not cancel them at once.
  ///
  /// - Parameters:
  ///   - shard: the listener's socket on one loop.
  ///   - place: which one it is.
  /// - Returns: why the listener is of no more use, or `nil` when the task was cancelled.
  func serve(_ shard: Listener.Shard, _ place: Int) async -> SocketError? {
    let waiter = waiters[place]
    let accepting = Task(executorPreference: waiter.loop) {
      await self.accept(from: shard, waiter)
    }
    return await withTaskCancellationHandler {
      await accepting.value
    } onCancel: {
      waiter.stop()
    }
  }

  // MARK: Accepting

  private func accept(from shard: Listener.Shard, _ waiter: Waiter) async -> SocketError? {
    await withDiscardingTaskGroup(returning: SocketError?.self) { group in
      var pause = Self.shortestPause
      // What ran out and was told of; the shortage is over when two were accepted one after the other, and it was not met for as long
      // as two pauses.
      var shortage: SocketError?
      var shortageEnd = Deadline.now
      var acceptedInARow = 0
      var failure: SocketError?
      while !waiter.isStopped {
        while isFull, !waiter.isStopped, !isListenerClosed {
          await waiter.sleep(.room, until: .never, unless: { !isFull || isListenerClosed })
        }
        let result = await shard.socket.accept(waiter)
        if result >= 0 {
          pause = Self.shortestPause
          acceptedInARow += 1
          let number = Int32(truncatingIfNeeded: result)
          if let (connection, peer) = await admit(number, shard, waiter) {
            group.addTask(executorPreference: waiter.loop) {
              await self.serve(connection, of: peer, waiter)
            }
          }
          continue
        }
        let error = SocketError(.accept, loopResult: result)
        // Stopping was asked for, or a nudge came too late for what it was meant for.
        if error.cause == .cancelled || error.cause == .deadlinePassed { continue }
        switch error.acceptAdvice {
        case .retryNow: continue
        case .retryLater:
          change { $0.pauses += 1 }
          if error != shortage || acceptedInARow > 1 && shortageEnd.hasPassed {
            onFailure(nil, error)
          }
          shortage = error
          acceptedInARow = 0
          shortageEnd = .after(Self.longestPause * 2)
          await waiter.sleep(.pause, until: .after(pause))
          pause = min(pause * 2, Self.longestPause)
          continue
        case .listenerDead: failure = error
        }
        break
      }
      await drain(waiter)
      group.cancelAll()
      waiter.loop.cancelScopes(of: ObjectIdentifier(waiter))
      return failure
    }
  }

  /// The listener was closed: who waits for room has nothing to wait for.
  func listenerClosed() {
    listenerHasClosed.store(true, ordering: .relaxed)
    for waiter in waiters { waiter.nudge(.room) }
  }

  private var isListenerClosed: Bool { listenerHasClosed.load(ordering: .relaxed) }

  /// Whether no more connections may be served for the moment.
  private var isFull: Bool {
    guard let most = limits.connections else { return false }
    return state.withLock { $0.statistics.active >= most }
  }

  /// Takes one of the places for connections, if one is left.
  private func takePlace() -> Bool {
    let most = limits.connections ?? .max
    let (isTaken, isLast) = state.withLock { state in
      guard state.statistics.active < most else { return (false, false) }
      state.statistics.accepted += 1
      state.statistics.active += 1
      onStatistics(state.statistics)
      return (true, state.statistics.active == most)
    }
    // Who waits for a connection on another loop has to wait for room now.
    if isLast { for waiter in waiters { waiter.nudge(.connection) } }
    return isTaken
  }

  /// Takes a connection in, unless its peer has too many.
  private func admit(
    _ number: Int32, _ shard: Listener.Shard, _ waiter: Waiter
  ) async -> (Connection, IPAddress?)? {
    let connection = Connection(
      LoopSocket(
        OwnedDescriptor(
          owning: number, family: shard.socket.family, type: shard.socket.type),
        on: shard.socket.loop, isTCP: shard.socket.isTCP))
    var peer: IPAddress?
    if let most = limits.connectionsPerPeer {
      peer = (try? connection.peerAddress())?.ip?.address
      let isRefused = state.withLock { state in
        state.peers[peer, default: 0] += 1
        return state.peers[peer, default: 0] > most
      }
      if isRefused {
        leave(peer)
        change {
          $0.accepted += 1
          $0.refused += 1
        }
        _ = await connection.socket.close()
        return nil
      }
    }
    // Shards that accept at the same moment may have one more than there is room for: it waits.
    while !takePlace() {
      guard !waiter.isStopped, !isListenerClosed else {
        if limits.connectionsPerPeer != nil { leave(peer) }
        change {
          $0.accepted += 1
          $0.refused += 1
        }
        _ = await connection.socket.close()
        return nil
      }
      await waiter.sleep(.room, until: .never, unless: { !isFull || isListenerClosed })
    }
    connection.socket.limit(idle: limits.idle, total: limits.total)
    return (connection, peer)
  }

  // MARK: Serving

  /// Runs the handler, and ends the connection when it is done.
  ///
  /// The server is the only one who cancels a handler's task, and so ends what waits itself: a watcher for each of them would cost
  /// each connection as much memory as its handler's own frames.
  private func serve(_ connection: Connection, of peer: IPAddress?, _ waiter: Waiter) async {
    let isWatched = connection.socket.beginScope(of: ObjectIdentifier(waiter))
    var failure: (any Error)?
    do { try await handler(connection) } catch { failure = error }
    if isWatched { connection.socket.endScope() }
    await conclude(connection, failure)
    ended(peer)
  }

  /// Gives back the place of a connection that has ended.
  @inline(never)
  private func ended(_ peer: IPAddress?) {
    if limits.connectionsPerPeer != nil { leave(peer) }
    change { $0.active -= 1 }
    // A descriptor is free, there is room, and it may have been the last one.
    for waiter in waiters { waiter.nudge([.pause, .room, .drain]) }
  }

  /// Closes a connection when its handler is done.
  ///
  /// Not inlined: a task that waits for its peer needs no room for this.
  @inline(never)
  private func conclude(_ connection: Connection, _ failure: (any Error)?) async {
    do {
      if let failure { throw failure }
      if connection.socket.hasEnded { return try await connection.close() }
      try await connection.closeGracefully(deadline: .after(limits.closing))
    } catch {
      change { $0.failed += 1 }
      onFailure(connection, error)
      _ = await connection.socket.close()
    }
  }

  private func leave(_ peer: IPAddress?) {
    state.withLock { state in
      let left = state.peers[peer, default: 1] - 1
      state.peers[peer] = left > 0 ? left : nil
    }
  }

  /// Changes the numbers, and tells of them in the order in which they changed.
  private func change(_ body: (inout ServingStatistics) -> Void) {
    state.withLock { state in
      body(&state.statistics)
      onStatistics(state.statistics)
    }
  }

  /// Whether any handler runs.
  private var isServing: Bool { state.withLock { $0.statistics.active > 0 } }

  // MARK: Ending

  /// Lets the handlers that run go on for a while.
  private func drain(_ waiter: Waiter) async {
    let deadline = Deadline.after(limits.drain)
    while isServing, !deadline.hasPassed {
      await waiter.sleep(.drain, until: deadline, unless: { !isServing })
    }
  }
}
