// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

/// Sends back what comes until the client has no more to say.
func echo(_ connection: borrowing ConnectedSocket) throws {
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = try connection.read(into: &buffer)
    if count == 0 { return }
    try connection.write(buffer[..<count])
  }
}

do {
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "7000")
  let socket = try Socket(.ipv4, .stream)
  try socket.setOption(.reuseAddress, to: true)
  let listener = try socket.bind(to: .ipv4(.loopback, port: port)).listen()
  print("listening on", try listener.localAddress())

  while true {
    let connection = try listener.accept()
    do {
      try echo(connection)
    } catch {
      print("one client less:", error)
    }
    try connection.close()
  }
} catch {
  print("tcp-echo-server:", error)
  exit(1)
}
