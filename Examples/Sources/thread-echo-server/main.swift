// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "7000")
  let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())

  _ = try listener.serve(by: .threads(atMost: 100)) { connection, peer in
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = try connection.read(into: &buffer), count > 0 {
      try connection.write(buffer[..<count])
    }
  }
} catch {
  print("thread-echo-server:", error)
  exit(1)
}
