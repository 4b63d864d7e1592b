// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

struct WaitCommand: LoopCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Wait until somebody accepts connections: for scripts and containers.",
    discussion: """
      Each endpoint is tried again and again until a connection is accepted, which is closed at \
      once. Names that are not known yet and paths that do not exist yet are waited for as well. \
      Datagrams cannot be waited for: nobody accepts them. What follows -- is run instead of \
      this program when everybody has answered, and its exit code is its own.

      Examples:
        sockets wait tcp://db:5432
        sockets wait localhost:80 unix:/run/app.sock --timeout 30
        sockets wait 8080 --interval 50ms --quiet
        sockets wait db:5432 cache:6379 --timeout 5m -- ./server --port 80

      Exit codes: 0 all have answered, 1 it cannot be tried, 2 usage, 124 somebody never \
      answered, 126 or 127 the command cannot be run.
      """)

  @Argument(
    help: ArgumentHelp(
      "Whom to wait for: tcp://HOST:PORT, HOST:PORT, PORT, unix:PATH, vsock://CID:PORT. Behind -- "
        + "stands what to run afterwards.",
      valueName: "endpoint"))
  var words: [String]

  @Option(
    name: .long, help: "How long to wait for all of them together. (default: 1m)",
    transform: ArgumentText.duration)
  var timeout = Duration.seconds(60)

  @Option(
    name: .long, help: "How long from one attempt to the next; at least 1ms. (default: 250ms)",
    transform: ArgumentText.interval)
  var interval = Duration.milliseconds(250)

  @Flag(name: .long, help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup var output: OutputOptions

  /// What stands behind the first `--`, which the parser of arguments does not tell from what stands before it.
  private static let command = Array(
    CommandLine.arguments.drop { $0 != "--" }.dropFirst())

  private func endpoints() throws -> [WaitedEndpoint] {
    try words.dropLast(Self.command.count).map(Self.endpoint)
  }

  private static func endpoint(_ text: String) throws -> WaitedEndpoint {
    let endpoint = try ArgumentText.dialed(text)
    guard endpoint.socketType != .datagram, endpoint.socketType != .raw else {
      throw ValidationError(
        "\(endpoint): nobody accepts datagrams, so that nobody can tell whether they are taken; "
          + "wait for an endpoint of connections")
    }
    return WaitedEndpoint(endpoint: endpoint)
  }

  func validate() throws {
    let endpoints = try endpoints()
    guard !endpoints.isEmpty else { throw ValidationError("there is nobody to wait for") }
    guard endpoints.count <= 1000 else {
      throw ValidationError("\(endpoints.count) endpoints are too many: at most 1000")
    }
  }

  func perform() async throws {
    let loop = try currentLoop()
    // An attempt asks name servers, or tries several addresses of a name.
    let waiting = EndpointWait(
      interval: interval, deadline: .after(timeout), concurrency: max(1, DescriptorLimit.room / 4))
    let endpoints = try endpoints()
    var silent = endpoints.map { "\($0.endpoint)" }
    let results: [WaitedEndpoint.Outcome]
    do {
      results = try await waiting.run(endpoints, on: loop) { outcome in
        tell(outcome)
        guard outcome.milliseconds != nil else { return }
        silent.firstIndex(of: "\(outcome.endpoint.endpoint)").map { _ = silent.remove(at: $0) }
      }
    } catch {
      if error.isCancellation, !quiet {
        Output.error("no answer yet from " + silent.joined(separator: ", "))
      }
      throw error
    }
    if output.json { show(JSON.object([("endpoints", .array(results.map(\.json)))]).text) }
    let missing = results.filter { $0.milliseconds == nil }
    guard missing.isEmpty else {
      let names = missing.map { "\($0.endpoint.endpoint) (\($0.reason ?? "no answer"))" }
      throw CommandFailure(
        "timed out after \(DecimalText.seconds(timeout)): no answer from "
          + names.joined(separator: ", "), ExitStatus.timedOut)
    }
  }

  func finish() throws {
    guard let name = Self.command.first else { return }
    try ProcessReplacement.run(name, Self.command)
  }

  private func tell(_ result: WaitedEndpoint.Outcome) {
    guard !quiet, !output.json, let milliseconds = result.milliseconds else { return }
    let time = CountText.time(milliseconds * 1e6)
    show(Terminal.standardOutput().shown("\(result.endpoint.endpoint) answers after \(time)\n"))
  }

  /// Standard output is the command's, where there is one.
  private func show(_ text: String) {
    if Self.command.isEmpty { Output.write(text) } else { Output.errorText(text) }
  }
}

/// Somebody who is waited for.
struct WaitedEndpoint: Sendable {
  var endpoint: Endpoint

  /// What came of waiting.
  struct Outcome: Sendable {
    var endpoint: WaitedEndpoint
    /// When it answered; `nil` when it never did.
    var milliseconds: Double?
    /// Why the last attempt failed.
    var reason: String?
    var attempts: Int

    var json: JSON {
      .object([
        ("endpoint", .string("\(endpoint.endpoint)")), ("isAnswering", .bool(milliseconds != nil)),
        ("milliseconds", .optional(milliseconds, digits: 3)),
        ("attempts", .number(attempts)), ("reason", .optional(reason)),
      ])
    }
  }
}
