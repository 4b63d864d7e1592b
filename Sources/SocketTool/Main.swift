// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser

@main
struct SocketsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sockets",
    abstract: "Sockets, live: see them, learn them, ask the system about them.",
    subcommands: []
  )
}
