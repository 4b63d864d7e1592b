// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// What a server promises its clients, its operator, and itself.
@Suite(.serialized, .timeLimit(.minutes(10))) struct Serving {
  /// What the hooks were told.
  private final class Log: Sendable {
    private let state = Guarded((failures: [String](), statistics: ServingStatistics()))

    func fail(_ error: any Error) { state.withLock { $0.failures.append("\(error)") } }
    func note(_ statistics: ServingStatistics) { state.withLock { $0.statistics = statistics } }
    var failures: [String] { state.withLock { $0.failures } }
    var statistics: ServingStatistics { state.withLock { $0.statistics } }
  }

  private struct Refused: Error {}

  /// Reads elsewhere than on the loop.
  private actor Elsewhere {
    func bytes(of connection: Connection) async throws -> [UInt8] {
      try await connection.bytes(deadline: .never)
    }
  }

  /// Runs a body beside a server, which is cancelled and must have ended when the call returns.
  private func serving(
    _ engine: EngineKind, _ limits: ServingLimits = ServingLimits(), _ log: Log = Log(),
    handler: @escaping @Sendable (Connection) async throws -> Void,
    _ body: (SocketAddress, EventLoop, () -> Void) async throws -> Void
  ) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: false, isReversed: false)
    var limits = limits
    limits.closing = .seconds(120)
    try await setting.run { [limits] loop in
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let address = try listener.localAddress()
      let server = Task {
        try await listener.serve(
          limits, onFailure: { _, error in log.fail(error) }, onStatistics: log.note, handler)
      }
      try await body(address, loop) { server.cancel() }
      server.cancel()
      try await server.value
      try await listener.close()
      #expect(log.statistics.active == 0)
    }
  }

  private static func echo(_ connection: Connection) async throws {
    while case let bytes = try await connection.bytes(deadline: .never), !bytes.isEmpty {
      try await connection.write(bytes)
    }
  }

  private func connect(_ address: SocketAddress, _ loop: EventLoop) async throws -> Connection {
    try await Connection.connect(to: address, deadline: .patience, on: loop)
  }

  @Test(arguments: Setting.engines)
  func aHandlerThatThrowsEndsItsConnectionOnly(_ engine: EngineKind) async throws {
    let log = Log()
    try await serving(engine, ServingLimits(), log) { connection in
      let bytes = try await connection.bytes(deadline: .never)
      if bytes == [0] { throw Refused() }
      try await connection.write(bytes)
    } _: { address, loop, _ in
      let good = try await connect(address, loop)
      let bad = try await connect(address, loop)
      try await bad.write([0])
      #expect(try await bad.bytes() == [])
      try await good.write([7])
      #expect(try await good.bytes() == [7])
      try await good.closeGracefully()
      try await bad.close()
    }
    #expect(log.failures == ["Refused()"])
    #expect(log.statistics.accepted == 2 && log.statistics.failed == 1)
  }

  @Test(arguments: Setting.engines)
  func noMoreAreServedAtOnceThanAllowed(_ engine: EngineKind) async throws {
    let log = Log()
    try await serving(engine, ServingLimits(connections: 2), log, handler: Self.echo) {
      address, loop, _ in
      let first = try await connect(address, loop)
      let second = try await connect(address, loop)
      // It waits in the backlog until one of the others has gone.
      let third = try await connect(address, loop)
      for client in [first, second] {
        try await client.write([1])
        #expect(try await client.bytes() == [1])
      }
      try await third.write([3])
      await #expect(throws: SocketError(.read, .deadlinePassed)) {
        _ = try await third.bytes(deadline: .milliseconds(20))
      }
      try await first.close()
      #expect(try await third.bytes() == [3])
      #expect(log.statistics.accepted == 3)
      try await second.close()
      try await third.close()
    }
  }

  @Test(arguments: Setting.engines)
  func noMoreAreServedOfOnePeerThanAllowed(_ engine: EngineKind) async throws {
    let log = Log()
    try await serving(engine, ServingLimits(connectionsPerPeer: 1), log, handler: Self.echo) {
      address, loop, _ in
      let first = try await connect(address, loop)
      try await first.write([1])
      #expect(try await first.bytes() == [1])
      let second = try await connect(address, loop)
      #expect(try await second.bytes() == [])
      try await first.closeGracefully(deadline: .patience)
      let third = try await connect(address, loop)
      try await third.write([3])
      #expect(try await third.bytes() == [3])
      #expect(log.statistics.refused == 1)
      try await second.close()
      try await third.close()
    }
  }

  @Test(arguments: Setting.engines)
  func anIdlePeerAndALongConnectionEnd(_ engine: EngineKind) async throws {
    let log = Log()
    try await serving(engine, ServingLimits(idle: .milliseconds(20)), log, handler: Self.echo) {
      address, loop, _ in
      let client = try await connect(address, loop)
      #expect(try await client.bytes() == [])
      try await client.close()
    }
    #expect(log.failures == ["read: the deadline passed"])
    let total = Log()
    try await serving(engine, ServingLimits(total: .milliseconds(30)), total, handler: Self.echo) {
      address, loop, _ in
      let client = try await connect(address, loop)
      let error = await #expect(throws: SocketError.self) {
        // It is never idle, and ends all the same.
        while true {
          try await client.write([1])
          guard try await !client.bytes().isEmpty else { throw SocketError(.read, .endOfStream) }
        }
      }
      #expect(error?.cause == .endOfStream || error?.errno != nil)
      try await client.close()
    }
    #expect(total.failures.count == 1)
  }

  @Test(arguments: Setting.engines)
  func aConnectionEndsThoughItsPeerIsAlwaysFaster(_ engine: EngineKind) async throws {
    let log = Log()
    let handler: @Sendable (Connection) async throws -> Void = { connection in
      // Each read finds something, each write finds room.
      while try await !connection.bytes(atMost: 1, deadline: .never).isEmpty {}
    }
    try await serving(engine, ServingLimits(total: .milliseconds(50)), log, handler: handler) {
      address, loop, _ in
      let client = try await connect(address, loop)
      await #expect(throws: SocketError.self) {
        while true { try await client.write([UInt8](repeating: 0, count: 65536)) }
      }
      try await client.close()
    }
    #expect(log.failures == ["read: the deadline passed"])
  }

  @Test(arguments: Setting.engines)
  func aListenerThatIsClosedEndsAServerThatWaitsForRoom(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: false, isReversed: false)
    try await setting.run { loop in
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let address = try listener.localAddress()
      let server = Task {
        try await listener.serve(
          ServingLimits(connections: 1, drain: .milliseconds(1)), Self.echo)
      }
      let client = try await connect(address, loop)
      try await client.write([1])
      #expect(try await client.bytes() == [1])
      // Its only place is taken, and stays so.
      try await listener.close()
      await #expect(throws: SocketError(.accept, .closed)) { try await server.value }
      try await client.close()
    }
  }

  @Test(arguments: Setting.engines)
  func aShardedListenerServesNoMoreThanAllowed(_ engine: EngineKind) async throws {
    let loops = try (0..<3).map { _ in
      try EventLoop(EventLoop.Configuration(engine: engine))
    }
    defer { for loop in loops { loop.shutDown() } }
    let listener = try await Listener.bind(
      to: .ipv4(.loopback, port: .any), shardedOver: loops)
    let address = try listener.localAddress()
    let most = Guarded((now: 0, ever: 0))
    let server = Task {
      try await listener.serve(ServingLimits(connections: 2, closing: .seconds(120))) {
        connection in
        most.withLock {
          $0.now += 1
          $0.ever = max($0.ever, $0.now)
        }
        defer { most.withLock { $0.now -= 1 } }
        try await Self.echo(connection)
      }
    }
    try await withThrowingTaskGroup { group in
      for number in 0..<40 {
        group.addTask {
          let client = try await connect(address, loops[number % 3])
          try await client.write([UInt8(number)], deadline: .patience)
          #expect(try await client.bytes() == [UInt8(number)])
          try await client.closeGracefully(deadline: .patience)
        }
      }
      try await group.waitForAll()
    }
    #expect(most.withLock { $0.ever } <= 2)
    server.cancel()
    try await server.value
    try await listener.close()
  }

  @Test(arguments: Setting.engines)
  func aCancelledServerLetsItsHandlersFinish(_ engine: EngineKind) async throws {
    try await serving(engine, ServingLimits(drain: .seconds(120)), handler: Self.echo) {
      address, loop, cancel in
      let client = try await connect(address, loop)
      try await client.write([1])
      #expect(try await client.bytes() == [1])
      cancel()
      // The connection goes on; nobody else is served.
      for byte in [UInt8(2), 3, 4] {
        try await client.write([byte])
        #expect(try await client.bytes() == [byte])
      }
      try await client.closeGracefully()
    }
  }

  @Test(arguments: Setting.engines)
  func aHandlerThatDoesNotFinishIsCancelledAfterTheDrain(_ engine: EngineKind) async throws {
    let log = Log()
    try await serving(engine, ServingLimits(drain: .milliseconds(20)), log, handler: Self.echo) {
      address, loop, cancel in
      let client = try await connect(address, loop)
      try await client.write([1])
      #expect(try await client.bytes() == [1])
      cancel()
      #expect(try await client.bytes() == [])
      try await client.close()
    }
    #expect(log.failures == ["read: the task was cancelled"])
  }

  @Test(arguments: Setting.engines)
  func aCancelledServerEndsTheWaitsOfItsOwnHandlersOnly(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: false, isReversed: false)
    try await setting.run { loop in
      let log = Log()
      let ending = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let staying = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let cancelled = Task {
        let limits = ServingLimits(drain: .zero)
        try await ending.serve(limits, onFailure: { _, error in log.fail(error) }, Self.echo)
      }
      let other = Task { try await staying.serve(ServingLimits(), Self.echo) }
      let neighbour = try await connect(try staying.localAddress(), loop)
      // More than fit in one piece of the loop's memory.
      var clients: [Connection] = []
      for _ in 0..<260 { clients.append(try await connect(try ending.localAddress(), loop)) }
      for client in clients + [neighbour] {
        try await client.write([1])
        #expect(try await client.bytes() == [1])
      }
      cancelled.cancel()
      try await cancelled.value
      #expect(log.failures == Array(repeating: "read: the task was cancelled", count: 260))
      for client in clients {
        #expect(try await client.bytes() == [])
        try await client.close()
      }
      try await neighbour.write([2])
      #expect(try await neighbour.bytes() == [2])
      try await neighbour.closeGracefully()
      other.cancel()
      try await other.value
      try await ending.close()
      try await staying.close()
    }
  }

  /// What a handler waits for in tasks of its own ends as well, and what it begins afterwards.
  @Test(arguments: Setting.engines)
  func aCancelledHandlerWaitsNowhere(_ engine: EngineKind) async throws {
    let log = Log()
    try await serving(engine, ServingLimits(drain: .zero), log) { connection in
      async let child = connection.bytes(deadline: .never)
      async let stranger = Elsewhere().bytes(of: connection)
      try await connection.write([9])
      let own = try? await connection.bytes(deadline: .never)
      #expect(own == nil)
      #expect((try? await child) == nil)
      #expect((try? await stranger) == nil)
      await #expect(throws: SocketError(.read, .cancelled)) {
        _ = try await connection.bytes(deadline: .never)
      }
      throw Refused()
    } _: { address, loop, cancel in
      let client = try await connect(address, loop)
      #expect(try await client.bytes() == [9])
      cancel()
      #expect(try await client.bytes() == [])
      try await client.close()
    }
    #expect(log.failures == ["Refused()"])
  }

  @Test(arguments: Setting.engines)
  func aShardedListenerServesOnEveryLoop(_ engine: EngineKind) async throws {
    let loops = try (0..<3).map { _ in
      try EventLoop(EventLoop.Configuration(engine: engine))
    }
    defer { for loop in loops { loop.shutDown() } }
    let listener = try await Listener.bind(
      to: .ipv4(.loopback, port: .any), shardedOver: loops)
    let address = try listener.localAddress()
    let used = Guarded<Set<ObjectIdentifier>>([])
    let server = Task {
      try await listener.serve { connection in
        used.withLock { _ = $0.insert(ObjectIdentifier(connection.loop)) }
        #expect(connection.loop.isCurrent)
        try await Self.echo(connection)
      }
    }
    // The kernel spreads them by chance: so many that each loop gets one.
    for _ in 0..<300 where used.withLock({ $0.count }) < 3 {
      let client = try await connect(address, loops[0])
      try await client.write([1])
      #expect(try await client.bytes() == [1])
      try await client.closeGracefully()
    }
    #expect(used.withLock { $0.count } == 3)
    server.cancel()
    try await server.value
    try await listener.close()
    await #expect(throws: SocketError.self) {
      _ = try await Listener.bind(to: .unix(abstract: "shards"), shardedOver: loops)
    }
  }

  /// As after a restart: the side that closes first keeps a connection's addresses for a minute.
  @Test func aPortIsShardedAlthoughConnectionsOfBeforeAreRemembered() async throws {
    let before = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try before.localAddress()
    let client = try Socket(.ipv4).connect(to: address, deadline: .patience)
    let server = try before.accept(deadline: .patience)
    try server.close()
    var byte: [UInt8] = [0]
    #expect(try client.read(into: &byte, deadline: .patience) == 0)
    try client.close()
    try before.close()
    // A process that another test starts has a copy of it until it runs its program.
    let isGone = settles {
      do throws(SocketError) {
        _ = try Socket(.ipv4).connect(to: address, deadline: .patience)
        return false
      } catch {
        return error.errno == .connectionRefused
      }
    }
    #expect(isGone)
    let loops = try (0..<2).map { _ in try EventLoop() }
    defer { for loop in loops { loop.shutDown() } }
    let listener = try await Listener.bind(to: address, shardedOver: loops)
    #expect(try listener.localAddress() == address)
    try await listener.close()
  }
}
