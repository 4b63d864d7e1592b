// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

struct RelayCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "relay",
    abstract: "Listen at one endpoint and pass everything on to another, as it is or with faults.",
    discussion: """
      Each connection to FROM gets a connection to TO, of whatever family: a TCP client can reach \
      a Unix socket. Ends of streams and resets are passed on, each way by itself. Datagrams are \
      passed on to datagrams, with a session for each sender, and records (unix-packet) to \
      records. Runs until SIGTERM or Ctrl-C, and then says what it did; SIGUSR1 has it say so \
      meanwhile.

      Bytes go from socket to socket inside the kernel, unless a fault, --capture or --control \
      wants to see them.

      Faults hold for each direction of each connection by itself. A stream shows what a bad \
      network shows to a program: it is late, slow, in pieces, silent or reset. With --drop this \
      share of connections swallows all bytes, stays open, and passes on ends. With --corrupt \
      bytes change, as TCP would not have let them.

      The same seed gives the same faults to the same traffic: which connections and datagrams are \
      dropped, which bytes are changed, where pieces end. Connections count from one as they come.

      The control endpoint takes a command a line and answers each with a line of JSON:
        show
        set delay 200ms       or another fault, by its option; or off
        clear                 no faults any more; what waits goes at once
        stats

      A capture shows each connection between its client and FROM, as it was passed on, in packets \
      that are made up. Unix and vsock peers appear as 127.0.0.1, with a port for each connection.

      Examples:
        sockets relay 8080 /run/app.sock
        sockets relay tcp://*:5353 tcp://10.0.0.1:53 --max-connections 100
        sockets relay 8080 example.org:80 --capture web.pcapng
        sockets relay 5433 5432 --delay 100ms --jitter 30ms --rate 64K
        sockets relay udp://:5000 udp://10.0.0.1:5000 --drop 5% --seed 7
        sockets relay 6380 6379 --control /run/relay.ctl
        echo 'set delay 2s' | sockets connect /run/relay.ctl

      \(ExitStatus.helpOfServers)
      """)

  static let endsBySignal = true

  @Argument(
    help: "Where to listen: tcp://127.0.0.1:8080, a port of this machine, unix:/PATH, udp://:53.",
    transform: ArgumentText.listened)
  var from: Endpoint

  @Argument(help: "Whom to dial for each connection.", transform: ArgumentText.dialed)
  var to: Endpoint

  @Option(
    help: ArgumentHelp("Write what goes by to a file for Wireshark (pcapng).", valueName: "file"))
  var capture: String?

  @OptionGroup(title: "Faults")
  var faults: FaultOptions

  @Option(
    help: ArgumentHelp(
      "Where to take commands while running: a Unix path or a TCP port of this machine.",
      valueName: "endpoint"),
    transform: ArgumentText.listened)
  var control: Endpoint?

  @OptionGroup var limit: ConnectionLimit

  @Option(
    help: "How long connecting to TO may take. (default: 10s)", transform: ArgumentText.duration)
  var timeout = Duration.seconds(10)

  @Option(
    help: ArgumentHelp(
      "When a session of datagrams ends in which nothing comes. (default: 60s)",
      valueName: "duration"),
    transform: ArgumentText.duration)
  var idle: Duration?

  @Flag(help: "Print the statistics as JSON, a line each time, to standard output.")
  var json = false

  func validate() throws {
    let types: [SocketType] = [from.socketType, to.socketType]
    guard !types.contains(.raw) else {
      throw ValidationError("packets of a raw protocol cannot be relayed")
    }
    guard from.socketType == to.socketType else {
      throw ValidationError(
        "'\(from)' and '\(to)' do not carry the same: one knows borders that the other does not")
    }
    guard from != to || from.socketAddress?.ip?.port == .any else {
      throw ValidationError("'\(from)' would be relayed to itself")
    }
    if from.socketType == .datagram, faults.resetAfter != nil || faults.shortWrites {
      throw ValidationError("--reset-after and --short-writes are for streams")
    }
    if from.socketType == .sequencedPacket, faults.shortWrites {
      throw ValidationError("--short-writes is for streams: a record stays whole")
    }
    guard idle == nil || from.socketType == .datagram else {
      throw ValidationError("--idle is for datagrams")
    }
    if let control {
      guard control.socketType == .stream, control.transport.family != .vsock else {
        throw ValidationError("--control '\(control)' is not a Unix path or a TCP port")
      }
    }
  }

  func perform() async throws {
    let descriptors = DescriptorLimit.raise() - Listener.extraDescriptorCount(from.transport)
    let capacity = RelayCapacity(
      descriptors: descriptors, isDatagrams: from.socketType == .datagram)
    let file = try await openCapture()
    let seed = faults.seed ?? UInt64.random(in: 0..<1 << 32)
    let state = RelayState(
      target: to, timeout: timeout, seed: seed, faults: faults.settings,
      canSwitch: control != nil, capture: file, pipes: capacity.pipes)
    EndingSignals.onUserSignal {
      // The numbers come also when nobody takes the capture.
      _ = file?.flush(within: .seconds(1))
      tell(state)
    }
    if faults.settings.hasChance, faults.seed == nil { Output.error("seed \(seed)") }
    let relay = Relay(
      from: from, state: state, control: control,
      limit: min(limit.maxConnections ?? .max, capacity.connections),
      keepsOrder: limit.maxConnections != nil, idle: idle ?? .seconds(60),
      showsProgress: !json && TerminalDevice.isTerminal(2))
    var isWhole = true
    do {
      try await relay.run()
      if let file { isWhole = await file.finish() }
    } catch {
      if let file { isWhole = await file.finish() }
      guard error.isCancellation else { throw error }
    }
    tell(state)
    if !isWhole { throw ExitStatus.refused }
  }

  private func openCapture() async throws -> CaptureFile? {
    guard let capture else { return nil }
    return try await CaptureFile.open(capture)
  }

  private func tell(_ state: RelayState) {
    if json {
      Output.write(state.numbers.json(seed: state.seed).line)
    } else {
      Output.log("relay: \(state.numbers.text)")
    }
  }
}

