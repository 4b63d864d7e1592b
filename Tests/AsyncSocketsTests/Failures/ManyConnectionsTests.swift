// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// What hooks were told, line by line.
final class FailureLog: Sendable {
  private let state = Guarded<[String]>([])

  func note(_ line: String) { state.withLock { $0.append(line) } }
  var lines: [String] { state.withLock { $0 } }
}

/// The figure F9: ten thousand connections, ended in every way, leave no descriptor and no task.
@Suite(.serialized) struct ManyConnections {
  /// `SOCKETS_ENDED_CONNECTIONS=100000` for the whole figure.
  private static let connections = Int(environment("SOCKETS_ENDED_CONNECTIONS") ?? "") ?? 10_000

  @Test(.tags(.slow), arguments: Setting.engines)
  func nothingIsLeftOfThem(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let address = try listener.localAddress()
      let served = Guarded(0)
      let server = Task(executorPreference: loop) {
        try await listener.serve(ServingLimits(closing: .milliseconds(50))) { connection in
          served.withLock { $0 += 1 }
          let bytes = try await connection.bytes(deadline: .patience)
          try await connection.write(bytes)
        }
      }
      let count = Self.connections / Setting.engines.count
      try await withThrowingTaskGroup { group in
        for worker in 0..<10 {
          group.addTask {
            for round in stride(from: worker, to: count, by: 10) {
              let client = try await Connection.connect(
                to: address, deadline: .patience, on: loop)
              switch round % 5 {
              case 0: try await client.reset()
              case 1: try await client.close()
              case 2:
                // Let go without a word: the loop closes it.
                try await client.write([1])
              case 3:
                await #expect(throws: SocketError.self) {
                  _ = try await client.bytes(deadline: .now)
                }
                try await client.closeGracefully(deadline: .patience)
              default:
                try await client.write([7])
                let answer = try await client.bytes(deadline: .patience)
                #expect(answer == [7])
                try await client.closeGracefully(deadline: .patience)
              }
            }
          }
        }
        try await group.waitForAll()
      }
      server.cancel()
      try await server.value
      try await listener.close()
      #expect(served.withLock { $0 } > count * 3 / 4)
      #expect(await loop.socketCount() == 0)
    }
  }
}
