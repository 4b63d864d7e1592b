// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// An echo server on our own loops: a task for each connection.
//
//   echo-sockets WHERE BUFFER [ENGINE] [sink] [deadline] [idle] [spin=MICROSECONDS] [loops=COUNT]
//
//   sink      reads and answers nothing
//   deadline  each operation has a deadline, and its task can be cancelled by itself
//   idle      a connection has a buffer only while there is something in it
import AsyncSockets
import Sockets

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count >= 2, let size = Int(arguments[2]) else {
  fatalError("usage: echo-sockets WHERE BUFFER [ENGINE] [sink] [deadline] [idle] [spin=µs] [loops=COUNT]")
}
let words = arguments.dropFirst(2)

func number(_ name: String) -> Int? {
  words.lazy.compactMap { $0.hasPrefix(name + "=") ? Int($0.dropFirst(name.count + 1)) : nil }.first
}

let configuration = EventLoop.Configuration(
  engine: words.lazy.compactMap { EngineKind(rawValue: $0) }.first,
  spin: .microseconds(number("spin") ?? 0))
let isSink = words.contains("sink")

let address: SocketAddress =
  if let port = UInt16(arguments[1]) { .ipv4(.loopback, port: Port(port)) } else {
    try .unix(path: arguments[1])
  }
let loops = try (0..<(number("loops") ?? 1)).map { _ in try EventLoop(configuration) }
let listener =
  loops.count == 1
  ? try await Listener.bind(to: address, on: loops[0])
  : try await Listener.bind(to: address, shardedOver: loops)

if words.contains("deadline") {
  try await loops[0].run {
    try await withThrowingDiscardingTaskGroup { group in
      for try await connection in listener.connections {
        group.addTask(executorPreference: connection.loop) {
          var buffer = [UInt8](repeating: 0, count: size)
          while case let count = try await connection.read(into: &buffer, deadline: .seconds(60)), count > 0 {
            try await connection.write(buffer[..<count], deadline: .seconds(60))
          }
          try await connection.close()
        }
      }
    }
  }
} else if words.contains("idle") {
  try await listener.serve { connection in
    while true {
      try await connection.waitUntilReadable()
      var buffer = [UInt8](repeating: 0, count: size)
      let count = try await connection.read(into: &buffer)
      if count == 0 { return }
      try await connection.write(buffer[..<count])
    }
  }
} else {
  try await listener.serve { connection in
    var buffer = [UInt8](repeating: 0, count: size)
    while case let count = try await connection.read(into: &buffer), count > 0 {
      if !isSink { try await connection.write(buffer[..<count]) }
    }
  }
}
