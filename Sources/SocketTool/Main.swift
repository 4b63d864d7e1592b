// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Glibc

/// Exit codes, the same for every command.
enum ExitStatus {
  /// The network, or a name service, said no.
  static let refused = ExitCode(1)
  /// The command line was wrong.
  static let usage = ExitCode(2)
  /// The time ran out.
  static let timedOut = ExitCode(124)

  /// The paragraph of every command's help.
  static let help =
    "Exit codes: 0 done, 1 the network said no, 2 usage, 124 timed out, 128 and a signal's number when one ended it."

  /// The same of a command that goes on until it is told to end.
  static let helpOfServers =
    help + " SIGTERM and Ctrl-C are how this one ends: 0, unless it was cut off after two seconds."
}

struct SocketsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sockets",
    abstract: "Talk, relay, serve, look and measure: sockets by one command.",
    discussion: """
      Examples:
        sockets listen 7000                    talk to whoever connects
        sockets connect 7000                   the other side
        sockets relay 7001 7000 --delay 50ms   a slow way to it
        sockets serve . --port 8000            the files here, for a browser
        sockets list --state listening         who listens on this machine
        sockets bench --self                   how fast this machine echoes
        sockets tour                           the life of every kind of socket, live
      \(ExitStatus.help)
      """,
    version: "0.1.0-dev",
    groupedSubcommands: [
      CommandGroup(
        name: "Talk",
        subcommands: [
          ListenCommand.self, ConnectCommand.self, RelayCommand.self, ServeCommand.self,
        ]),
      CommandGroup(
        name: "Look",
        subcommands: [
          ListCommand.self, ResolveCommand.self, PingCommand.self, TraceCommand.self,
          ScanCommand.self, WaitCommand.self,
        ]),
      CommandGroup(name: "Measure", subcommands: [BenchCommand.self]),
      CommandGroup(
        name: "Learn",
        subcommands: [
          TourCommand.self, SupportCommand.self, OptionsCommand.self, ErrorsCommand.self,
          EnginesCommand.self, ParseCommand.self, TourWorkerCommand.self,
        ]),
    ]
  )
}

/// Parses, runs, and turns every failure into one line on standard error and an exit code.
@main
enum Main {
  static func main() {
    StandardStreams.open()
    // The error is gone by the time that the process ends.
    let code = outcome()
    if !code.isSuccess { exit(code.rawValue) }
  }

  /// Runs the command, and tells why it failed if it did.
  private static func outcome() -> ExitCode {
    do {
      var command = try SocketsCommand.parseAsRoot()
      try command.run()
      try Output.check()
      return .success
    } catch let code as ExitCode {
      return code
    } catch {
      return tell(error)
    }
  }

  private static func tell(_ error: any Error) -> ExitCode {
    let code = SocketsCommand.exitCode(for: error)
    if let failure = error.asCommandFailure {
      Output.error("sockets: \(failure.text)")
      return failure.code
    }
    // Help that was asked for is an error, too, which the parser writes.
    guard code != .success else { SocketsCommand.exit(withError: error) }
    let line =
      UsageMessage.unknownCommand(CommandLine.arguments.dropFirst())
      ?? UsageMessage.line(SocketsCommand.message(for: error))
    Output.error("sockets: \(line)")
    return code == .validationFailure ? ExitStatus.usage : code
  }
}
