// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What somebody at a terminal is told when a peer is there.
enum Greeting {
  /// The line; `nil` where standard input or standard error is no terminal: nobody types there, or nobody reads.
  static func line(_ peer: String) -> String? {
    guard TerminalDevice.isTerminal(0), TerminalDevice.isTerminal(2) else { return nil }
    return Terminal.standardError().styled(
      "connected to \(peer); ctrl-D ends what you send", .faint)
  }
}
