// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser

/// Exit codes, the same for every command.
enum ExitStatus {
  /// The network, or a name service, said no.
  static let refused = ExitCode(1)
  /// The command line was wrong.
  static let usage = ExitCode(2)
  /// The time ran out.
  static let timedOut = ExitCode(124)

  /// The paragraph of every command's help.
  static let help = "Exit codes: 0 done, 1 the network said no, 2 usage, 124 timed out."
}

struct SocketsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sockets",
    abstract: "Sockets, live: see them, learn them, ask the system about them.",
    discussion: """
      Examples:
        sockets listen 7000              talk to whoever connects
        sockets connect 7000             the other side
        sockets tour                     the life of every kind of socket, live
        sockets tour --only tcp4         one kind
        sockets support                  what this machine can do
        sockets options --find buffer    the options with a word in their names
      \(ExitStatus.help)
      """,
    subcommands: [
      ListenCommand.self, ConnectCommand.self,
      TourCommand.self, SupportCommand.self, OptionsCommand.self, ErrorsCommand.self,
      EnginesCommand.self, ResolveCommand.self,
      ParseCommand.self, TourWorkerCommand.self,
    ]
  )
}

/// Parses, runs, and turns every failure into one line on standard error and an exit code.
@main
enum Main {
  static func main() {
    StandardStreams.open()
    do {
      var command = try SocketsCommand.parseAsRoot()
      try command.run()
      try Output.check()
    } catch let code as ExitCode {
      SocketsCommand.exit(withError: code)
    } catch {
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    let code = SocketsCommand.exitCode(for: error)
    if let failure = error.asCommandFailure {
      Output.error("sockets: \(failure.text)")
      SocketsCommand.exit(withError: failure.code)
    }
    guard code != .success else { SocketsCommand.exit(withError: error) }
    let text = SocketsCommand.message(for: error)
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? text
    Output.error("sockets: \(line)")
    SocketsCommand.exit(withError: code == .validationFailure ? ExitStatus.usage : code)
  }
}
