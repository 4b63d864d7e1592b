// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let arguments = CommandLine.arguments.dropFirst()
  let port = try Port(parsing: arguments.first ?? "7000")
  // `cat` copies its standard input to its standard output: it is an echo server already.
  let program = Array(arguments.dropFirst())
  let command = WorkerCommand(
    executable: .init(program.first ?? "/bin/cat"), arguments: Array(program.dropFirst()))

  let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())
  _ = try listener.serve(byProcess: command, atMost: 100)
} catch {
  print("process-echo-server:", error)
  exit(1)
}
