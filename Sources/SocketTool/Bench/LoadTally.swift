// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Requests that were sent, before they are added to the tally.
struct SentCounts: Sendable {
  var requests = 0
  /// Those that waited for the answers of others, and were sent more than a millisecond after they were due.
  var delayed = 0
  /// The longest such wait, from when a request was due until it was sent.
  var longestDelay: Int64 = 0

  /// Counts a request that was just sent.
  ///
  /// - Parameters:
  ///   - due: when it was due, if it has waited for others.
  ///   - now: when it was sent.
  mutating func note(due: Int64?, now: Int64) {
    requests += 1
    guard let due else { return }
    longestDelay = max(longestDelay, now - due)
    if now - due > 1_000_000 { delayed += 1 }
  }
}

/// What has come of a load so far; each loop has one, and they are added.
struct LoadTally: Sendable {
  /// How long operations took, each of them; empty for streams.
  var latencies = LatencyHistogram()
  /// Operations that were done: requests answered, or pieces of a stream moved.
  var operations = 0
  var sentBytes = 0
  var receivedBytes = 0
  /// Requests that were sent, whatever became of them, and all of them were due while it was measured.
  var requests = 0
  /// What went wrong, and how often; a request that got no answer counts once.
  private(set) var errors: [String: Int] = [:]
  /// The first answer that was not what was sent.
  private(set) var mismatch: String?
  /// How many answers were not what was sent.
  private(set) var mismatches = 0
  /// Datagrams that got no answer in time.
  var lost = 0
  /// Answers that came when their datagram was counted as lost already.
  var late = 0
  /// Answers that came again.
  var duplicates = 0
  /// Datagrams that answered nothing that was asked.
  var strays = 0
  /// How often a connection was opened again.
  var reopened = 0
  /// Requests that waited for the answers of others, and were sent more than a millisecond after they were due.
  var delayed = 0
  /// The longest such wait, from when a request was due until it was sent.
  var longestDelay: Int64 = 0
  /// The longest time from when a request was due until this program noticed.
  var longestOversight: Int64 = 0
  /// Requests that were due and had not been sent at the end.
  var unsent = 0
  /// When the oldest of these was due.
  var oldestUnsent: Int64?
  /// Requests without an answer at the end, when a signal ended it early.
  var unfinished = 0

  /// More kinds of errors than this are counted together.
  private static let mostKinds = 32

  /// How many errors there were.
  var errorCount: Int { errors.values.reduce(0, +) }

  /// Counts an error of a kind.
  mutating func note(_ kind: String, count: Int = 1) {
    let isKnown = errors[kind] != nil || errors.count < Self.mostKinds
    errors[isKnown ? kind : "other errors", default: 0] += count
  }

  /// Counts an answer that was not what was sent.
  mutating func noteMismatch(_ text: String) {
    mismatch = mismatch ?? text
    mismatches += 1
  }

  /// Counts a request that was just sent; see ``SentCounts/note(due:now:)``.
  mutating func noteSent(due: Int64?, now: Int64) {
    var counts = SentCounts()
    counts.note(due: due, now: now)
    take(&counts)
  }

  /// Takes over counts of requests that were sent.
  mutating func take(_ counts: inout SentCounts) {
    requests += counts.requests
    delayed += counts.delayed
    longestDelay = max(longestDelay, counts.longestDelay)
    counts = SentCounts()
  }

  /// Counts an answer that is right.
  mutating func noteAnswer(after nanoseconds: Int64, byteCount: Int) {
    operations += 1
    sentBytes += byteCount
    receivedBytes += byteCount
    latencies.record(nanoseconds)
  }

  /// Counts requests that were due and had not been sent at the end.
  mutating func noteUnsent(_ count: Int, oldest: Int64?) {
    unsent += count
    oldestUnsent = [oldestUnsent, oldest].compactMap(\.self).min()
  }

  /// Adds what another loop has counted.
  mutating func add(_ other: LoadTally) {
    latencies.add(other.latencies)
    operations += other.operations
    sentBytes += other.sentBytes
    receivedBytes += other.receivedBytes
    requests += other.requests
    for (kind, count) in other.errors { note(kind, count: count) }
    mismatch = mismatch ?? other.mismatch
    mismatches += other.mismatches
    lost += other.lost
    late += other.late
    duplicates += other.duplicates
    strays += other.strays
    reopened += other.reopened
    delayed += other.delayed
    longestDelay = max(longestDelay, other.longestDelay)
    longestOversight = max(longestOversight, other.longestOversight)
    noteUnsent(other.unsent, oldest: other.oldestUnsent)
    unfinished += other.unfinished
  }
}

extension Error {
  /// What is counted as one kind of error: the operation and the C error, without addresses.
  var benchKind: String {
    guard var error = self as? SocketError else { return "\(self)" }
    if error.cause == .endOfStream { return "the peer closed the connection" }
    error.subject = .none
    error.bytesTransferred = 0
    return "\(error)"
  }
}
