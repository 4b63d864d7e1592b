// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

struct PingCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping",
    abstract: "Ask whether a machine answers, and how fast.",
    discussion: """
      Echoes of ICMP are sent by a datagram socket where the system allows it \
      (net.ipv4.ping_group_range), by a raw socket where that is allowed (CAP_NET_RAW), and \
      else, with --port, by connections of TCP: one that is accepted or refused is an answer. \
      The first line says which. Without --count it goes on until Ctrl-C, which prints the \
      statistics as well. An answer that comes after its time is counted and called late.

      Examples:
        sockets ping localhost --count 3
        sockets ping example.org --count 5 --port 443
        sockets ping 192.0.2.1 --tcp --port 22 --interval 200ms
        sockets ping ::1 --count 1 --size 1400 --ttl 4
        sockets ping example.org --count 3 --json | tail -n 1 | jq .loss

      --json prints one object a line: {"event": "start"}, then "reply", "error" and "timeout" \
      as they come, at last "statistics".

      Exit codes: 0 at least one answer, 1 none or not allowed, 2 usage, 124 name servers did \
      not answer in time.
      """)

  @Argument(help: "A name or an address.", transform: ArgumentText.host)
  var host: HostText

  @Option(
    name: .shortAndLong, help: "How many requests to send; without it, until Ctrl-C.",
    transform: ArgumentText.count(1...1_000_000_000))
  var count: Int?

  @Option(
    name: .long, help: "How long from one request to the next; at least 1ms. (default: 1s)",
    transform: ArgumentText.interval)
  var interval = Duration.seconds(1)

  @Option(
    name: .long, help: "Bytes of data in a request. (default: 56)",
    transform: ArgumentText.count(0...65507))
  var size = 56

  @Option(
    name: .long, help: "How many routers a request may pass. (default: the system's)",
    transform: ArgumentText.count(1...255))
  var ttl: Int?

  @Option(
    name: .long, help: "How long to wait for an answer. (default: 3.5s)",
    transform: ArgumentText.duration)
  var timeout = TraceCommand.defaultTimeout

  @Flag(name: .long, help: "Never let requests be cut into fragments on their way.")
  var whole = false

  @Option(
    name: .long, help: "Where ICMP is not allowed, connect to this TCP port instead.",
    transform: ArgumentText.count(1...65535))
  var port: Int?

  @Flag(name: .long, help: "Connect by TCP even where ICMP is allowed; to --port, or 80.")
  var tcp = false

  @OptionGroup var hostOptions: HostOptions

  @Flag(name: .long, help: "Print only the first line and the statistics.")
  var quiet = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !(tcp && whole) else {
      throw ValidationError("--whole is for ICMP: connections of TCP have no size")
    }
    try hostOptions.validate(host)
  }

  func perform() async throws {
    let address = try await hostOptions.address(of: host)
    let settings = PingSettings(
      count: count, interval: interval, size: size, timeout: timeout,
      socket: EchoSocket.Settings(
        source: hostOptions.from, timeToLive: ttl, pathMTU: whole ? .always : nil))
    if tcp { return try await connect(address, settings, port ?? 80, because: "") }
    let socket: EchoSocket
    do {
      socket = try await EchoSocket.open(to: address, settings.socket)
    } catch let obstacle as EchoSocket.NotAllowed {
      guard let port else {
        throw obstacle.failure(address, also: "or ask by TCP, with --port")
      }
      return try await connect(address, settings, port, because: ", as ICMP is not allowed")
    }
    let kind = socket.way == .datagram ? "an unprivileged" : "a raw"
    let report = PingReport(
      target: host, address: address, way: socket.way.rawValue,
      wayText: "by ICMP over \(kind) socket, \(size) bytes of data", isJSON: output.json,
      isQuiet: quiet)
    report.begin()
    let start = Deadline.now
    var ping = EchoPing(settings, socket, report)
    try await finish(report, start) {
      try await ping.run()
    } statistics: {
      ping.statistics
    }
  }

  private func connect(
    _ address: IPAddress, _ settings: PingSettings, _ port: Int, because reason: String
  ) async throws {
    let loop = try currentLoop()
    let report = PingReport(
      target: host, address: address, way: "tcp",
      wayText: "by connections to TCP port \(port)\(reason)", isJSON: output.json, isQuiet: quiet)
    report.begin()
    let start = Deadline.now
    let target = SocketAddress.ip(address, port: Port(UInt16(clamping: port)))
    var ping = ConnectPing(settings, target, report)
    try await finish(report, start) {
      try await ping.run(on: loop)
    } statistics: {
      ping.statistics
    }
  }

  /// Asks, and prints the statistics however that ends.
  private func finish(
    _ report: PingReport, _ start: Deadline, _ ask: () async throws -> Void,
    statistics: () -> PingStatistics
  ) async throws {
    var failure: (any Error)?
    do { try await ask() } catch { failure = error.isCancellation ? nil : error }
    report.end(statistics(), nanoseconds: Deadline.now.nanoseconds &- start.nanoseconds)
    if let failure { throw failure }
    if statistics().received == 0 { throw ExitStatus.refused }
  }
}
