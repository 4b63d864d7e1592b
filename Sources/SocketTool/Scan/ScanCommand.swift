// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

struct ScanCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Find out which TCP ports of a machine answer.",
    discussion: """
      A connection is made to each port, and closed at once. A port is open when it is accepted, \
      closed when it is refused, and filtered when nothing comes back, or the word that it is \
      forbidden or not possible. Open ports are printed; --all prints the others, too. Scan \
      machines that are yours, or whose owner knows.

      Examples:
        sockets scan localhost 1-1024
        sockets scan 192.0.2.1 ssh,80,8000-8100 --all
        sockets scan example.org 443 --timeout 500ms
        sockets scan ::1 1-65535 --concurrency 500 --json | jq '.ports[].port'

      Exit codes: 0 at least one port is open, 1 none is, 2 usage, 124 name servers did not \
      answer in time.
      """)

  @Argument(help: "A name or an address.", transform: ArgumentText.host)
  var host: HostText

  @Argument(
    help: "Ports, ranges of ports and names of services, as in 22,80,8000-8100,https.",
    transform: ScanCommand.ports)
  var ports: PortList

  @Option(
    name: .long, help: "How long to wait for the answer of a port. (default: 2s)",
    transform: ArgumentText.duration)
  var timeout = Duration.seconds(2)

  @Option(
    name: .long,
    help: "Ports to try at once; fewer where descriptors are few. (default: 100)",
    transform: ArgumentText.count(1...10_000))
  var concurrency = 100

  @Option(
    name: .long, help: "How many ports to try a second, at most.",
    transform: ArgumentText.count(1...1_000_000))
  var rate: Int?

  @OptionGroup var hostOptions: HostOptions

  @Flag(name: .long, help: "Print closed and filtered ports, too.")
  var all = false

  @OptionGroup var output: OutputOptions

  static func ports(_ text: String) throws -> PortList {
    do throws(PortList.Failure) {
      return try PortList(parsing: text) { name in
        (try? Resolver.system.service(named: name, protocolName: "tcp"))?.port.rawValue
      }
    } catch {
      throw ValidationError(error.text)
    }
  }

  func validate() throws { try hostOptions.validate(host) }

  func perform() async throws {
    let address = try await hostOptions.address(of: host)
    try Self.lookForRoute(to: address, from: hostOptions.from)
    let loop = try currentLoop()
    let scanner = PortScanner(
      address: address, source: hostOptions.from, timeout: timeout,
      concurrency: min(concurrency, DescriptorLimit.room), rate: rate)
    var found: [ScannedPort] = []
    var progress = ProgressLine()
    let start = Deadline.now
    var failure: (any Error)?
    do {
      try await scanner.run(ports.ports, on: loop) { port in
        found.append(port)
        progress.show(found.count, of: ports.ports.count) { "\($0)" }
      }
    } catch {
      failure = error
    }
    progress.clear()
    found.sort { $0.port < $1.port }
    let nanoseconds = Deadline.now.nanoseconds &- start.nanoseconds
    ScanReport(host: host, address: address, showsAll: all).print(
      found, of: ports.ports.count, isJSON: output.json, nanoseconds: nanoseconds)
    if let failure { throw failure }
    if !found.contains(where: { $0.state == .open }) { throw ExitStatus.refused }
  }

  /// Where there is no way to a machine at all, its ports are not filtered.
  private static func lookForRoute(to address: IPAddress, from source: IPAddress?) throws {
    let socket = try MessageSocket(address.family)
    if let source { try socket.bind(to: .ip(source, port: .any)) }
    do throws(SocketError) {
      // Nothing is sent by this.
      try socket.connect(to: .ip(address, port: 9))
    } catch {
      throw CommandFailure("\(address): \(ProbeText.reason(error))")
    }
  }
}

/// Prints what a scan found.
struct ScanReport {
  let host: HostText
  let address: IPAddress
  let showsAll: Bool

  func print(_ found: [ScannedPort], of total: Int, isJSON: Bool, nanoseconds: Int64) {
    let shown = found.filter { showsAll || $0.state == .open }
    func count(_ state: PortState) -> Int { found.count { $0.state == state } }
    if isJSON {
      return Output.write(
        JSON.object([
          ("host", .string(host.text)), ("address", .string("\(address)")),
          ("open", .number(count(.open))), ("closed", .number(count(.closed))),
          ("filtered", .number(count(.filtered))),
          ("seconds", .decimal(Double(nanoseconds) / 1e9, digits: 3)),
          ("ports", .array(shown.map(Self.json))),
        ]).text)
    }
    let terminal = Terminal.standardOutput()
    var table = TextTable([.number(""), .text(""), .text(""), .text("")])
    for port in shown {
      let style: Style = port.state == .open ? .good : port.state == .closed ? .faint : .packet
      table.add([
        (String(port.port), .plain), (port.state.rawValue, style),
        (Self.service(port.port) ?? "", .plain), (port.reason ?? "", .faint),
      ])
    }
    if !shown.isEmpty { Output.write(table.lines(terminal), terminal) }
    guard Terminal.standardError().isTerminal else { return }
    Output.error(
      "\(address): \(count(.open)) open, \(count(.closed)) closed, \(count(.filtered)) filtered, "
        + (found.count < total ? "\(total - found.count) not tried, " : "")
        + "in \(CountText.time(Double(nanoseconds)))")
  }

  private static func service(_ port: UInt16) -> String? {
    // Minimal systems have no list of services.
    (try? Resolver.system.service(at: Port(port), protocolName: "tcp"))?.name
  }

  private static func json(_ port: ScannedPort) -> JSON {
    .object([
      ("port", .number(Int(port.port))), ("state", .string(port.state.rawValue)),
      ("service", .optional(service(port.port))), ("reason", .optional(port.reason)),
      ("milliseconds", .optional(port.milliseconds, digits: 3)),
    ])
  }
}
