// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets
import TestSupport
import Testing

/// How many system calls a server on a loop makes for each round trip, as strace counts them from outside.
@Suite(
  .blocking, .serialized, .requires(.program("strace")), .timeLimit(.minutes(5)))
struct ServerBudget {
  /// The calls for a round trip with 64 connections: on epoll one to receive, one to send, and a share of a wait.
  ///
  /// Fewer than the least would mean that not everything was watched.
  private static let budgets: [(engine: EngineKind, calls: ClosedRange<Double>)] = [
    (.epoll, 2...2.1), (.ioUring, 0.01...0.2),
  ]
  private static let engines = EngineKind.probe().filter { $0.obstacle == nil }.map(\.kind)
  private static let connections = 64
  private static let rounds = 50
  /// What is counted depends on how many messages the server finds at once, which a busy machine makes fewer: so one of these
  /// must keep the budget.
  private static let attempts = 5

  @Test(arguments: engines.filter { engine in budgets.contains { $0.engine == engine } })
  func aRoundTripTakesFewCalls(_ engine: EngineKind) throws {
    let budget = try #require(Self.budgets.first { $0.engine == engine }).calls
    let server = try LoopServers.Server(engine)
    let clients = try (0..<Self.connections).map { _ in try Client(server.address) }
    try Self.talk(clients, rounds: 10)
    var counts: [Double] = []
    while counts.count < Self.attempts, !counts.contains(where: budget.contains) {
      counts.append(try Self.callsForEachRoundTrip(of: server, clients))
    }
    #expect(counts.contains(where: budget.contains), "\(counts)")
    print("system calls for each round trip, \(engine), \(Self.connections) connections: \(counts)")
    for client in clients { try client.socket.shutdown(.write) }
    _ = try server.end()
  }

  private static func callsForEachRoundTrip(
    of server: LoopServers.Server, _ clients: [Client]
  ) throws -> Double {
    let process = server.process.processIdentifier
    let trace = try ChildProcess("strace", ["-c", "-f", "-p", "\(process)"])
    #expect(try settles { try server.tracedThreads() >= 2 })
    try talk(clients, rounds: rounds)
    kill(trace.processIdentifier, SIGINT)
    _ = try trace.waitForExit()
    // The last line has the sums: time in hundredths, seconds, microseconds a call, calls.
    let total = trace.text.split(separator: "\n").last { $0.hasSuffix("total") }
    let calls = total?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
    let count = try #require(calls, "\(trace.text)")
    return Double(count) / Double(connections * rounds)
  }

  /// All speak, and then all are answered.
  private static func talk(_ clients: [Client], rounds: Int) throws {
    let sent = [UInt8](repeating: 7, count: 64)
    var heard = [UInt8](repeating: 0, count: 64)
    for _ in 0..<rounds {
      for client in clients { try client.socket.write(sent, deadline: .patience) }
      for client in clients {
        try client.socket.read(exactlyInto: &heard, deadline: .patience)
        #expect(heard == sent)
      }
    }
  }

  /// A connection that an array can hold.
  private final class Client {
    let socket: ConnectedSocket
    init(_ address: SocketAddress) throws {
      socket = try ConnectedSocket.connected(to: address, deadline: .patience)
    }
  }
}

extension LoopServers.Server {
  /// How many of its threads are traced.
  fileprivate func tracedThreads() throws -> Int {
    let listing = try ChildProcess(
      "grep", ["-rhc", "^TracerPid:\t[1-9]", "--include=status", tasks])
    _ = try listing.waitForExit()
    return listing.text.split(separator: "\n").count { $0 == "1" }
  }
}
