// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets
import SystemPackage

struct ListenCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Accept a peer and join it to the terminal, or serve many.",
    discussion: """
      One peer is accepted and joined to standard input and output, and the command ends when both have ended. A peer \
      that ends first may still read: the input is sent to its end, or until the peer is seen to be gone. With \
      --end-with-peer, and when the input is a terminal, the peer's end is the end. With --keep-open the next peer comes \
      when one has ended and the input is silent for half a second; what comes of it later is the next one's. With --echo, --discard, --chargen or --exec any number of peers are served \
      until SIGTERM. The place where it listens is told on standard error, as an endpoint for 'sockets connect'. A port \
      alone is one of the loopback address; all addresses are written tcp://*:PORT.

      Datagrams (udp://…, unix-datagram:…) have no connections: the first sender is the peer, and only a signal ends it. \
      Senders of datagrams can be forged, so that an --echo or --chargen can be made to answer somebody who did not ask, \
      or another such server, for ever: ports below 1024 get no answer, nobody gets more than \
      \(AnswerLimit.most) a second, and servers of the public are better without them.

      Examples:
        sockets listen 7000                               talk to whoever connects
        sockets listen 7000 --output file < /dev/null     receive a file
        sockets listen tcp://*:7000 --echo --access-log   echo for everybody
        sockets listen unix:/tmp/app --exec 'sort -u'     a process each
        sockets listen tcp://*:7000 --discard --allow 10.0.0.0/8

      A command of --exec has the socket as its standard input and output, and in its environment SOCKETS_PEER and \
      SOCKETS_LOCAL. After SIGTERM it reads what has come, then the end; after a second it is ended by SIGTERM itself.

      \(ExitStatus.help) A server, and whoever listens with --keep-open or to datagrams, is ended by \
      SIGTERM or Ctrl-C: 0, unless it had to be cut off after two seconds. What had come is answered, for a second at most.
      """)

  static let endsBySignal = true

  @Argument(
    help: "Where to listen: an endpoint such as tcp://127.0.0.1:7000, or PORT, /PATH, @NAME.",
    transform: ArgumentText.listened)
  var endpoint: Endpoint

  @Flag(name: .long, help: "Accept the next peer when one has ended.")
  var keepOpen = false

  @Flag(name: .long, help: "Send everything back (RFC 862).")
  var echo = false

  @Flag(name: .long, help: "Drop everything (RFC 863).")
  var discard = false

  @Flag(name: .long, help: "Send lines of characters without an end (RFC 864).")
  var chargen = false

  @Option(name: .long, help: "Run a shell command for each connection.")
  var exec: String?

  @OptionGroup var limit: ConnectionLimit

  @Option(
    name: .long, help: "Only peers of this network, 10.0.0.0/8, or this address; repeatable.",
    transform: ArgumentText.network)
  var allow: [IPPrefix] = []

  @Option(
    name: .long,
    help: "Only Unix peers of this user, whom the kernel verifies; name or number; repeatable.",
    transform: ArgumentText.user)
  var allowUser: [UInt32] = []

  @Option(name: .long, help: "Write what comes into this file, and not to standard output.")
  var output: String?

  @OptionGroup var joining: JoiningOptions

  @Flag(name: .long, help: "Write a line on standard error for each connection that has ended.")
  var accessLog = false

  @Flag(name: .long, help: "Write the lines on standard error as JSON.")
  var json = false

  @Option(
    name: .long,
    help: "How long to wait for a peer, and for a reader of an --output, for example 10 or 500ms.",
    transform: ArgumentText.duration)
  var timeout: Duration?

  var isEndedBySignal: Bool { action != nil || keepOpen || endpoint.socketType == .datagram }

  /// What is done with many peers; `nil` when one is joined to the terminal.
  private var action: ServedAction? {
    if let exec { return .command(exec) }
    return echo ? .echo : discard ? .discard : chargen ? .characters : nil
  }

  func validate() throws {
    let modes = [echo, discard, chargen, exec != nil].count { $0 }
    guard modes <= 1 else {
      throw ValidationError("--echo, --discard, --chargen and --exec exclude each other")
    }
    let isServer = modes == 1
    for (name, isGiven) in [
      ("--keep-open", keepOpen), ("--output", output != nil), ("--hex", joining.hex),
      ("--timeout", timeout != nil), ("--end-with-peer", joining.endWithPeer),
    ] where isGiven && isServer {
      throw ValidationError("\(name) is for one peer at a time, not for a server of many")
    }
    guard isServer || limit.maxConnections == nil else {
      throw ValidationError(
        "--max-connections is for --echo, --discard, --chargen and --exec: else one is served")
    }
    guard exec?.isEmpty != true else { throw ValidationError("--exec needs a command") }
    try validateTransport()
  }

  private func validateTransport() throws {
    let transport = endpoint.transport
    guard transport.socketType != .raw else {
      throw ValidationError(
        "nobody can listen at \(transport): it has no peers; see 'sockets ping'")
    }
    guard allow.isEmpty || transport.isIP else {
      throw ValidationError("--allow is for IP addresses, which \(transport) does not have")
    }
    let isUnixConnection = transport == .unix || transport == .unixPacket
    guard allowUser.isEmpty || isUnixConnection else {
      throw ValidationError(
        "--allow-user is for unix: and unix-packet:, whose peers the kernel knows")
    }
    guard transport.socketType != .datagram else {
      guard !keepOpen else {
        throw ValidationError("--keep-open is for connections: datagrams have no end")
      }
      try joining.validate(for: .datagram)
      guard exec == nil else { throw ValidationError("--exec needs a connection, not datagrams") }
      guard !accessLog || action == nil else {
        throw ValidationError("--access-log is for connections: each datagram is for itself")
      }
      guard limit.maxConnections == nil else {
        throw ValidationError("--max-connections is for connections, not for datagrams")
      }
      return
    }
  }

  func perform() async throws {
    let log = ListeningLog(hasAccessLog: accessLog, json: json)
    let admission = Admission(networks: allow, users: allowUser)
    let server = action.map {
      PeerServer(
        action: $0, transport: endpoint.transport, admission: admission, log: log,
        most: limit.maxConnections)
    }
    let plain = PlainListener(
      transport: endpoint.transport, admission: admission, log: log, keepsOpen: keepOpen,
      end: joining.endWithPeer ? .peer : keepOpen ? .silence : .both, output: output,
      hex: joining.hex, timeout: timeout)
    if endpoint.socketType == .datagram {
      try await BoundDatagrams.withSocket(endpoint) { socket in
        log.listening(PeerName.text(try socket.localAddress(), endpoint.transport))
        if let server { try await server.serve(socket) } else { try await plain.join(socket) }
      }
    } else {
      let deadline = Deadline.seconds(10)
      // Where connections wait for their turn they are served in the order in which they came, which one loop keeps.
      let listener =
        server == nil || limit.maxConnections != nil
        ? try await Listener.bind(to: endpoint, deadline: deadline)
        : try await Listener.bindOnManyLoops(to: endpoint, deadline: deadline)
      do {
        log.listening(PeerName.text(try listener.localAddress(), endpoint.transport))
        if let server { try await server.serve(listener) } else { try await plain.join(listener) }
      } catch {
        try? await listener.close()
        throw error
      }
      try await listener.close()
    }
  }
}
