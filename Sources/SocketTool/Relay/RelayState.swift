// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// What all connections of a relay share.
final class RelayState: Sendable {
  /// Whom to dial.
  let target: Endpoint
  /// How long dialling may take.
  let timeout: Duration
  /// From which all chance follows.
  let seed: UInt64
  /// Whether the faults may change while the relay runs.
  let canSwitch: Bool
  /// Where to write what goes by.
  let capture: CaptureFile?
  /// Room for what waits.
  let queued = QueueBudget()

  private let settings: Guarded<(faults: FaultSettings, version: Int)>
  private let statistics = Guarded(RelayStatistics())
  private let failure = Guarded<(text: String, since: Deadline, left: Int)>(("", .now, 0))
  /// How many pairs of pipes may still be made.
  private let pipes: Guarded<Int>

  init(
    target: Endpoint, timeout: Duration, seed: UInt64, faults: FaultSettings, canSwitch: Bool,
    capture: CaptureFile?, pipes: Int
  ) {
    self.target = target
    self.timeout = timeout
    self.seed = seed
    self.canSwitch = canSwitch
    self.capture = capture
    self.pipes = Guarded(pipes)
    settings = Guarded((faults, 0))
  }

  // MARK: Faults

  /// The faults of now, and a number that changes with them.
  var faults: (faults: FaultSettings, version: Int) { settings.withLock { $0 } }

  /// Changes the faults from now on.
  ///
  /// - Returns: what they are now.
  @discardableResult func change<E: Error>(
    _ body: (inout FaultSettings) throws(E) -> Void
  ) throws(E) -> FaultSettings {
    try settings.withLock { settings throws(E) in
      try body(&settings.faults)
      settings.version += 1
      return settings.faults
    }
  }

  /// Whether nothing will ever look at the bytes.
  var isBlind: Bool { capture == nil && !canSwitch && faults.faults.isQuiet }

  /// When to look at the faults again while something waits for its time.
  func looking(until due: Int64) -> Deadline {
    guard canSwitch else { return Deadline(nanoseconds: due) }
    return Deadline(nanoseconds: min(due, Deadline.milliseconds(50).nanoseconds))
  }

  // MARK: Numbers

  /// The numbers of now.
  var numbers: RelayStatistics { statistics.withLock { $0 } }

  /// Changes the numbers.
  func count(_ body: (inout RelayStatistics) -> Void) { statistics.withLock { body(&$0) } }

  /// Counts datagrams for which there was no room or no time.
  func dropped(_ count: Int) {
    if count > 0 { statistics.withLock { $0.faults.droppedDatagrams += count } }
  }

  /// Notes a new connection.
  ///
  /// - Returns: its number, from one.
  func opened() -> Int {
    statistics.withLock { statistics in
      statistics.connections += 1
      statistics.active += 1
      return statistics.connections
    }
  }

  /// Takes a place for the pipes of a connection, if there is one.
  func takePipes() -> Bool {
    pipes.withLock { pipes in
      guard pipes > 0 else { return false }
      pipes -= 1
      return true
    }
  }

  func returnPipes() { pipes.withLock { $0 += 1 } }

  /// Counts a failure and says what it was, once for as long as it stays the same, and at most once a second.
  func failed(_ error: any Error) {
    count { $0.failed += 1 }
    let text = error.asCommandFailure?.text ?? "\(error)"
    let line = failure.withLock { failure -> String? in
      if text == failure.text, !failure.since.hasPassed {
        failure.left += 1
        return nil
      }
      let more = failure.left > 0 ? " (and \(failure.left) more before)" : ""
      failure = (text, .seconds(10), 0)
      return "sockets: \(text)\(more)"
    }
    // A loop must not wait until somebody reads it.
    if let line { Output.log(line) }
  }
}
