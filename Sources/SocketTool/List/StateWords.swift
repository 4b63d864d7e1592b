// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

/// The states' names: short ones for tables, whole ones for data, and both, with groups of them, on the command line.
enum StateWords {
  private static let words: [(state: SocketState, short: String, whole: String)] = [
    (.established, "estab", "established"), (.synSent, "syn-sent", "syn-sent"),
    (.synReceived, "syn-recv", "syn-recv"), (.finWait1, "fin-wait-1", "fin-wait-1"),
    (.finWait2, "fin-wait-2", "fin-wait-2"), (.timeWait, "time-wait", "time-wait"),
    (.closed, "unconn", "unconnected"), (.closeWait, "close-wait", "close-wait"),
    (.lastAcknowledgement, "last-ack", "last-ack"), (.listening, "listen", "listening"),
    (.closing, "closing", "closing"), (.boundInactive, "bound", "bound-inactive"),
  ]

  /// Other words for the same, which `ss` takes too.
  private static let synonyms: [String: SocketState] = [
    "closed": .closed, "close": .closed, "syn-rcv": .synReceived,
    "syn-received": .synReceived,
  ]

  /// Groups of states, as `ss` has them.
  private static let groups: [(name: String, states: SocketStates)] = [
    ("all", .all),
    ("connected", .all.subtracting(SocketStates(.closed, .listening, .boundInactive))),
    (
      "synchronized",
      .all.subtracting(SocketStates(.closed, .listening, .boundInactive, .synSent))
    ),
    ("bucket", SocketStates(.synReceived, .timeWait, .newSynReceived)),
    ("big", .all.subtracting(SocketStates(.synReceived, .timeWait, .newSynReceived))),
  ]

  /// All words, one for each state, and the groups.
  static let all = words.map(\.whole) + groups.map(\.name)

  /// In at most ten characters.
  static func short(_ state: SocketState) -> String {
    words.first { $0.state == state }?.short ?? "state \(state.rawValue)"
  }

  /// In full.
  static func whole(_ state: SocketState) -> String {
    words.first { $0.state == state }?.whole ?? "state-\(state.rawValue)"
  }

  /// The states that words, with commas between them, name.
  static func states(_ text: String) throws -> SocketStates {
    var states: SocketStates = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      states.formUnion(try named(part.lowercased()))
    }
    return states
  }

  private static func named(_ word: String) throws -> SocketStates {
    if let group = groups.first(where: { $0.name == word }) { return group.states }
    let found = words.first { $0.short == word || $0.whole == word }?.state ?? synonyms[word]
    guard let found else {
      throw ValidationError(
        "'\(ForeignText.shown(word))' is no state; there are \(all.joined(separator: ", "))")
    }
    return found == .synReceived
      ? SocketStates(.synReceived, .newSynReceived) : SocketStates(found)
  }

  /// The place in a sorted table: those who wait for callers, those who are connected, the rest.
  static func place(_ state: SocketState) -> Int {
    switch state {
    case .listening: 0
    case .established: 1
    default: 2 + Int(state.rawValue)
    }
  }
}
