// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The probes of a trace, in their order, and what is known of them: which is sent next, which hops can be printed, where the path
/// ends.
///
/// It sends nothing and waits for nothing, so that every order of answers can be tried on it.
struct TraceTable {
  /// What is known of a probe.
  enum Entry: Hashable, Sendable {
    case unknown
    case silent
    case answered(TraceAnswer)
  }

  let first: Int
  let queries: Int
  private(set) var entries: [Entry]
  private var sent = 0
  private var printed = 0
  /// The nearest hop at which a probe ended for good.
  private(set) var end: Int?

  /// Makes a table for the hops of a range.
  init(_ hops: ClosedRange<Int>, queries: Int) {
    first = hops.lowerBound
    self.queries = max(1, queries)
    entries = Array(repeating: .unknown, count: hops.count * self.queries)
  }

  /// How many hops there may be.
  private var hopCount: Int { end.map { $0 - first + 1 } ?? entries.count / queries }

  /// The next probe to send, if there is one left that can tell anything.
  mutating func next() -> (number: Int, hop: Int)? {
    guard sent < hopCount * queries else { return nil }
    defer { sent += 1 }
    return (sent, first + sent / queries)
  }

  /// Notes what became of a probe.
  mutating func settle(_ number: Int, _ entry: Entry) {
    guard entries.indices.contains(number) else { return }
    entries[number] = entry
    guard case .answered(let answer) = entry, answer.isFinal else { return }
    end = min(end ?? .max, first + number / queries)
  }

  /// Gives up all that has not been answered.
  mutating func giveUp() {
    for number in entries.indices where entries[number] == .unknown && number < sent {
      entries[number] = .silent
    }
  }

  /// The next hop of which everything is known, in their order, once each.
  mutating func nextComplete() -> (hop: Int, entries: [Entry])? {
    guard printed < hopCount else { return nil }
    let row = Array(entries[printed * queries..<(printed + 1) * queries])
    guard !row.contains(.unknown) else { return nil }
    defer { printed += 1 }
    return (first + printed, row)
  }

  /// Whether every hop up to the end has been told.
  var isOver: Bool { printed >= hopCount }
}
