// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// Sends the probes of a trace, several at once, and tells the hops in their order.
struct Tracer: Sendable {
  let probe: TraceProbe
  let hops: ClosedRange<Int>
  let queries: Int
  /// How many probes may be on their way.
  let concurrency: Int

  /// What a child task has to tell.
  private enum Event: Sendable {
    case settled(Int, TraceTable.Entry)
    /// What is nearer than the end has had its time.
    case patienceEnded
  }

  /// Traces the path.
  ///
  /// - Parameters:
  ///   - loop: where the sockets are to be.
  ///   - tell: is told each hop, in order, with what came back to each probe.
  /// - Returns: whether the target answered.
  /// - Throws: `SocketError` of this machine; ``EchoSocket/NotAllowed``; `CancellationError`.
  func run(
    on loop: EventLoop, _ tell: (Int, [TraceTable.Entry]) async throws -> Void
  ) async throws -> Bool {
    try await withThrowingTaskGroup(of: Event.self) { group in
      defer { group.cancelAll() }
      var table = TraceTable(hops, queries: queries)
      var underWay = 0
      var isReached = false
      var isEnding = false
      while !table.isOver {
        while underWay < concurrency, let (number, hop) = table.next() {
          underWay += 1
          group.addTask(executorPreference: loop) {
            let answer = try await probe.run(number, hop: hop, on: loop)
            return .settled(number, answer.map(TraceTable.Entry.answered) ?? .silent)
          }
        }
        guard let event = try await group.next() else { break }
        switch event {
        case .settled(let number, let entry):
          underWay -= 1
          table.settle(number, entry)
          guard case .answered(let answer) = entry else { break }
          isReached = isReached || answer.isTarget
          guard answer.isFinal, !isEnding else { break }
          isEnding = true
          let patience = Self.patience(answer, probe.timeout)
          group.addTask(executorPreference: loop) {
            _ = await loop.sleep(until: .after(patience))
            return .patienceEnded
          }
        case .patienceEnded: table.giveUp()
        }
        while let (hop, entries) = table.nextComplete() { try await tell(hop, entries) }
        if Output.hasFailed { break }
      }
      return isReached
    }
  }

  /// How long probes that went less far may still take when the end has answered: several times as long as that took.
  private static func patience(_ answer: TraceAnswer, _ timeout: Duration) -> Duration {
    min(timeout, max(.milliseconds(500), .nanoseconds(Int64(min(answer.milliseconds, 1e9) * 4e6))))
  }
}
