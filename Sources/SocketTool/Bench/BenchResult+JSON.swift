// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

extension BenchResult {
  /// The result as data; Documentation/Bench.md says what each member means.
  var json: JSON {
    var members: [(String, JSON)] = [
      ("endpoint", .string(endpoint.description)),
      ("engine", .string(engine.description)),
      ("mode", .string(modeName)),
      ("direction", plan.mode == .stream ? .string(plan.direction.rawValue) : .null),
      ("loop", .string(plan.rate == nil ? "closed" : "open")),
      ("connections", .number(plan.connections)),
      ("loops", .number(plan.loops)),
      ("size_bytes", .number(plan.size)),
      ("pipeline", .number(plan.window)),
      ("rate_per_second", .optional(plan.rate, digits: 3)),
      ("timeout_seconds", .decimal(Self.seconds(plan.timeout), digits: 6)),
      ("warmup_seconds", .decimal(Self.seconds(plan.warmUp), digits: 6)),
      ("seed", .string(String(plan.seed))),
      ("duration_seconds", .decimal(seconds, digits: 6)),
      ("interrupted", .bool(isEarly)),
      ("operations", .number(tally.operations)),
      ("operations_per_second", .decimal(operationsPerSecond, digits: 3)),
      ("requests_sent", .number(tally.requests)),
      ("sent_bytes", .number(tally.sentBytes)),
      ("received_bytes", .number(tally.receivedBytes)),
    ]
    members += troubleMembers
    members += [
      ("latency", latencyJSON),
      ("processor", processorJSON),
      ("intervals", .array(intervals.map(\.json))),
    ]
    return .object(members)
  }

  /// The mode by the name of its option.
  private var modeName: String {
    switch plan.mode {
    case .exchange: plan.window == 1 ? "ping-pong" : "pipelined"
    case .datagrams: "datagram"
    case .connect: "connect"
    case .stream: "stream"
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.wholeNanoseconds) / 1e9
  }

  private var troubleMembers: [(String, JSON)] {
    [
      ("errors", .number(tally.errorCount + tally.mismatches)),
      (
        "errors_by_kind",
        .object(
          tally.errors.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
      ),
      ("mismatches", .number(tally.mismatches)),
      ("first_mismatch", .optional(tally.mismatch)),
      ("lost", .number(tally.lost)),
      ("late_answers", .number(tally.late)),
      ("duplicate_answers", .number(tally.duplicates)),
      ("stray_datagrams", .number(tally.strays)),
      ("reopened_connections", .number(tally.reopened)),
      ("delayed_requests", .number(tally.delayed)),
      ("longest_delay_ns", .number(Int(tally.longestDelay))),
      ("longest_oversight_ns", .number(Int(tally.longestOversight))),
      ("unsent_requests", .number(tally.unsent)),
      ("unfinished_requests", .number(tally.unfinished)),
    ]
  }

  private var latencyJSON: JSON {
    let latencies = tally.latencies
    guard plan.mode != .stream, latencies.count > 0 else { return .null }
    func at(_ share: Double) -> JSON { .number(Int(latencies.value(atShare: share))) }
    return .object([
      ("count", .number(Int(clamping: latencies.count))),
      ("min_ns", .number(Int(latencies.minimum))),
      ("mean_ns", .decimal(latencies.mean, digits: 1)),
      ("p50_ns", at(0.5)), ("p90_ns", at(0.9)), ("p99_ns", at(0.99)), ("p99_9_ns", at(0.999)),
      ("max_ns", .number(Int(latencies.maximum))),
      (
        "histogram",
        .array(
          latencies.buckets.map { bucket in
            .object([
              ("up_to_ns", .number(Int(bucket.upTo))),
              ("count", .number(Int(clamping: bucket.count))),
            ])
          })
      ),
    ])
  }

  private var processorJSON: JSON {
    func each(_ seconds: Double?) -> JSON {
      guard let seconds, tally.operations > 0 else { return .null }
      return .decimal(seconds * 1e9 / Double(tally.operations), digits: 1)
    }
    return .object([
      ("load_seconds", .decimal(ownProcessorTime, digits: 6)),
      ("load_ns_per_operation", each(ownProcessorTime)),
      ("server_seconds", .optional(serverProcessorTime, digits: 6)),
      ("server_ns_per_operation", each(serverProcessorTime)),
    ])
  }
}

extension BenchResult.Interval {
  fileprivate var json: JSON {
    .object([
      ("start_seconds", .decimal(start, digits: 6)),
      ("length_seconds", .decimal(length, digits: 6)),
      ("operations", .number(operations)),
      ("sent_bytes", .number(sentBytes)),
      ("received_bytes", .number(receivedBytes)),
      ("errors", .number(errors)),
      ("p50_ns", .number(Int(median))),
      ("p99_ns", .number(Int(percentile99))),
      ("max_ns", .number(Int(maximum))),
    ])
  }
}
