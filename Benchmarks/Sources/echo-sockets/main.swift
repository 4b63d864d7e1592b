// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// An echo server on our own loops: one loop, a task for each connection.
//
//   echo-sockets WHERE BUFFER [ENGINE] [sink] [spin=MICROSECONDS]
import AsyncSockets
import Sockets

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 2, let size = Int(arguments[2]) else {
  fatalError("usage: echo-sockets WHERE BUFFER [ENGINE] [sink] [spin=MICROSECONDS]")
}
let words = arguments.dropFirst(2)
let engine = words.lazy.compactMap { EngineKind(rawValue: $0) }.first
let spin = words.lazy.compactMap { $0.hasPrefix("spin=") ? Int64($0.dropFirst(5)) : nil }.first ?? 0
let isSink = words.contains("sink")

let loop = try EventLoop(
  EventLoop.Configuration(engine: engine, spin: .microseconds(spin)))
let address: SocketAddress =
  if let port = UInt16(arguments[1]) { .ipv4(.loopback, port: Port(port)) } else {
    try .unix(path: arguments[1])
  }
let listener = try await Listener.bind(to: address, on: loop)
try await listener.serve { connection in
  var buffer = [UInt8](repeating: 0, count: size)
  while case let count = try await connection.read(into: &buffer), count > 0 {
    if !isSink { try await connection.write(buffer[..<count]) }
  }
}
