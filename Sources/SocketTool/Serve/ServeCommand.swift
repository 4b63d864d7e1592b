// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import HTTPMessages
import Sockets
import SystemPackage

struct ServeCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the files of a folder to browsers (HTTP/1.1).",
    discussion: """
      Reads only, and only beneath the folder: the kernel resolves each path there
      (openat2), and what a symbolic link names outside is not found. Names that
      begin with a dot are neither listed nor served, but for /.well-known, unless
      --all says so; symbolic links within the folder that lead to such names are
      followed, and so are mounts beneath it. A folder with an index.html shows
      that, any other one a page of its files. A request for several ranges is
      answered with the whole file.

      Only this machine can connect unless --host says otherwise: --host 0.0.0.0 is
      every machine that reaches this one. At an address of this machine alone, only
      requests for localhost, names beneath it, addresses and the name that --host
      gives are answered; all others are 421, since any name of the Internet may be
      made to lead here. Pages of other sites cannot show what is served.

      A client is dropped when it takes less than 1 MiB in two minutes. SIGTERM and
      SIGINT end the server: answers that have begun are finished, for at most a
      second, and what it has then not sent is lost.

      With a terminal, each request is a line on standard error; --access-log writes
      them elsewhere, in the common log format, or with --json as objects of JSON.

      Examples:
        sockets serve
        sockets serve public --port 8000
        sockets serve public --host 0.0.0.0 --access-log access.log
        sockets serve . --port 0 --json --access-log -

      \(ExitStatus.helpOfServers)
      """)

  @Argument(help: "The folder to serve.", completion: .directory)
  var folder = "."

  @Option(name: .long, help: "The address, or the name of one, to listen at.")
  var host = "127.0.0.1"

  @Option(
    name: .long, help: "The port; 0 for one that is free. (default: 8080)",
    transform: ArgumentText.count(0...65535))
  var port = 8080

  @Option(
    name: .long,
    help:
      "Append a line for each request to this file; - is standard output. (default: - with --json; else a terminal behind standard error, or nowhere)",
    completion: .file())
  var accessLog: String?

  @Flag(name: .long, help: "Serve names that begin with a dot as well.")
  var all = false

  @OptionGroup var limit: ConnectionLimit

  @Option(
    name: .long,
    help: "The most connections of one address. (default: half of all, at most 10000)",
    transform: ArgumentText.count(1...1_000_000))
  var maxPerClient: Int?

  @Option(
    name: .long, help: "How long a client may take for a request's head. (default: 10s)",
    transform: ArgumentText.duration)
  var headTimeout = Duration.seconds(10)

  @Option(
    name: .long, help: "How long a client may stay between two requests. (default: 60s)",
    transform: ArgumentText.duration)
  var idleTimeout = Duration.seconds(60)

  @Flag(name: .long, help: "Write the lines of the access log as JSON.")
  var json = false

  @Option(
    name: .long, help: "How long to serve; without it, until a signal comes.",
    transform: ArgumentText.duration)
  var timeout: Duration?

  var timeLimit: Duration? { timeout }
  static let endsBySignal = true

  func perform() async throws {
    let descriptors = DescriptorLimit.raise() - Listener.extraDescriptorCount(.tcp)
    let served = try ServedFolder(folder, showsHidden: all)
    let log = try await openLog().map { try AccessLog($0, isJSON: json) }
    defer { log?.finish() }
    // Each connection may have a file open; the rest is for the process itself.
    let kept = min(512, descriptors / 16)
    let room = max(2, (descriptors - 24 - kept) / 2)
    let addresses = try await addresses()
    let address = addresses[0]
    let isLocal = address.ip?.address.isLoopback ?? false
    let server = FileServer(
      served, log: log, cache: FileCache(maximumCount: kept),
      deadlines: ServeDeadlines(head: headTimeout, idle: idleTimeout),
      maximumConnections: min(room, limit.maxConnections ?? 100_000),
      hosts: isLocal ? HostRule(named: host) : nil)
    let listener = try await Listener.bindOnManyLoops(to: address)
    let endpoint = try listener.localAddress()
    Output.error("listening on tcp://\(endpoint)")
    Output.error("serving \(folder) at http://\(endpoint)/")
    if addresses.count > 1 {
      let others = addresses.dropFirst().map { "\($0)" }.joined(separator: ", ")
      Output.error("sockets: \(host) has other addresses, where nobody listens: \(others)")
    }
    if !served.followsLinks {
      Output.error("sockets: symbolic links are not followed: that needs Linux 5.6 (openat2)")
    }
    let limits = ServingLimits(
      connections: server.maximumConnections,
      connectionsPerPeer: maxPerClient ?? min(10_000, max(1, server.maximumConnections / 2)),
      drain: .seconds(1), closing: .seconds(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      let loop = listener.loop
      group.addTask(executorPreference: loop) { await server.sweep(on: loop) }
      defer { group.cancelAll() }
      try await withTaskCancellationHandler {
        try await listener.serve(
          limits, onFailure: { Self.report($0, $1) }, onStatistics: { server.note($0) }
        ) { connection in
          try await server.serve(connection)
        }
      } onCancel: {
        server.drain()
      }
    }
    try await listener.close()
  }

  /// What a client did is its own affair; what the server lacks is told.
  private static func report(_ connection: Connection?, _ error: any Error) {
    guard connection == nil else { return }
    Output.error("sockets: \(error)")
  }

  /// Where to listen: at the first of them.
  private func addresses() async throws -> [SocketAddress] {
    let place = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    let endpoint: Endpoint
    do throws(AddressParseError) {
      endpoint = try Endpoint(parsing: "tcp://\(place):\(port)")
    } catch {
      throw ValidationError("--host: \(error)")
    }
    let addresses = try await Resolver.system.resolve(endpoint, deadline: .seconds(10))
    return Array(addresses)
  }

  /// Where the log goes, if there is one.
  private func openLog() async throws -> CInt? {
    guard let name = accessLog ?? (json ? "-" : nil) else {
      return TerminalDevice.isTerminal(2) ? 2 : nil
    }
    if name == "-" { return 1 }
    return try await OutputFile.open(name, .append).rawValue
  }
}
