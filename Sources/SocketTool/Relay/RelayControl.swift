// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets
import SystemPackage

/// The control endpoint of a relay: a line is a command, and is answered by a line of JSON.
struct RelayControl: Sendable {
  /// The commands, for the answer to a wrong one.
  static let commands = "show, set NAME VALUE, clear, stats"

  private static let lineLimit = 1000

  let state: RelayState
  /// Whether the relay is of datagrams, for which some faults mean nothing.
  let isDatagrams: Bool
  /// After how long without a line a connection is closed.
  var idle = Duration.seconds(60)

  /// Listens, for this user or this machine alone.
  static func listen(at endpoint: Endpoint, deadline: Deadline) async throws -> Listener {
    let address = try await Resolver.system.resolve(endpoint, deadline: deadline)[0]
    guard address.family == .unix || address.ip?.address.isLoopback == true else {
      throw ValidationError(
        "--control '\(endpoint)' is not a loopback address, and whoever reaches it may control the relay"
      )
    }
    return try await Listener.bind(
      to: address, endpoint.socketType, endpoint.transport.protocolNumber(for: address.family),
      access: UnixPathAccess(permissions: .ownerReadWrite))
  }

  /// Serves until the task is cancelled.
  func run(_ listener: Listener) async throws(SocketError) {
    let limits = ServingLimits(connections: 16, drain: .zero, closing: .milliseconds(200))
    try await listener.serve(limits) { connection in
      let reader = StreamReader(connection, limit: Self.lineLimit)
      while let line = try await reader.line(deadline: .after(idle)) {
        try await connection.write(answer(line).line.utf8, deadline: .after(idle))
        // What speaks another language, a browser for one, has no second line.
        guard Self.isCommand(line) else { return }
      }
    }
  }

  /// Whether a line begins like a command; how it goes on may be wrong.
  static func isCommand(_ line: String) -> Bool {
    let word = line.prefix { !$0.isWhitespace }
    return ["show", "set", "clear", "stats"].contains { $0 == word }
  }

  /// Does what a line says.
  ///
  /// - Parameter line: from whoever has connected.
  /// - Returns: the answer; member `ok` says whether it was done.
  func answer(_ line: String) -> JSON {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    switch (words.first, words.count) {
    case ("show", 1): return shown(state.faults.faults)
    case ("clear", 1): return shown(state.change { $0 = FaultSettings() })
    case ("stats", 1):
      return .object([("ok", .bool(true)), ("statistics", state.numbers.json(seed: state.seed))])
    case ("set", 3): return set(words)
    default: return refused("'\(line)' is no command; there are \(Self.commands)")
    }
  }

  private func set(_ words: [String]) -> JSON {
    guard let name = words.dropFirst().first, let value = words.last else { return .null }
    if isDatagrams, FaultSettings.streamNames.contains(name) {
      return refused("\(name) is for streams, and this relay is of datagrams")
    }
    do {
      return shown(try state.change { faults in try faults.set(name, to: value) })
    } catch let error as ValidationError {
      return refused(error.message)
    } catch {
      return refused("\(error)")
    }
  }

  private func shown(_ faults: FaultSettings) -> JSON {
    .object([
      ("ok", .bool(true)), ("faults", faults.json), ("seed", .string(String(state.seed))),
    ])
  }

  private func refused(_ text: String) -> JSON {
    .object([("ok", .bool(false)), ("error", .string(text))])
  }
}
