// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// Moves bytes one way until they end, and passes the end on: the other way may go on for long.
func forward(_ source: Connection, to target: Connection) async throws {
  try await source.splice(to: target)
  try target.shutdown(.write)
}

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let port = try Port(parsing: arguments.first ?? "7001")
  let target = try Endpoint(parsing: arguments.count > 1 ? arguments[1] : "tcp://127.0.0.1:7000")
  let listener = try await Listener.bind(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())

  try await listener.serve(onFailure: { _, error in print("one client less:", error) }) { client in
    // On the client's loop, so that both ends are served by one thread.
    let server = try await Connection.connect(to: target, deadline: .seconds(5), on: client.loop)
    try await server.closing { server in
      async let there: Void = forward(client, to: server)
      async let back: Void = forward(server, to: client)
      _ = try await (there, back)
    }
  }
} catch {
  print("tcp-proxy:", error)
  exit(1)
}
