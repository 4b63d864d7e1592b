// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Tries endpoints until all of them accept.
struct EndpointWait: Sendable {
  let interval: Duration
  let deadline: Deadline
  /// How many may be tried at once.
  let concurrency: Int

  /// How long one attempt may take: what swallows packets now may answer a moment later.
  private static let attemptLimit = Duration.seconds(5)

  /// Tries them all, side by side.
  ///
  /// - Parameters:
  ///   - endpoints: whom to wait for.
  ///   - loop: where the sockets are to be.
  ///   - tell: is told each one that answers, or never did.
  /// - Returns: what came of each, in their order.
  /// - Throws: `CancellationError`.
  func run(
    _ endpoints: [WaitedEndpoint], on loop: EventLoop, _ tell: (WaitedEndpoint.Outcome) -> Void
  ) async throws -> [WaitedEndpoint.Outcome] {
    let start = Deadline.now
    let turns = Guarded(Turns())
    return try await withThrowingTaskGroup(of: (Int, WaitedEndpoint.Outcome).self) { group in
      defer { group.cancelAll() }
      for (number, endpoint) in endpoints.enumerated() {
        group.addTask(executorPreference: loop) {
          (number, try await wait(for: endpoint, number, since: start, on: loop, turns))
        }
      }
      var outcomes: [(Int, WaitedEndpoint.Outcome)] = []
      while let (number, outcome) = try await group.next() {
        outcomes.append((number, outcome))
        tell(outcome)
      }
      return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func wait(
    for endpoint: WaitedEndpoint, _ number: Int, since start: Deadline, on loop: EventLoop,
    _ turns: Guarded<Turns>
  ) async throws -> WaitedEndpoint.Outcome {
    var outcome = WaitedEndpoint.Outcome(endpoint: endpoint, attempts: 0)
    while true {
      guard try await takeTurn(turns, number, on: loop) else { return outcome }
      outcome.attempts += 1
      do {
        defer { turns.withLock { $0.underWay -= 1 } }
        let connection = try await Connection.connect(
          to: endpoint.endpoint, deadline: earlier(.after(Self.attemptLimit)), on: loop)
        outcome.milliseconds = Double(Deadline.now.nanoseconds &- start.nanoseconds) / 1e6
        outcome.reason = nil
        // It was accepted, whatever becomes of it now.
        try? await connection.close()
        return outcome
      } catch {
        if error.isCancellation || Task.isCancelled { throw CancellationError() }
        // What was learned before says more than that the time is over, or that this machine has too much to do.
        let isNews = !Self.isShortage(error) && (outcome.reason == nil || !deadline.hasPassed)
        if isNews { outcome.reason = Self.reason(error) }
      }
      if deadline.hasPassed { return outcome }
      if await loop.sleep(until: earlier(.after(interval))) < 0 { throw CancellationError() }
      if deadline.hasPassed { return outcome }
    }
  }

  /// The end of a wait, at most the end of the whole.
  private func earlier(_ end: Deadline) -> Deadline {
    end.nanoseconds < deadline.nanoseconds ? end : deadline
  }

  /// How long until it is looked again whether one more may be tried.
  private static let look = Duration.milliseconds(5)

  /// Who tries now, and who waits for a turn, in the order in which they came.
  private struct Turns: Sendable {
    var underWay = 0
    var waiting: [Int] = []
  }

  /// Waits until there are few enough attempts under way.
  ///
  /// - Returns: whether one may be made; not when the time is over.
  private func takeTurn(
    _ turns: Guarded<Turns>, _ number: Int, on loop: EventLoop
  ) async throws -> Bool {
    turns.withLock { $0.waiting.append(number) }
    while true {
      let isFree = turns.withLock { turns in
        guard let place = turns.waiting.firstIndex(of: number),
          turns.underWay + place < concurrency
        else { return false }
        turns.waiting.remove(at: place)
        turns.underWay += 1
        return true
      }
      if isFree { return true }
      if await loop.sleep(until: earlier(.after(Self.look))) < 0 { throw CancellationError() }
      if deadline.hasPassed { return false }
    }
  }

  /// Whether this machine has no descriptor or no memory for one more attempt, which says nothing about the peer.
  private static func isShortage(_ error: any Error) -> Bool {
    let shortages: [Errno] = [
      .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory,
    ]
    let errno = (error as? SocketError)?.errno ?? (error as? ResolutionError)?.errno
    return errno.map(shortages.contains) ?? false
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as SocketError where error.cause == .deadlinePassed: "no answer"
    case let error as ResolutionError where error.cause == .deadlinePassed:
      "no name server answered"
    case let error as ResolutionError: "\(error)"
    default: ProbeText.reason(error)
    }
  }
}
