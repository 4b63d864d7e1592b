// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// What a run came to.
struct BenchResult: Sendable {
  /// A part of the time, for throughput over time.
  struct Interval: Sendable {
    /// When it began, in seconds from the beginning of the measurement, and how long it was.
    var start: Double
    var length: Double
    var operations: Int
    var sentBytes: Int
    var receivedBytes: Int
    var errors: Int
    /// The 50th and the 99th percentile, in nanoseconds, and the largest value's bucket; zero without operations.
    var median: Int64
    var percentile99: Int64
    var maximum: Int64

    /// The difference of two states.
    init(start: Double, length: Double, from: LoadTally, to: LoadTally) {
      self.start = start
      self.length = length
      operations = to.operations - from.operations
      sentBytes = to.sentBytes - from.sentBytes
      receivedBytes = to.receivedBytes - from.receivedBytes
      errors = to.errorCount - from.errorCount
      let latencies = to.latencies.since(from.latencies)
      median = latencies.value(atShare: 0.5)
      percentile99 = latencies.value(atShare: 0.99)
      maximum = latencies.maximum
    }
  }

  var setting: BenchSetting
  var endpoint: Endpoint
  var engine: EngineKind
  var start: Int64 = 0
  var seconds = 0.0
  var tally = LoadTally()
  var intervals: [Interval] = []
  /// Processor time of this process without the server, in seconds.
  var ownProcessorTime = 0.0
  /// Processor time of the server's thread, in seconds; `nil` when the server is somebody else's.
  var serverProcessorTime: Double?
  /// Whether a signal ended it before its time.
  var isEarly = false

  var plan: LoadPlan { setting.plan }

  /// The percentiles that are told, and their names.
  static let percentiles: [(name: String, share: Double)] = [
    ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1),
  ]

  var operationsPerSecond: Double { seconds > 0 ? Double(tally.operations) / seconds : 0 }
  /// Bytes in the busier direction, a second.
  var bytesPerSecond: Double {
    seconds > 0 ? Double(max(tally.sentBytes, tally.receivedBytes)) / seconds : 0
  }

  /// Whether throughput is told in bytes and not in operations.
  var isInBytes: Bool { plan.mode == .stream }

  /// What throughput over time is drawn from.
  var rates: [Double] {
    intervals.map { interval in
      let amount =
        isInBytes ? max(interval.sentBytes, interval.receivedBytes) : interval.operations
      return Double(amount) / interval.length
    }
  }

  /// Throughput in the last second: a part of the time may be so short that a slow server has answered nothing in it.
  var recentRate: Double {
    var amount = 0.0
    var seconds = 0.0
    for (interval, rate) in zip(intervals, rates).reversed() {
      guard seconds < 1 else { break }
      amount += rate * interval.length
      seconds += interval.length
    }
    return seconds > 0 ? amount / seconds : 0
  }

  /// Why the whole counts as failed; `nil` when it does not.
  var failure: String? {
    if let text = tally.mismatch {
      let others = tally.mismatches > 1 ? ", and \(tally.mismatches - 1) more like it" : ""
      return "\(endpoint): \(text)\(others)"
    }
    if isEarly { return nil }
    if seconds == 0, tally.errors.isEmpty, tally.lost == 0 {
      return "\(endpoint): nothing was measured: this machine did not get to it within --duration"
    }
    guard tally.operations == 0 else { return nil }
    let reasons = tally.errors.sorted { $0.value > $1.value }.map(\.key)
    if let first = reasons.first { return "\(endpoint): nothing worked: \(first)" }
    if tally.lost > 0 { return "\(endpoint): nothing came back: \(tally.lost) datagrams are lost" }
    if tally.unsent > 0 {
      return
        "\(endpoint): nothing that was due while it was measured could be sent: --rate is too large"
    }
    return "\(endpoint): nothing came back"
  }
}
