// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

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
    return try await withThrowingTaskGroup(of: (Int, WaitedEndpoint.Outcome).self) { group in
      defer { group.cancelAll() }
      for (number, endpoint) in endpoints.enumerated() {
        group.addTask(executorPreference: loop) {
          (number, try await wait(for: endpoint, since: start, on: loop))
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
    for endpoint: WaitedEndpoint, since start: Deadline, on loop: EventLoop
  ) async throws -> WaitedEndpoint.Outcome {
    var outcome = WaitedEndpoint.Outcome(endpoint: endpoint, attempts: 0)
    while true {
      outcome.attempts += 1
      let limit = Deadline.after(Self.attemptLimit)
      let attempt = limit.nanoseconds < deadline.nanoseconds ? limit : deadline
      do {
        let connection = try await Connection.connect(
          to: endpoint.endpoint, deadline: attempt, on: loop)
        outcome.milliseconds = Double(Deadline.now.nanoseconds &- start.nanoseconds) / 1e6
        outcome.reason = nil
        // It was accepted, whatever becomes of it now.
        try? await connection.close()
        return outcome
      } catch {
        if error.isCancellation || Task.isCancelled { throw CancellationError() }
        // What was learned before says more than that the time is over.
        if outcome.reason == nil || !deadline.hasPassed { outcome.reason = Self.reason(error) }
      }
      if deadline.hasPassed { return outcome }
      let pause = Deadline.after(interval)
      let end = pause.nanoseconds < deadline.nanoseconds ? pause : deadline
      if await loop.sleep(until: end) < 0 { throw CancellationError() }
      if deadline.hasPassed { return outcome }
    }
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
