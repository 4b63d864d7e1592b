// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

do {
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "7000")
  // A thread and a listening socket for each processor; the kernel spreads the clients between them.
  let loops = try EventLoopPool.shared.all()
  let listener = try await Listener.bind(to: .ipv4(.loopback, port: port), shardedOver: loops)
  print("listening on", try listener.localAddress())

  try await listener.serve(ServingLimits(connections: 10_000, idle: .seconds(60))) { connection in
    let number = loops.firstIndex { $0 === connection.loop } ?? 0
    for try await line in connection.lines() {
      try await connection.write("loop \(number): \(line)\n".utf8)
    }
  }
} catch {
  print("sharded-server:", error)
  exit(1)
}
