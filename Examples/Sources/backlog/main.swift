// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  // Port zero: the system chooses one that is free.
  let listener = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0)).listen()
  let address = try listener.localAddress()
  print("the server listens on   ", address)

  // Nobody has accepted anything yet, and still both calls succeed, and so do the writes.
  let first = try ConnectedSocket.connected(to: address)
  let second = try ConnectedSocket.connected(to: address)
  try first.write("I was first".utf8)
  try second.write("I was second".utf8)
  print("the first client is at  ", try first.localAddress())
  print("the second client is at ", try second.localAddress())

  for _ in 1...2 {
    var peer = SocketAddress()
    let connection = try listener.accept(from: &peer)
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = try connection.read(into: &buffer)
    print("accepted a connection at", try connection.localAddress(), "from", peer)
    print("  it says:", String(decoding: buffer[..<count], as: UTF8.self))
  }
} catch {
  print("backlog:", error)
  exit(1)
}
