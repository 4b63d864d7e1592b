// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

struct BenchCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure an echo server: throughput, latency, and what an operation costs.",
    discussion: """
      The server must send back what it gets; each answer is compared with what was sent, byte by byte. --self \
      starts such a server too, on a loop and a thread of its own.

      Without --rate each connection asks again as soon as it has been answered (a closed loop): that finds the \
      greatest throughput, but its latencies hide stalls, because nobody asks while the server is silent. With \
      --rate requests are due at fixed instants whatever the server does (an open loop), and their latency \
      counts from those: it is what clients would meet who do not know of one another. A connection has at \
      most --pipeline requests on their way; those that are due meanwhile wait, and their wait counts.

      Datagrams are numbered; one that is not back within --timeout is lost. On a stream an answer that takes \
      longer is an error, and the connection is opened again.

      What each name of --json means, Documentation/Bench.md says.

      Examples:
        sockets bench --self                          all by itself, over TCP
        sockets bench 127.0.0.1:7 --connections 64    a server that runs
        sockets bench --self unix:@bench --pipeline 16
        sockets bench 10.0.0.1:7 --rate 5000 --duration 1m --plot bench.svg
        sockets bench --self udp://:0 --rate 20000 --connections 4
        sockets bench --self --connect                connections a second
        sockets bench --self --stream both            bytes as fast as they go
        sockets bench --self --json | jq .latency.p99Nanoseconds

      Exit codes: 0 done, 1 nothing worked, was measured, or an answer was wrong, 2 usage, 124 nobody let it connect in time, 130 \
      interrupted (the report is of the time until then).
      """)

  @Argument(
    help: "Whom to measure; with --self where its server listens.", transform: ArgumentText.dialed)
  var endpoint: Endpoint?

  @Flag(name: .customLong("self"), help: "Start an echo server too, by default on loopback.")
  var isSelf = false

  @Option(
    help: "How many connections, or sockets for datagrams. (default: 1)",
    transform: ArgumentText.count(1...100_000))
  var connections = 1

  @Option(
    help: ArgumentHelp(
      "How many bytes a request has: 64, or 64K with --stream.", valueName: "bytes"),
    transform: ArgumentText.byteCount)
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "How many requests of a connection may be on their way at once. (default: 1)",
      valueName: "requests"),
    transform: ArgumentText.count(1...65_536))
  var pipeline = 1

  @Flag(help: "Measure connecting: connect, one request, close; with --size 0 no request.")
  var connect = false

  @Option(help: "Measure bytes as fast as they go: send, receive or both.")
  var stream: LoadPlan.Direction?

  @Option(
    help: ArgumentHelp("How many requests are due in a second, in all.", valueName: "requests"),
    transform: BenchCommand.rate)
  var rate: Double?

  @Option(help: "How long to measure. (default: 5s)", transform: ArgumentText.duration)
  var duration = Duration.seconds(5)

  @Option(
    help: "How long to run before that. (default: 500ms)", transform: ArgumentText.durationOrZero)
  var warmup = Duration.milliseconds(500)

  @Option(
    help: "How long connecting and each answer may take, each by itself. (default: 2s)",
    transform: ArgumentText.duration)
  var timeout = Duration.seconds(2)

  @Option(
    help: ArgumentHelp(
      "How far apart the points of throughput over time are: a sixtieth of the whole.",
      valueName: "time"),
    transform: ArgumentText.duration)
  var interval: Duration?

  @Option(
    help: "How many threads, a loop on each, share the connections. (default: 1)",
    transform: ArgumentText.count(1...256))
  var loops = 1

  @Option(help: "What the random bytes come from.")
  var seed: UInt64 = 1

  @Option(
    help: "How loops wait: epoll, io_uring or poll; see sockets engines.",
    transform: BenchCommand.engine)
  var engine: EngineKind?

  @Option(
    help: ArgumentHelp("Draw throughput and latency into a file.", valueName: "file.svg"))
  var plot: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard endpoint != nil || isSelf else {
      throw ValidationError("whom to measure is missing: an ENDPOINT, or --self")
    }
    guard !(connect && stream != nil) else {
      throw ValidationError("--connect and --stream exclude each other")
    }
    if connect || stream != nil, pipeline > 1 {
      throw ValidationError("--pipeline goes with neither --connect nor --stream")
    }
    if stream != nil, rate != nil {
      throw ValidationError("--rate does not go with --stream, which is as fast as it can be")
    }
    if let interval {
      guard duration / interval <= 100_000 else {
        throw ValidationError("--interval is too short: more than 100000 points")
      }
    }
    try checkKind(target.transport)
    try checkSize(plan)
  }

  private func checkKind(_ transport: Transport) throws {
    switch transport.socketType {
    case .datagram:
      guard !connect, stream == nil else {
        throw ValidationError(
          "--connect and --stream need connections, which datagrams have none of")
      }
    case .raw:
      throw ValidationError("\(transport) carries no requests: measure it with sockets ping")
    case .stream: break
    default:
      guard stream == nil else { throw ValidationError("--stream needs a stream") }
    }
  }

  private func checkSize(_ plan: LoadPlan) throws {
    let range =
      switch plan.mode {
      case .datagrams: DatagramPeer.headerByteCount...65_507
      case .connect: 0...1 << 26
      default: 1...1 << 26
      }
    guard range.contains(plan.size) else {
      throw ValidationError(
        "--size is from \(range.lowerBound) to \(range.upperBound) bytes here")
    }
    guard plan.size * plan.window <= 1 << 26 || plan.window == 1 else {
      throw ValidationError("--size times --pipeline is at most 64M")
    }
    guard plan.memoryByteCount <= LoadPlan.mostMemory else {
      throw ValidationError(
        "so many connections with so much on their way take about "
          + "\(ByteText.count(plan.memoryByteCount)) of memory; at most "
          + "\(ByteText.count(LoadPlan.mostMemory)) are taken")
    }
  }

  private var target: Endpoint { endpoint ?? Self.loopback }

  /// Where the server of --self listens when nothing else is said.
  private static let loopback: Endpoint = "tcp://127.0.0.1:0"

  /// The plan that the options make.
  var plan: LoadPlan {
    let isDatagram = target.socketType == .datagram
    let mode: LoadPlan.Mode =
      isDatagram ? .datagrams : connect ? .connect : stream != nil ? .stream : .exchange
    var plan = LoadPlan(mode: mode)
    plan.direction = stream ?? .both
    plan.connections = connections
    plan.size = size ?? (mode == .stream ? LoadPlan.pieceByteCount : 64)
    plan.window = pipeline
    plan.rate = rate
    plan.duration = duration
    plan.warmUp = warmup
    plan.timeout = timeout
    plan.interval = interval ?? max(duration / 60, .milliseconds(20))
    plan.loops = min(loops, connections)
    plan.seed = seed
    return plan
  }

  func perform() async throws {
    let setting = BenchSetting(plan: plan, endpoint: target, hasServer: isSelf, engine: engine)
    // A path that cannot be written is told before the time is spent.
    let file = if let plot { try await BenchPlot.File.open(plot) } else { BenchPlot.File?.none }
    var line = ProgressLine(after: .zero, every: .milliseconds(100))
    let result = try await BenchRun(setting: setting).measure { _, result in
      line.draw { BenchReport.progress(result, $0) }
    }
    line.clear()
    if output.json {
      Output.write(result.json.text)
    } else {
      Output.write(BenchReport(result: result, terminal: .standardOutput()).text)
    }
    try await file?.write(BenchPlot(result: result))
    if let failure = result.failure { throw CommandFailure(failure) }
    if result.isEarly { throw CancellationError() }
  }

  private static func rate(_ text: String) throws -> Double {
    guard let rate = ArgumentText.number(text[...]), rate >= 0.001, rate <= 1e8 else {
      throw ValidationError(
        "'\(text)' is no rate; wanted are requests a second, 0.001 to 100000000")
    }
    return rate
  }

  private static func engine(_ text: String) throws -> EngineKind {
    guard let kind = EngineKind(rawValue: text) else {
      throw ValidationError("'\(text)' is no engine: epoll, io_uring or poll")
    }
    return kind
  }
}

extension LoadPlan.Direction: ExpressibleByArgument {}
