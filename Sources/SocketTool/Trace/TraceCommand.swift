// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

struct TraceCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Show the routers on the way to a machine.",
    discussion: """
      Packets are sent that may pass one router, two, and so on; whoever drops one says so. By \
      UDP, the default, and by TCP that needs no rights; ICMP needs them as ping does. A star is \
      a packet of which nothing came back. Behind a time may stand why the way ends there: !N \
      network, !H host, !P protocol unreachable, !X forbidden, !F-1400 a packet of this size \
      does not fit, at most 1400 bytes do.

      Examples:
        sockets trace example.org
        sockets trace example.org --tcp --port 443 --names
        sockets trace ::1 --icmp --queries 1
        sockets trace 192.0.2.1 --size 1500 --max-hops 8
        sockets trace example.org --json | jq '.hops[].probes[0].from'

      Exit codes: 0 the machine answered, 1 it did not, 2 usage, 124 name servers did not answer \
      in time.
      """)

  @Argument(help: "A name or an address.", transform: ArgumentText.host)
  var host: HostText

  @Flag(name: .long, help: "Send echoes of ICMP.")
  var icmp = false

  @Flag(name: .long, help: "Begin connections of TCP.")
  var tcp = false

  @Option(
    name: .long,
    help: "The port of TCP, or the first one of UDP. (default: 80, or from 33434 on)",
    transform: ArgumentText.count(1...65535))
  var port: Int?

  @Option(
    name: .long, help: "Packets a hop. (default: 3)", transform: ArgumentText.count(1...10))
  var queries = 3

  @Option(
    name: .long, help: "The first hop to ask for. (default: 1)",
    transform: ArgumentText.count(1...255))
  var firstHop = 1

  @Option(
    name: .long, help: "The last hop to ask for. (default: 30)",
    transform: ArgumentText.count(1...255))
  var maxHops = 30

  @Option(
    name: .long, help: "How many packets may be on their way at once. (default: 18)",
    transform: ArgumentText.count(1...256))
  var concurrency = 18

  @Option(
    name: .long,
    help: "Bytes of a packet, which is never cut into fragments; not by TCP. (default: 60)",
    transform: ArgumentText.count(28...65535))
  var size: Int?

  @Option(
    name: .long, help: "How long to wait for what comes back to a packet. (default: 3.5s)",
    transform: ArgumentText.duration)
  var timeout = TraceCommand.defaultTimeout

  @Flag(name: .long, help: "Show the names of the routers as well.")
  var names = false

  @OptionGroup var hostOptions: HostOptions

  @OptionGroup var output: OutputOptions

  /// A router that looks for a machine in vain says so after three seconds.
  static let defaultTimeout = Duration.milliseconds(3500)

  func validate() throws {
    guard !(icmp && tcp) else { throw ValidationError("--icmp and --tcp exclude each other") }
    guard !(icmp && port != nil) else { throw ValidationError("ICMP has no ports") }
    guard !(tcp && size != nil) else {
      throw ValidationError("--size is for UDP and ICMP: what begins a connection has no data")
    }
    guard firstHop <= maxHops else {
      throw ValidationError("--first-hop is at most --max-hops, which is \(maxHops)")
    }
    try hostOptions.validate(host)
  }

  func perform() async throws {
    let target = try await hostOptions.address(of: host)
    let loop = try currentLoop()
    let method: TraceProbe.Method = icmp ? .icmp : tcp ? .tcp : .udp
    let probe = TraceProbe(
      method: method, target: target, source: hostOptions.from, port: port ?? (tcp ? 80 : 33434),
      packetSize: size ?? 60, timeout: timeout)
    let way = try await way(probe)
    var report = TraceReport(hasNames: names, isJSON: output.json)
    if !output.json { Output.write(heading(probe, way)) }
    let tracer = Tracer(
      probe: probe, hops: firstHop...maxHops, queries: queries,
      concurrency: min(concurrency, DescriptorLimit.room))
    let isReached: Bool
    do {
      isReached = try await tracer.run(on: loop) { hop, entries in
        try await report.tell(hop, entries)
      }
    } catch let error as SocketError where error.errno != nil && error.subject == .none {
      throw CommandFailure("\(target): \(ProbeText.reason(error))")
    }
    report.end(probe, host, way: way, isReached: isReached)
    // Who has seen enough did not wait for the end.
    try Output.check()
    if !isReached {
      throw CommandFailure(
        "\(host.described(target)): no answer from it, as far as hop \(report.lastHop)")
    }
  }

  /// How packets are sent, after a look at whether that is allowed.
  private func way(_ probe: TraceProbe) async throws -> String {
    guard probe.method == .icmp else { return probe.method.rawValue }
    do {
      let socket = try await EchoSocket.open(
        to: probe.target, EchoSocket.Settings(source: hostOptions.from))
      try await socket.socket.close()
      return socket.way.rawValue
    } catch let obstacle as EchoSocket.NotAllowed {
      throw obstacle.failure(probe.target, also: "or trace by UDP, without --icmp, or by --tcp")
    }
  }

  private func heading(_ probe: TraceProbe, _ way: String) -> String {
    let manner =
      switch probe.method {
      case .udp: "by UDP to ports from \(probe.port) on, \(probe.packetSize) bytes"
      case .tcp: "by TCP to port \(probe.port)"
      case .icmp:
        "by ICMP over \(way == "raw" ? "raw" : "unprivileged") sockets, \(probe.packetSize) bytes"
      }
    return "trace to \(host.described(probe.target)) \(manner), at most \(maxHops) hops\n"
  }
}
