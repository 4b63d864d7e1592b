// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// How many sockets there are, by protocol and state.
struct ListSummary {
  /// One protocol.
  struct Count {
    var total = 0
    var ipv4 = 0
    var ipv6 = 0
    var states: [SocketState: Int] = [:]
    var received = 0
    var sent = 0
  }

  private(set) var counts: [ListProtocol: Count] = [:]
  private(set) var total = 0
  private(set) var processCount = 0
  private let hiddenProcessCount: Int
  private let isCut: Bool

  init(_ snapshot: SocketSnapshot) {
    hiddenProcessCount = snapshot.hiddenProcessCount
    isCut = snapshot.isCut
    var processes: Set<Int32> = []
    for row in snapshot.rows {
      total += 1
      for holder in row.holders { processes.insert(holder.process.processID) }
      counts[row.kind, default: Count()].add(row)
    }
    processCount = processes.count
  }

  /// One line: `23 sockets: 12 tcp (5 listen, 4 estab, 3 time-wait), 11 udp`.
  var line: String {
    guard total > 0 else { return "No socket." + hidden }
    let parts = ordered.map { kind, count in
      let states = count.orderedStates.map { "\($0.count) \(StateWords.short($0.state))" }
      return "\(count.total) \(kind.rawValue) (\(states.joined(separator: ", ")))"
    }
    return "\(total) \(total == 1 ? "socket" : "sockets"): \(parts.joined(separator: ", "))"
      + hidden
  }

  private var hidden: String {
    (hiddenProcessCount > 0
      ? "; \(hiddenProcessCount) processes of other users do not show theirs" : "")
      + (isCut ? "; \(Self.cutText)" : "")
  }

  /// What is said when owners are missing.
  static let cutText =
    "owners are missing: no more than \(ProcessTable.maximumHolderCount) open sockets are looked up"

  private var ordered: [(ListProtocol, Count)] {
    counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The table of `--summary`.
  func lines(_ terminal: Terminal) -> [String] {
    var table = TextTable([
      .text("PROTO"), .number("ALL"), .number("IPv4"), .number("IPv6"), .number("LISTEN"),
      .number("ESTAB"), .number("TIME-WAIT"), .number("OTHER"), .number("RECV"), .number("SEND"),
    ])
    for (kind, count) in ordered {
      let named = [SocketState.listening, .established, .timeWait].map { count.states[$0] ?? 0 }
      let isInternet = count.ipv4 + count.ipv6 > 0
      table.add(
        [
          kind.rawValue, "\(count.total)", isInternet ? "\(count.ipv4)" : "",
          isInternet ? "\(count.ipv6)" : "",
        ] + named.map(String.init)
          + [
            String(count.total - named.reduce(0, +)), ByteText.count(count.received),
            ByteText.count(count.sent),
          ])
    }
    let word = processCount == 1 ? "process" : "processes"
    return ["\(total) sockets of \(processCount) \(word)" + hidden]
      + (total > 0 ? [""] + table.lines(terminal) : [])
  }

  var json: JSON {
    .object([
      ("total", .number(total)), ("processes", .number(processCount)),
      ("hiddenProcesses", .number(hiddenProcessCount)), ("ownersCut", .bool(isCut)),
      (
        "protocols",
        .object(
          ordered.map { kind, count in
            (
              kind.rawValue,
              .object([
                ("total", .number(count.total)), ("ipv4", .number(count.ipv4)),
                ("ipv6", .number(count.ipv6)), ("receiveQueue", .number(count.received)),
                ("sendQueue", .number(count.sent)),
                (
                  "states",
                  .object(
                    count.orderedStates.map { (StateWords.whole($0.state), .number($0.count)) })
                ),
              ])
            )
          })
      ),
    ])
  }
}

extension ListSummary.Count {
  fileprivate mutating func add(_ row: SocketRow) {
    total += 1
    if row.family == .ipv4 { ipv4 += 1 }
    if row.family == .ipv6 { ipv6 += 1 }
    states[row.state, default: 0] += 1
    guard case .bytes(let received, let sent) = row.queues else { return }
    self.received += Int(received)
    self.sent += Int(sent)
  }

  fileprivate var orderedStates: [(state: SocketState, count: Int)] {
    states.map { (state: $0.key, count: $0.value) }.sorted {
      StateWords.place($0.state) < StateWords.place($1.state)
    }
  }
}
