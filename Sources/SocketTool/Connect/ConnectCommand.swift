// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets
import SystemPackage

struct ConnectCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Connect to a peer and join it to the terminal.",
    discussion: """
      What comes on standard input is sent, and what the peer sends is written to standard output, both at once. The \
      end of the input is passed on (half-close), and the command ends when the peer has ended as well. A peer that \
      ends first may still read: the input is sent to its end, or until the peer is seen to be gone, which with TCP only \
      a write tells. With --end-with-peer, and when the input is a terminal, the peer's end is the end. Datagrams have \
      no end: there it ends when the input has ended and the peer was silent for a second. Each read of the input is \
      one datagram.

      Scripts: the steps --send and --expect are done in their order. In their texts are \\n \\r \\t \\0 \\\\ and \\xHH \
      for any byte. With an --expect the input is not read: the command ends after the last step, or after a last --send \
      at the peer's end; 1 means that the peer ended first, 124 that it took too long.

      Examples:
        sockets connect example.org:80           type to a web server
        sockets connect 7000 < file              send a file
        sockets connect unix:/run/app --hex      see the bytes of both ways
        sockets connect 6379 --send 'PING\\r\\n' --expect '+PONG'
        sockets connect example.org:80 --option tcp.noDelay=true --timeout 5

      'sockets options' lists the options. \(ExitStatus.help)
      """)

  @Argument(
    help:
      "Whom to connect to: an endpoint such as tcp://host:80, or HOST:PORT, PORT, /PATH, @NAME.",
    transform: ArgumentText.dialed)
  var endpoint: Endpoint

  @Option(
    name: .long, help: "How long connecting may take, names included, for example 5 or 500ms.",
    transform: ArgumentText.duration)
  var timeout: Duration?

  @Option(
    name: .long, help: "Send a text, with escapes; before the input, or as a step; repeatable.",
    transform: ScriptStep.sent)
  var send: [ScriptStep] = []

  @Option(
    name: .long, help: "Wait until the peer has sent a text, with escapes; repeatable.",
    transform: ScriptStep.expected)
  var expect: [ScriptStep] = []

  @Option(
    name: .long, help: "How long each step of a script may take. (default: 30s)",
    transform: ArgumentText.duration)
  var expectTimeout: Duration = .seconds(30)

  @OptionGroup var joining: JoiningOptions

  @Option(
    name: .long,
    help: "The address of this side: ADDRESS, ADDRESS:PORT, :PORT, or a Unix path or @NAME.")
  var from: String?

  @Option(name: .long, help: "The network interface that all packets go by, for example eth0.")
  var interface: String?

  @Option(
    name: .long, help: "A socket option, for example tcp.noDelay=true; repeatable.",
    transform: OptionAssignment.parsed)
  var option: [OptionAssignment] = []

  func validate() throws {
    guard endpoint.transport.socketType != .raw else {
      throw ValidationError(
        "nobody can connect to \(endpoint.transport): it has no peers; see 'sockets ping'")
    }
    try joining.validate(for: endpoint.socketType)
    if let interface {
      guard endpoint.transport.isIP else {
        throw ValidationError(
          "--interface is for IP, which \(endpoint.transport) does not run over")
      }
      guard InterfaceIndex(name: interface) != nil else {
        throw ValidationError("this machine has no network interface '\(interface)'")
      }
    }
    for option in option { try option.check(for: endpoint) }
    _ = try setup().narrowed(endpoint)
  }

  private func setup() throws -> SocketSetup {
    SocketSetup(
      local: try from.map { try SocketSetup.localAddress($0, for: endpoint) },
      interface: interface, options: option)
  }

  func perform() async throws {
    let deadline = timeout.map { Deadline.after($0) } ?? .never
    let setup = try setup()
    let endpoint = try setup.narrowed(endpoint)
    do {
      if endpoint.socketType == .datagram {
        try await DialedDatagrams.withSocket(endpoint, setup, deadline) { try await talk(to: $0) }
      } else {
        try await DialedConnection.with(endpoint, setup, deadline) { try await talk(to: $0) }
      }
    } catch let error as SocketError
      where error.cause == .deadlinePassed && error.operation == .connect
    {
      let limit = DecimalText.seconds(timeout ?? .zero)
      throw CommandFailure(
        "connect to \(endpoint): no answer within \(limit)", ExitStatus.timedOut)
    }
  }

  private func talk(to peer: JoinedPeer) async throws {
    let pump = OutputPump(1, "standard output")
    let output = JoinedOutput(pump, hex: joining.hex)
    let steps = (send + expect).sorted { $0.place < $1.place }
    if !expect.isEmpty {
      var talk = ScriptedTalk(peer, output, limit: expectTimeout)
      return try await talk.run(steps)
    }
    let first = steps.compactMap { if case .send(let bytes) = $0.action { bytes } else { nil } }
    if let greeting = Greeting.line(peer.name) { Output.error(greeting) }
    let input = InputPump(
      0, "standard input", atMost: JoinedPeer.chunkByteCount(endpoint.socketType))
    try await Joint(
      peer, input, output, first: first, end: joining.endWithPeer ? .peer : .both,
      endsInSilence: true
    ).run()
  }
}
