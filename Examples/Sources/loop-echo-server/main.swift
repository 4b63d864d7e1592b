// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

do {
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "7000")
  let listener = try await Listener.bind(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())

  // A task for each client, all on one thread; each waits without holding it.
  try await listener.serve { connection in
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = try await connection.read(into: &buffer), count > 0 {
      try await connection.write(buffer[..<count])
    }
  }
} catch {
  print("loop-echo-server:", error)
  exit(1)
}
