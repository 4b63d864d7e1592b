// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

struct OptionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "options",
    abstract: "Print the socket options, or the values that they have on a socket.",
    discussion: """
      With an endpoint a socket of its kind is made, and asked for every option that \
      it has. Only with --connect is anybody called.

      Examples:
        sockets options                           all options
        sockets options --find keepalive          those about something
        sockets options tcp://127.0.0.1:0         the values of a fresh TCP socket
        sockets options unix:/run/app --connect   those of a connected one
        sockets options --json | jq '.[].name'

      \(ExitStatus.help)
      """)

  @Argument(help: "The values on a socket of this endpoint's kind, for example tcp://127.0.0.1:80.")
  var endpoint: String?

  @Option(name: .long, help: "Only options with this text in a name or in the meaning.")
  var find: String?

  @Flag(name: .long, help: "Connect to the endpoint first.")
  var connect = false

  @Option(
    name: .long, help: "How long to wait for names and for the peer. (default: 5s)",
    transform: ArgumentText.duration)
  var timeout = Duration.seconds(5)

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !connect || endpoint != nil else {
      throw ValidationError("--connect needs an endpoint to connect to")
    }
  }

  func run() throws {
    let rows =
      try endpoint.map { try values(on: $0) } ?? OptionCatalog.entries.map { Row(entry: $0) }
    let found = rows.filter { $0.matches(find) }
    guard !found.isEmpty else {
      throw ValidationError(
        "no option has \((find ?? "").debugDescription) in a name or in its meaning")
    }
    guard !output.json else { return Output.write(JSON.array(found.map(\.json)).text) }
    let terminal = Terminal.standardOutput()
    var lines: [String] = []
    var heading = ""
    for row in found {
      if row.heading != heading {
        heading = row.heading
        lines += (lines.isEmpty ? [] : [""]) + [terminal.styled(heading, .title)]
      }
      lines += row.lines(terminal)
    }
    Output.write(lines, terminal)
  }

  // MARK: Values

  /// The options of the endpoint's kind of socket, each with its value or why it has none.
  private func values(on text: String) throws -> [Row] {
    let endpoint = try Endpoint(parsing: text)
    let deadline = Deadline.after(timeout)
    let found = try Resolver.system.addresses(for: endpoint, deadline: deadline)[0]
    guard let kind = SocketKind(endpoint.transport, found.address.family) else {
      throw ValidationError("there is no list of options for \(endpoint.transport.rawValue)")
    }
    let entries = OptionCatalog.entries.filter { $0.kinds.contains(SocketKinds(kind)) }
    guard connect else {
      let socket = try MessageSocket(found.address.family, found.type, found.protocolNumber)
      return entries.map { Row(entry: $0, on: socket) }
    }
    let socket = try ConnectedSocket.connected(
      to: found.address, found.type, found.protocolNumber, deadline: deadline)
    return entries.map { Row(entry: $0, on: socket) }
  }
}

/// One option, and its value where a socket was asked.
private struct Row {
  let entry: OptionCatalog.Entry
  /// The value as text.
  var value: String?
  /// Why there is none.
  var obstacle: String?
  /// Whether a socket was asked.
  var isLive = false

  init(entry: OptionCatalog.Entry) { self.entry = entry }

  init(entry: OptionCatalog.Entry, on socket: borrowing some SocketOwner & ~Copyable) {
    self.entry = entry
    isLive = true
    do throws(SocketError) {
      value = try entry.liveValue(of: socket)
      if value == nil { obstacle = "it can be set, not read" }
    } catch {
      obstacle =
        error.errno.map { ErrorTable.description(of: $0)?.sentence ?? "\($0)" } ?? "\(error)"
    }
  }

  func matches(_ text: String?) -> Bool {
    guard let text = text?.lowercased() else { return true }
    return [entry.cName, entry.swiftName, entry.meaning].contains { $0.lowercased().contains(text) }
  }

  private static let levels: [Int32: String] = [
    0: "IPPROTO_IP", 1: "SOL_SOCKET", 6: "IPPROTO_TCP", 17: "IPPROTO_UDP", 40: "AF_VSOCK",
    41: "IPPROTO_IPV6", 58: "IPPROTO_ICMPV6", 136: "IPPROTO_UDPLITE", 255: "SOL_RAW",
    262: "SOL_X25", 263: "SOL_PACKET", 270: "SOL_NETLINK", 284: "SOL_MPTCP",
  ]

  var heading: String {
    entry.level.map { Self.levels[$0] ?? "level \($0)" } ?? "by ioctl"
  }

  func lines(_ terminal: Terminal) -> [String] {
    let name = "  " + TextLayout.padded(entry.cName, 30) + " "
    guard isLive else {
      let unit = entry.unit.isEmpty ? "" : ", in \(entry.unit)"
      let facts = "\(entry.access.rawValue)\(unit); \(entry.kinds); Linux \(entry.oldestKernel)"
      return [name + terminal.styled(entry.swiftName, .strong)]
        + terminal.paragraph(entry.meaning, indent: 6, .faint)
        + terminal.paragraph(facts, indent: 6, .faint)
    }
    let text = value ?? "– \(obstacle ?? "")"
    let parts = TextLayout.wrapped(text, width: max(20, terminal.width - 34))
    return parts.enumerated().map { place, part in
      (place == 0 ? name : String(repeating: " ", count: name.count))
        + terminal.styled(part, value == nil ? .faint : .strong)
    }
  }

  var json: JSON {
    var members: [(String, JSON)] = [
      ("name", .string(entry.cName)), ("level", .string(heading)),
      ("swiftName", .string(entry.swiftName)), ("type", .string(entry.valueType)),
      ("unit", .optional(entry.unit.isEmpty ? nil : entry.unit)),
      ("access", .string(entry.access.rawValue)),
      ("kinds", .array(entry.kinds.members.map { .string($0.description) })),
      ("since", .string(entry.oldestKernel)), ("meaning", .string(entry.meaning)),
    ]
    if isLive { members += [("value", .optional(value)), ("obstacle", .optional(obstacle))] }
    return .object(members)
  }
}
