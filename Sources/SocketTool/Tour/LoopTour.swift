// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// The lifecycle on event loops: on each engine that works here, over several carriers, with real data.
struct LoopTour: Sendable {
  /// How one engine did over one carrier.
  struct Result: Sendable {
    var engine: EngineKind
    var carrier: String
    /// The steps that were made, each with its time in nanoseconds.
    var steps: [(text: String, nanoseconds: Int64)] = []
    var verdict = TourVerdict.worked

    var json: JSON {
      .object([
        ("engine", .string(engine.description)), ("carrier", .string(carrier)),
        ("verdict", .string(verdict.name)), ("reason", .optional(verdict.reason)),
        (
          "steps",
          .array(
            steps.map {
              .object([("step", .string($0.text)), ("nanoseconds", .number(Int($0.nanoseconds)))])
            })
        ),
      ])
    }
  }

  /// What the tour leaves in its folder when it is ended from outside.
  static let fileNames = EngineKind.allCases.map { "loop-\($0)" }

  let folder: String
  /// How long the calls of one row may take.
  let rowLimit: Duration
  /// Where the story goes; `nil` for nowhere.
  let terminal: Terminal?

  /// Runs it; `nil` when it did not end in its time.
  func run() -> [Result]? {
    let pending = Pending<[Result]>()
    Task { pending.complete(await visitAll()) }
    return pending.wait(until: .after(rowLimit * 6))
  }

  private func visitAll() async -> [Result] {
    var results: [Result] = []
    say(
      "The same life on event loops: each step waits without holding a thread, and a task that waits goes on where its "
        + "socket is ready. Between the steps nothing is different from sockets tour: it is the same kernel."
    )
    for probe in EngineKind.probe() {
      guard probe.obstacle == nil else {
        say("\(probe.kind): \(probe.obstacle ?? "")")
        continue
      }
      for (carrier, address) in carriers(probe.kind) {
        let result = await visit(probe.kind, carrier, address)
        show(result)
        results.append(result)
      }
    }
    showTable(results)
    return results
  }

  private func carriers(_ kind: EngineKind) -> [(String, SocketAddress?)] {
    [
      ("tcp4", .ipv4(.loopback, port: .any)), ("tcp6", .ipv6(.loopback, port: .any)),
      ("unix", try? .unix(path: "\(folder)/loop-\(kind)")),
      ("udp4", .ipv4(.loopback, port: .any)),
    ]
  }

  private func visit(
    _ engine: EngineKind, _ carrier: String, _ address: SocketAddress?
  ) async -> Result {
    var result = Result(engine: engine, carrier: carrier)
    do {
      guard let address else { throw Failure("the path is too long") }
      let loop = try EventLoop(EventLoop.Configuration(engine: engine))
      defer { loop.shutDown() }
      try await loop.run {
        if carrier == "udp4" {
          try await datagrams(address, loop, &result)
        } else {
          try await stream(address, loop, &result)
        }
      }
    } catch {
      // What the plain tour excuses.
      let row = TourRow.all.first { $0.name == carrier }
      let excuse = (error as? SocketError).flatMap { row?.excuse(for: $0) }
      result.verdict = excuse ?? .failed(reason: "\(error)")
    }
    return result
  }

  /// Something went otherwise than it should.
  private struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private func stream(
    _ address: SocketAddress, _ loop: EventLoop, _ result: inout Result
  ) async throws {
    let deadline = Deadline.after(rowLimit)
    var clock = Lap()
    let listener = try await Listener.bind(to: address, on: loop)
    let place = try listener.localAddress()
    clock.note("server  Listener.bind(to: \(place))", &result)
    let client = try await Connection.connect(to: place, deadline: deadline, on: loop)
    clock.note("client  Connection.connect(to: \(place))", &result)
    let server = try await listener.accept(deadline: deadline)
    clock.note("server  listener.accept()", &result)
    let question = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await client.write(question, deadline: deadline)
    clock.note("client  connection.write(20000 bytes)", &result)
    var buffer = [UInt8](repeating: 0, count: question.count)
    try await server.read(exactlyInto: &buffer, deadline: deadline)
    guard buffer == question else { throw Failure("the server read other bytes than were sent") }
    clock.note("server  connection.read(exactlyInto:)  each byte as it was sent", &result)
    try await server.write("hello, client".utf8, deadline: deadline)
    let count = try await client.read(into: &buffer, deadline: deadline)
    guard buffer[..<count].elementsEqual("hello, client".utf8) else {
      throw Failure("the client read other bytes than were sent")
    }
    clock.note("client  connection.read(into:) = \(count)", &result)
    try client.shutdown(.write)
    guard try await server.read(into: &buffer, deadline: deadline) == 0 else {
      throw Failure("the end of the stream did not come")
    }
    clock.note("server  connection.read(into:) = 0, the end of the stream", &result)
    try await client.close()
    try await server.close()
    try await listener.close()
    clock.note("both    close()", &result)
  }

