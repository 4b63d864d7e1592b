// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// The hops of a trace as text, line by line, or collected as data.
struct TraceReport: Sendable {
  let hasNames: Bool
  let isJSON: Bool
  private let terminal = Terminal.standardOutput()
  private var names: [IPAddress: String?] = [:]
  private var hops: [JSON] = []
  /// The last hop that was told.
  private(set) var lastHop = 0

  init(hasNames: Bool, isJSON: Bool) {
    self.hasNames = hasNames
    self.isJSON = isJSON
  }

  /// Tells a hop.
  mutating func tell(_ hop: Int, _ entries: [TraceTable.Entry]) async throws {
    lastHop = hop
    for case .answered(let answer) in entries { try await learnName(of: answer.sender) }
    if isJSON {
      hops.append(
        .object([
          ("hop", .number(hop)), ("probes", .array(entries.map { json($0) })),
        ]))
    } else {
      Output.write(terminal.shown(line(hop, entries) + "\n"))
    }
  }

  /// Prints what was collected.
  func end(
    _ probe: TraceProbe, _ host: HostText, way: String, isReached: Bool
  ) {
    guard isJSON else { return }
    Output.write(
      JSON.object([
        ("host", .string(host.text)), ("address", .string("\(probe.target)")),
        ("method", .string(probe.method.rawValue)), ("way", .string(way)),
        ("isReached", .bool(isReached)), ("hops", .array(hops)),
      ]).text)
  }

  private func line(_ hop: Int, _ entries: [TraceTable.Entry]) -> String {
    var parts: [String] = []
    var last: IPAddress?
    for entry in entries {
      guard case .answered(let answer) = entry else {
        parts.append(terminal.styled("*", .faint))
        continue
      }
      if answer.sender != last {
        // Whoever has the address chooses its name.
        let name =
          names[answer.sender].flatMap(\.self).map { " (\(ForeignText.shown($0)))" } ?? ""
        parts.append(terminal.styled("\(answer.sender)", .strong) + name)
        last = answer.sender
      }
      parts.append(ProbeText.milliseconds(answer.milliseconds))
      if let mark = answer.reason?.mark, !mark.isEmpty { parts.append(terminal.styled(mark, .bad)) }
    }
    // An open port is news.
    if entries.contains(where: { $0.port == "open" }) { parts.append("open") }
    return TextLayout.leading(String(hop), 2) + "  " + parts.joined(separator: "  ")
  }

  private func json(_ entry: TraceTable.Entry) -> JSON {
    guard case .answered(let answer) = entry else { return .null }
    return .object([
      ("from", .string("\(answer.sender)")),
      ("name", .optional(names[answer.sender].flatMap(\.self))),
      ("milliseconds", .decimal(answer.milliseconds, digits: 3)),
      ("isTarget", .bool(answer.isTarget)), ("port", .optional(answer.port)),
      ("mark", .optional(answer.reason?.mark)), ("reason", .optional(answer.reason?.text)),
      ("mtu", .optional(answer.reason?.mtu)),
    ])
  }

  /// How long the name of one router is looked for.
  private static let nameLimit = Duration.seconds(2)

  private mutating func learnName(of address: IPAddress) async throws {
    guard hasNames, names[address] == nil else { return }
    names[address] = try await BlockingCall.run {
      // A router without a name is shown without one.
      try? Resolver.system.name(
        of: .ip(address, port: .any), flags: .nameRequired, deadline: .after(Self.nameLimit)
      ).host
    }
  }
}

extension TraceTable.Entry {
  /// How the target's port is, where this saw it.
  fileprivate var port: String? {
    if case .answered(let answer) = self { answer.port } else { nil }
  }
}
