// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// An echo server of FlyingSocks: a pool by epoll, a task for each connection.
import FlyingSocks
import Foundation
import Glibc

let pool: some AsyncSocketPool = .make(maxEvents: 128, logger: .disabled)
try await pool.prepare()
let where_ = CommandLine.arguments[1]
let size = Int(CommandLine.arguments[2]) ?? 4096
try await withThrowingDiscardingTaskGroup { tasks in
  tasks.addTask { try await pool.run() }
  let socket: Socket
  if let port = UInt16(where_) {
    socket = try Socket(domain: AF_INET)
    try socket.setValue(true, for: .localAddressReuse)
    try socket.bind(to: .inet(ip4: "127.0.0.1", port: port))
  } else {
    socket = try Socket(domain: AF_UNIX)
    try socket.bind(to: .unix(path: where_))
  }
  try socket.listen(maxPendingConnection: 4096)
  let server = try AsyncSocket(socket: socket, pool: pool)
  for try await client in server.sockets {
    tasks.addTask {
      while let bytes = try? await client.read(atMost: size), !bytes.isEmpty {
        try? await client.write(Data(bytes))
      }
      try? client.close()
    }
  }
}
