// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// The peers of one loop, and what drives them.
struct LoadLoop: Sendable {
  /// How many connections are opened at once: more would overrun a short backlog.
  private static let openingsAtOnce = 8
  /// How often peers look at what has waited for too long, at least.
  private static let longestTick = Duration.milliseconds(50)

  let context: LoadContext
  let peers: [any LoadPeer]

  /// Makes the peers whose number is this loop's.
  init(_ context: LoadContext, number: Int) {
    self.context = context
    let indices = stride(from: number, to: context.plan.connections, by: context.plan.loops)
    peers = indices.map { index in
      switch context.plan.mode {
      case .exchange: ExchangePeer(context, index: index)
      case .datagrams: DatagramPeer(context, index: index)
      case .connect: ConnectPeer(context, index: index)
      case .stream: StreamPeer(context, index: index)
      }
    }
  }

  /// Opens all connections.
  ///
  /// - Throws: why the first one that failed did.
  func open(_ opened: Guarded<Int>) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var next = peers.makeIterator()
      func add() -> Bool {
        guard let peer = next.next() else { return false }
        group.addTask(executorPreference: context.loop) {
          try await peer.open(deadline: .after(context.plan.timeout))
          opened.withLock { $0 += 1 }
        }
        return true
      }
      for _ in 0..<Self.openingsAtOnce where add() {}
      while try await group.next() != nil { _ = add() }
    }
  }

  /// Sends and receives until the end, or until nobody can go on.
  func drive(_ clock: RunClock) async {
    context.clock.withLock { $0 = clock }
    await withDiscardingTaskGroup { group in
      for peer in peers {
        group.addTask(executorPreference: context.loop) { await peer.run() }
      }
      if let rate = context.plan.rate, context.plan.mode != .connect {
        group.addTask(executorPreference: context.loop) { await pace(clock, rate) }
      }
      await watch(clock)
      let now = Deadline.now.nanoseconds
      let isEarly = now < clock.end || Task.isCancelled
      for peer in peers { await peer.finish(now, isEarly: isEarly) }
      group.cancelAll()
    }
  }

  /// Releases requests at the instants at which they are due, until the end has come.
  private func pace(_ clock: RunClock, _ rate: Double) async {
    guard !peers.isEmpty else { return }
    do throws(SocketError) {
      let timer = try await PreciseTimer(on: context.loop)
      do throws(SocketError) {
        try await release(clock, rate, timer)
        await timer.close()
      } catch {
        await timer.close()
        throw error
      }
    } catch {
      guard error.cause != .cancelled else { return }
      context.tally.withLock { $0.note(error.benchKind) }
    }
  }

  /// How many requests are released before others of the loop have their turn.
  private static let releasesAtOnce = 64

  private func release(
    _ clock: RunClock, _ rate: Double, _ timer: PreciseTimer
  ) async throws(SocketError) {
    let plan = context.plan
    let schedule = Schedule(start: clock.start, rate: rate, connections: plan.connections)
    var count = 0
    while true {
      let (request, place) = count.quotientAndRemainder(dividingBy: peers.count)
      let due = schedule.due(request, of: context.number + place * plan.loops)
      // A schedule may be so far ahead of what this machine can do that it never comes to its end: what was due until then is
      // computed.
      guard due < clock.end, Deadline.now.nanoseconds < clock.end, !Task.isCancelled else { return }
      try await timer.wait(until: due)
      peers[place].release()
      count += 1
      // And it must not keep the loop from its sockets.
      if place == peers.count - 1 || count % Self.releasesAtOnce == 0 { await Task.yield() }
    }
  }

  /// Waits for the end, and gives up what takes too long meanwhile.
  private func watch(_ clock: RunClock) async {
    let tick = min(Self.longestTick, context.plan.timeout / 4)
    while !Task.isCancelled {
      let now = Deadline.now.nanoseconds
      for peer in peers { await peer.tick(now) }
      if peers.allSatisfy(\.hasGivenUp) { return }
      if now >= clock.end {
        if now >= clock.lastAnswer || peers.allSatisfy(\.isIdle) { return }
        _ = await context.loop.sleep(until: .after(.milliseconds(1)))
      } else {
        let next = min(clock.end, now + tick.wholeNanoseconds)
        _ = await context.loop.sleep(until: Deadline(nanoseconds: next))
      }
    }
  }
}