/// The faults on the command line.
struct FaultOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("Hold everything back for so long.", valueName: "duration"),
    transform: ArgumentText.durationOrZero)
  var delay: Duration?

  @Option(
    help: ArgumentHelp(
      "Let the delay vary by so much, more or less; datagrams may overtake each other.",
      valueName: "duration"),
    transform: ArgumentText.durationOrZero)
  var jitter: Duration?

  @Option(
    help: ArgumentHelp("Pass on so many bytes a second (64K, 1M).", valueName: "bytes"),
    transform: FaultSettings.rate)
  var rate: Int?

  @Option(
    help: ArgumentHelp(
      "Lose this share of datagrams (5%); of streams, this share of connections goes silent.",
      valueName: "share"),
    transform: ArgumentText.share)
  var drop: Double?

  @Option(
    help: ArgumentHelp(
      "Reset a connection after so many bytes in one direction.", valueName: "bytes"),
    transform: ArgumentText.byteCount)
  var resetAfter: Int?

  @Option(
    help: ArgumentHelp("Change this share of the bytes.", valueName: "share"),
    transform: ArgumentText.share)
  var corrupt: Double?

  @Flag(help: "Pass streams on in pieces of 1 to 64 bytes; with --rate they arrive apart.")
  var shortWrites = false

  @Option(help: ArgumentHelp("From which all chance follows.", valueName: "n"))
  var seed: UInt64?

  /// What they mean together.
  var settings: FaultSettings {
    FaultSettings(
      delay: delay ?? .zero, jitter: jitter ?? .zero, rate: rate, drop: drop ?? 0,
      resetAfter: resetAfter, corrupt: corrupt ?? 0, hasShortWrites: shortWrites)
  }
}

/// How much a relay may take on, so that it never runs out of descriptors.
///
/// A connection has two, and four more for two pipes where the kernel moves the bytes: half of all are for pipes, and who gets none
/// is copied.
struct RelayCapacity: Equatable {
  /// How many connections, or sessions, at once.
  var connections: Int
  /// How many connections with pipes.
  var pipes: Int

  init(descriptors: Int, isDatagrams: Bool) {
    // Standard streams, loops, the listener, control connections, names that are being looked up, the capture.
    let free = max(4, descriptors - min(40, descriptors / 3))
    connections = isDatagrams ? free : max(1, free / 4)
    pipes = isDatagrams ? 0 : free / 8
  }
}