  private func datagrams(
    _ address: SocketAddress, _ loop: EventLoop, _ result: inout Result
  ) async throws {
    let deadline = Deadline.after(rowLimit)
    var clock = Lap()
    let server = try await DatagramSocket.bind(to: address, on: loop)
    let place = try server.localAddress()
    clock.note("server  DatagramSocket.bind(to: \(place))", &result)
    let client = try await DatagramSocket.connect(to: place, on: loop)
    try await client.send("ping".utf8, deadline: deadline)
    clock.note("client  socket.send(4 bytes)", &result)
    var buffer = [UInt8](repeating: 0, count: 100)
    let datagram = try await server.receive(into: &buffer, deadline: deadline)
    guard buffer[..<datagram.byteCount].elementsEqual("ping".utf8) else {
      throw Failure("the server received other bytes than were sent")
    }
    clock.note("server  socket.receive(into:) = 4, from \(datagram.sender)", &result)
    try await server.send("pong".utf8, to: datagram.sender, deadline: deadline)
    let answer = try await client.receive(into: &buffer, deadline: deadline)
    guard buffer[..<answer.byteCount].elementsEqual("pong".utf8) else {
      throw Failure("the client received other bytes than were sent")
    }
    clock.note("client  socket.receive(into:) = 4", &result)
    try await client.close()
    try await server.close()
    clock.note("both    close()", &result)
  }

  /// The time since the last step.
  private struct Lap {
    private var last = ContinuousClock.now

    mutating func note(_ text: String, _ result: inout Result) {
      let now = ContinuousClock.now
      result.steps.append((text, Int64((now - last) / .nanoseconds(1))))
      last = now
    }
  }

  // MARK: Output

  private func say(_ text: String) {
    guard let terminal else { return }
    Output.write(TextLayout.wrapped(text, width: terminal.width - 4).map { "  " + $0 }, terminal)
  }

  private func show(_ result: Result) {
    guard let terminal else { return }
    var lines = ["", terminal.styled("── \(result.engine), \(result.carrier)", .title)]
    for step in result.steps {
      let time = CountText.time(Double(step.nanoseconds))
      lines.append("  " + TextLayout.padded(step.text, terminal.width - 12) + " " + time)
    }
    if let reason = result.verdict.reason {
      let (mark, style): (String, Style) =
        result.verdict.isFailure ? ("✗", .bad) : ("–", .faint)
      lines += TextLayout.wrapped(reason, width: terminal.width - 6).map {
        "  " + terminal.styled("\(mark) " + $0, style)
      }
    }
    Output.write(lines, terminal)
  }

  private func showTable(_ results: [Result]) {
    guard let terminal else { return }
    let names = ["tcp4", "tcp6", "unix", "udp4"]
    var lines = [
      "", terminal.styled("── What loops can do here", .title), "",
      "  " + TextLayout.padded("engine", 12) + names.map { TextLayout.padded($0, 12) }.joined(),
    ]
    for engine in EngineKind.allCases {
      let cells = names.map { name -> String in
        let result = results.first { $0.engine == engine && $0.carrier == name }
        let text =
          switch result?.verdict {
          case .worked?: "✓ worked"
          case .failed?, .hung?: "✗ failed"
          case .missing?, .forbidden?, nil: "– missing"
          }
        return TextLayout.padded(text, 12)
      }
      lines.append("  " + TextLayout.padded("\(engine)", 12) + cells.joined())
    }
    let failed = results.count { $0.verdict.isFailure }
    let worked = results.count { $0.verdict == .worked }
    lines += ["", "  \(worked) worked, \(failed) failed."]
    Output.write(lines, terminal)
  }
}
