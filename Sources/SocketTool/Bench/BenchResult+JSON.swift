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
      ("sizeBytes", .number(plan.size)),
      ("pipeline", .number(plan.window)),
      ("ratePerSecond", .optional(plan.rate, digits: 3)),
      ("timeoutSeconds", .decimal(Self.seconds(plan.timeout), digits: 6)),
      ("warmupSeconds", .decimal(Self.seconds(plan.warmUp), digits: 6)),
      ("seed", .string(String(plan.seed))),
      ("durationSeconds", .decimal(seconds, digits: 6)),
      ("interrupted", .bool(isEarly)),
      ("operations", .number(tally.operations)),
      ("operationsPerSecond", .decimal(operationsPerSecond, digits: 3)),
      ("requestsSent", .number(tally.requests)),
      ("sentBytes", .number(tally.sentBytes)),
      ("receivedBytes", .number(tally.receivedBytes)),
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
        "errorsByKind",
        .object(
          tally.errors.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
      ),
      ("mismatches", .number(tally.mismatches)),
      ("firstMismatch", .optional(tally.mismatch)),
      ("lost", .number(tally.lost)),
      ("lateAnswers", .number(tally.late)),
      ("duplicateAnswers", .number(tally.duplicates)),
      ("strayDatagrams", .number(tally.strays)),
      ("reopenedConnections", .number(tally.reopened)),
      ("delayedRequests", .number(tally.delayed)),
      ("longestDelayNanoseconds", .number(Int(tally.longestDelay))),
      ("longestOversightNanoseconds", .number(Int(tally.longestOversight))),
      ("unsentRequests", .number(tally.unsent)),
      ("unfinishedRequests", .number(tally.unfinished)),
    ]
  }

  private var latencyJSON: JSON {
    let latencies = tally.latencies
    guard plan.mode != .stream, latencies.count > 0 else { return .null }
    func at(_ share: Double) -> JSON { .number(Int(latencies.value(atShare: share))) }
    return .object([
      ("count", .number(Int(clamping: latencies.count))),
      ("minimumNanoseconds", .number(Int(latencies.minimum))),
      ("meanNanoseconds", .decimal(latencies.mean, digits: 1)),
      ("p50Nanoseconds", at(0.5)), ("p90Nanoseconds", at(0.9)), ("p99Nanoseconds", at(0.99)),
      ("p999Nanoseconds", at(0.999)),
      ("maximumNanoseconds", .number(Int(latencies.maximum))),
      (
        "histogram",
        .array(
          latencies.buckets.map { bucket in
            .object([
              ("upToNanoseconds", .number(Int(bucket.upTo))),
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
      ("loadSeconds", .decimal(ownProcessorTime, digits: 6)),
      ("loadNanosecondsPerOperation", each(ownProcessorTime)),
      ("serverSeconds", .optional(serverProcessorTime, digits: 6)),
      ("serverNanosecondsPerOperation", each(serverProcessorTime)),
    ])
  }
}

extension BenchResult.Interval {
  fileprivate var json: JSON {
    .object([
      ("startSeconds", .decimal(start, digits: 6)),
      ("lengthSeconds", .decimal(length, digits: 6)),
      ("operations", .number(operations)),
      ("sentBytes", .number(sentBytes)),
      ("receivedBytes", .number(receivedBytes)),
      ("errors", .number(errors)),
      ("p50Nanoseconds", .number(Int(median))),
      ("p99Nanoseconds", .number(Int(percentile99))),
      ("maximumNanoseconds", .number(Int(maximum))),
    ])
  }
}
