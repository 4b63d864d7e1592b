// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

struct ListCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the sockets of this machine: who talks to whom, and who listens.",
    discussion: """
      Without an option: TCP, UDP, MPTCP, UDP-Lite, raw and vsock sockets in every state. RECV and \
      SEND are the queues in bytes; of a listener, the connections that wait to be accepted, and \
      how many may. An unnamed Unix socket is shown by its number: #1234. What is shortened in a \
      window is whole in a pipe.

      Examples:
        sockets list --state listening             who listens
        sockets list --port 443,8000-8999          at these ports, of either end
        sockets list --address 10.0.0.0/8 --names  these hosts, services by name
        sockets list --process nginx --details     with times, windows, buffers
        sockets list --only unix                   only Unix sockets
        sockets list --sort recv --watch           who does not read, every 2 s
        sockets list --json | jq '.[] | select(.state == "close-wait")'
        sockets list --summary --all               how many there are

      Who owns the sockets of other users, only root may see; that is no failure.

      \(ExitStatus.help)
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only these protocols: tcp, udp, mptcp, udplite, raw, vsock, unix, packet, netlink.",
      valueName: "protocols"),
    completion: .list(ListProtocol.allCases.map(\.rawValue)),
    transform: ListFilter.protocols)
  var only: [[ListProtocol]] = []

  @Flag(name: .long, help: "All protocols.")
  var all = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only these states: listening, established, time-wait, close-wait and the like; or a group: "
        + "connected, synchronized, bucket, big.", valueName: "states"),
    completion: .list(StateWords.all),
    transform: StateWords.states)
  var state: [SocketStates] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only these ports, local or the peer's: 80,8000-8999,http.", valueName: "ports"),
    transform: ListFilter.ports)
  var port: [[ClosedRange<UInt16>]] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only this address, local or the peer's: 10.0.0.1, 10.0.0.0/8, fe80::/10.", valueName: "cidr"),
    transform: ListFilter.address)
  var address: [IPPrefix] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Only sockets of this process: its number, or a part of its name."))
  var process: [String] = []

  @Option(
    name: .long, help: "Only sockets of this user: name or number.", transform: ArgumentText.user)
  var user: [UInt32] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Sort by \(ListSort.allCases.map(\.rawValue).joined(separator: ", ")); amounts downwards.",
      valueName: "column"),
    completion: .list(ListSort.allCases.map(\.rawValue)),
    transform: Self.sortKey)
  var sort: ListSort?

  @Flag(name: .long, help: "Sort the other way round.")
  var reverse = false

  @Flag(
    name: [.long, .customLong("tcp")],
    help: "Show TCP's measurements, buffers, inodes and descriptors too.")
  var details = false

  @Flag(help: "Ports as numbers, or as names of services.")
  var ports = PortStyle.numeric

  @Flag(name: .long, help: "Do not look for the processes, which is faster.")
  var noProcesses = false

  @Flag(name: .long, help: "Only count.")
  var summary = false

  @Option(
    name: .long, defaultAsFlag: WatchInterval(argument: "2"),
    help: ArgumentHelp(
      "Show it again and again, so many seconds apart; with --json a line each.",
      valueName: "seconds"))
  var watch: WatchInterval? = nil

  @Option(
    name: .long, help: "With --watch: how often.", transform: ArgumentText.count(1...1_000_000_000))
  var count: Int?

  @Option(
    name: .long, help: "How long the whole may take, for example 5s.",
    transform: ArgumentText.duration)
  var timeout: Duration?

  @OptionGroup var output: OutputOptions

  var timeLimit: Duration? { timeout }

  private static func sortKey(_ text: String) throws -> ListSort {
    if let key = ListSort(rawValue: text.lowercased()) { return key }
    let names = ListSort.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError(
      "'\(ForeignText.shown(text))' is no column; there are \(names)")
  }

  func validate() throws {
    guard !(all && !only.isEmpty) else {
      throw ValidationError("--all and --only exclude each other")
    }
    _ = try watch?.duration()
    guard count == nil || watch != nil else { throw ValidationError("--count needs --watch") }
    guard !(noProcesses && !process.isEmpty) else {
      throw ValidationError("--process and --no-processes exclude each other")
    }
    guard process.allSatisfy({ !$0.isEmpty }) else {
      throw ValidationError("--process '' is no process")
    }
  }

  private var request: SocketSnapshot.Request {
    var filter = ListFilter()
    if all { filter.protocols = ListProtocol.allCases }
    if !only.isEmpty {
      filter.protocols = only.flatMap(\.self)
      filter.isExplicit = true
    }
    if !state.isEmpty { filter.states = state.reduce([]) { $0.union($1) } }
    filter.ports = port.flatMap(\.self)
    filter.addresses = address
    filter.processes = process
    filter.users = user
    return SocketSnapshot.Request(
      filter: filter, hasDetails: details || sort?.needsDetails ?? false,
      hasProcesses: !noProcesses)
  }

  func perform() async throws {
    let users = UserNames()
    let text = ListText(showsNames: ports == .names, users: users)
    guard let watch else {
      let snapshot = try await read(text)
      if snapshot.isCut { Output.error("sockets: \(ListSummary.cutText)") }
      let terminal = Terminal.standardOutput()
      let width = terminal.isTerminal ? TerminalDevice.columns(1) : nil
      return Output.write(try await shown(snapshot, text, terminal, width: width))
    }
    let interval = try watch.duration()
    try await ListWatch(interval: interval, count: count, isData: output.json) {
      try await read(text)
    } picture: { snapshot, terminal, size in
      let title = "every \(ListText.length(interval))"
      return picture(title, snapshot, text, terminal, size)
    } data: { snapshot in
      data(snapshot, text)
    }.run()
  }

  /// Reads and sorts on a thread of its own.
  private func read(_ text: ListText) async throws -> SocketSnapshot {
    let request = request
    let (sort, reverse) = (sort, reverse)
    return try await BlockingCall.run { () -> Result<SocketSnapshot, SocketError> in
      do throws(SocketError) {
        var snapshot = try SocketSnapshot.read(request)
        snapshot.rows = ListSort.usual(snapshot.rows)
        if let sort { snapshot.rows = sort.sorted(snapshot.rows, text) }
        if reverse { snapshot.rows.reverse() }
        return .success(snapshot)
      } catch {
        return .failure(error)
      }
    }.get()
  }

  private func data(_ snapshot: SocketSnapshot, _ text: ListText) -> JSON {
    summary ? ListSummary(snapshot).json : ListJSON.value(snapshot, text)
  }

  /// The whole output, made where it holds up nobody.
  private func shown(
    _ snapshot: SocketSnapshot, _ text: ListText, _ terminal: Terminal, width: Int?
  ) async throws -> String {
    try await BlockingCall.run { [self] in
      if output.json { return data(snapshot, text).text }
      let counts = ListSummary(snapshot)
      var lines: [String]
      if summary {
        lines = counts.lines(terminal)
      } else {
        lines = ListTable(snapshot.rows, text, hasDetails: details).lines(width: width, terminal)
        if terminal.isTerminal {
          lines += ["", terminal.styled(counts.line, .faint)]
        }
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  /// What fits into a window.
  private func picture(
    _ title: String, _ snapshot: SocketSnapshot, _ text: ListText, _ terminal: Terminal,
    _ size: (columns: Int, rows: Int)
  ) -> [String] {
    let counts = ListSummary(snapshot)
    let title = String("\(title)  \(counts.line)".prefix(size.columns))
    let head = [terminal.styled(terminal.shown(title), .title)]
    if summary { return head + counts.lines(terminal) }
    let room = max(1, size.rows - 2)
    let rows = snapshot.rows.prefix(room)
    var lines = ListTable(rows, text, hasDetails: details).lines(width: size.columns, terminal)
    let isCut = lines.count - 1 > room || snapshot.rows.count > rows.count
    if isCut {
      lines = Array(lines.prefix(max(1, size.rows - 2)))
      let note = "… \(snapshot.rows.count) sockets in all; a filter or a larger window shows more"
      lines.append(terminal.styled(terminal.shown(String(note.prefix(size.columns))), .faint))
    }
    return head + lines
  }
}

/// How ports are shown.
enum PortStyle: String, EnumerableFlag {
  case numeric, names

  static func help(for value: PortStyle) -> ArgumentHelp? {
    switch value {
    case .numeric: "Ports as numbers."
    case .names: "Ports as names of services, where this machine has some."
    }
  }
}

/// The argument of `--watch`: whatever it is, so that what is wrong with it can be said.
struct WatchInterval: ExpressibleByArgument, CustomStringConvertible, Sendable {
  private let text: String

  init(argument: String) { text = argument }

  /// The time between two pictures; pictures faster than twenty a second would only keep the machine busy.
  func duration() throws -> Duration {
    do {
      return max(try ArgumentText.duration(text), .milliseconds(50))
    } catch let error as ValidationError {
      throw ValidationError("--watch: \(error.message)")
    }
  }

  var description: String { text }
}
