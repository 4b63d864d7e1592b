// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let name = arguments.first ?? "agent"
  let manager = try Endpoint(parsing: arguments.count > 1 ? arguments[1] : "udp://127.0.0.1:7000")
  guard let address = manager.socketAddress else {
    throw SocketError(.connect, .wrongAddressFamily)
  }

  // An agent is known by the address that it sends from: on a Unix socket it must have one of its own.
  let own: SocketAddress =
    address.family == .unix ? .unix(.unnamed) : .ipv4(.any, port: .any)
  let socket = try await DatagramSocket.connect(to: address) { socket throws(SocketError) in
    try socket.bind(to: own)
  }
  try await socket.send("\(name) is here".utf8)

  // It answers when it is asked, and tells by itself what nobody could ask for.
  var count = 0
  for try await datagram in socket.datagrams(limit: 512) {
    let question = String(decoding: datagram.bytes, as: UTF8.self)
    guard question == "how are you?" else { continue }
    count += 1
    try await socket.send("\(name) is well, asked \(count) times".utf8)
    if count == 2 { try await socket.send("\(name) says: my disk is full".utf8) }
  }
} catch {
  print("agent:", error)
  exit(1)
}
