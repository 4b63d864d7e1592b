// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// All whom this peer is connected to, whoever called whom.
actor Peers {
  private var connections: [ObjectIdentifier: Connection] = [:]

  func add(_ connection: Connection) { connections[ObjectIdentifier(connection)] = connection }
  func remove(_ connection: Connection) { connections[ObjectIdentifier(connection)] = nil }

  func tell(_ line: String) async {
    for connection in connections.values {
      // Who does not read for a second is left out, and does not hold up the others.
      try? await connection.write("\(line)\n".utf8, deadline: .seconds(1))
    }
  }
}

/// Prints what one peer says until it leaves; calling or called makes no difference.
func listen(to connection: Connection, _ peers: Peers) async throws {
  await peers.add(connection)
  do {
    for try await line in connection.lines(limit: 1024) { print(line) }
  } catch {
    print("a peer is gone:", error)
  }
  await peers.remove(connection)
}

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let name = arguments.first ?? "somebody"
  let port = try Port(parsing: arguments.count > 1 ? arguments[1] : "0")
  let others = try arguments.dropFirst(2).map { try Endpoint(parsing: $0) }
  let peers = Peers()
  let listener = try await Listener.bind(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())

  try await withThrowingTaskGroup { group in
    group.addTask { try await listener.serve { try await listen(to: $0, peers) } }
    for other in others {
      group.addTask {
        let connection = try await Connection.connect(to: other, deadline: .seconds(5))
        try await connection.closing { try await listen(to: $0, peers) }
      }
    }
    group.addTask {
      // Reading a terminal blocks its thread, which must not be a loop's: this task prefers none.
      while let line = readLine() { await peers.tell("\(name): \(line)") }
    }
    try await group.waitForAll()
  }
} catch {
  print("chat:", error)
  exit(1)
}
