// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

/// The worker's part: greets each client with its number, then sends back what comes.
func work(_ channel: borrowing WorkerChannel) throws {
  let number = channel.workerNumber
  _ = try channel.serve(by: .threads(atMost: 100)) { connection, peer in
    try connection.write("worker \(number)\n".utf8)
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = try connection.read(into: &buffer), count > 0 {
      try connection.write(buffer[..<count])
    }
  }
}

do {
  // The server starts this same program again, as its workers.
  if let channel = try WorkerChannel.fromEnvironment() {
    try work(channel)
    exit(0)
  }
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "7000")
  let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())
  let command = WorkerCommand(executable: "/proc/self/exe")
  _ = try listener.serve(byWorkers: 2, command: command)
} catch {
  print("worker-echo-server:", error)
  exit(1)
}
