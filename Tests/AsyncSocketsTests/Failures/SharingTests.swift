// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Several tasks, actors, threads and processes that have to do with the same socket.
@Suite(.serialized) struct Sharing {
  /// An actor of the ordinary kind: its work is done wherever somebody is in it.
  private actor Session {
    private let connection: Connection
    private let side: Connection
    private(set) var rounds = 0

    init(_ connection: Connection, _ side: Connection) {
      self.connection = connection
      self.side = side
    }

    func echo() async throws {
      try await Sharing.echo(connection)
    }

    /// A round trip on the other connection.
    func ask() async throws {
      try await side.write([1], deadline: .patience)
      #expect(try await side.bytes(exactly: 1) == [1])
      rounds += 1
    }
  }

  private static func echo(_ connection: Connection) async throws {
    while case let bytes = try await connection.bytes(), !bytes.isEmpty {
      try await connection.write(bytes, deadline: .patience)
    }
  }

  /// What an actor waits for ends on the loop's thread; the actor goes on wherever somebody else is in it.
  @Test(arguments: Setting.engines, [true, false])
  func actorsWaitOnALoopWhileOthersAreInThem(_ engine: EngineKind, _ isOnLoop: Bool) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: isOnLoop, isReversed: false)
    try await setting.withPair { one, other in
      let loop = one.loop
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let near = try await Connection.connect(
        to: listener.localAddress(), deadline: .patience, on: loop)
      let far = try await listener.accept(deadline: .patience)
      try await listener.close()
      let session = Session(other, near)
      async let serving: Void = session.echo()
      async let answering: Void = Self.echo(far)
      // These do not prefer the loop.
      let asking = (0..<3).map { _ in
        Task.detached { for _ in 0..<1000 { try await session.ask() } }
      }
      for round in 0..<300 {
        let byte = UInt8(truncatingIfNeeded: round)
        try await one.write([byte], deadline: .patience)
        #expect(try await one.bytes() == [byte])
      }
      for task in asking { try await task.value }
      try one.shutdown(.write)
      try await serving
      try await near.close()
      try await answering
      try await far.close()
      #expect(await session.rounds == 3000)
      #expect(await loop.statistics().pendingOperations == 0)
    }
  }

  /// Two tasks that move in opposite directions each need both sockets.
  @Test(arguments: Setting.engines, [true, false])
  func bytesAreMovedBothWaysAtOnce(_ engine: EngineKind, _ isOnLoop: Bool) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: isOnLoop, isReversed: false)
    try await setting.withPair { client, near in
      // The other half on a loop of its own.
      try await setting.withPair { far, server in
        // Each on the loop of the socket that it reads from, or neither on any.
        let there = Task(executorPreference: isOnLoop ? near.loop : nil) {
          try await Self.move(near, far)
        }
        let back = Task(executorPreference: isOnLoop ? far.loop : nil) {
          try await Self.move(far, near)
        }
        let count = 32 << 20
        async let up: Int = Self.exchange(client, count)
        async let down: Int = Self.exchange(server, count)
        let counts = try await [up, down, there.value, back.value]
        #expect(counts == [count, count, count, count])
      }
    }
  }

  private static func move(_ source: Connection, _ target: Connection) async throws -> Int {
    let count = try await source.splice(to: target, deadline: .patience)
    try target.shutdown(.write)
    return count
  }

  /// Sends so many bytes and ends, and says how many came back.
  private static func exchange(_ connection: Connection, _ count: Int) async throws -> Int {
    async let sending: Void = {
      try await connection.write([UInt8](repeating: 7, count: count), deadline: .patience)
      try connection.shutdown(.write)
    }()
    var received = 0
    while case let bytes = try await connection.bytes(), !bytes.isEmpty { received += bytes.count }
    try await sending
    return received
  }

  /// One waits for errors, the other for messages: what wakes both must not be lost for the second.
  @Test(arguments: DatagramSetting.all)
  func twoTasksWaitOnOneSocketAndEachGetsItsOwn(_ setting: DatagramSetting) async throws {
    guard setting.family == .ipv4 else { return }
    try await setting.withPair { one, other in
      try one.setOption(.receivesErrorsIPv4, to: true)
      let target = try other.localAddress()
      let mine = try one.localAddress()
      let nobody = try DeafPort(.ipv4(.loopback, port: .any), .datagram)
      let dead = nobody.address
      for round in 0..<50 {
        async let record = one.receiveError(deadline: .patience)
        await Task.yield()
        var buffer = [UInt8](repeating: 0, count: 8)
        async let sending: Void = {
          for _ in 0..<round % 4 { await Task.yield() }
          try await other.send([UInt8(round)], to: mine, deadline: .patience)
        }()
        let received = try await one.receive(into: &buffer, deadline: .patience)
        #expect(received.byteCount == 1 && buffer[0] == UInt8(round) && received.sender == target)
        try await sending
        // The refusal is also the next call's error, sometimes.
        try await one.send([1], to: dead, deadline: .patience)
        let errno = try await record.error.errno
        #expect(errno == .connectionRefused)
        _ = try? one.withSocket { socket throws(SocketError) in try socket.takePendingError() }
      }
    }
  }

  /// A record in the error queue makes a socket count as readable, and is no message.
  @Test(arguments: DatagramSetting.all)
  func anErrorThatNobodyTakesNeitherSpinsNorOutlivesADeadline(
    _ setting: DatagramSetting
  ) async throws {
    guard setting.family == .ipv4 else { return }
    try await setting.withPair { one, other in
      try one.setOption(.receivesErrorsIPv4, to: true)
      let nobody = try DeafPort(.ipv4(.loopback, port: .any), .datagram)
      try await one.send([1], to: nobody.address, deadline: .patience)
      var buffer = [UInt8](repeating: 0, count: 8)
      let before = await one.loop.statistics()
      for _ in 0..<3 {
        let error = await #expect(throws: SocketError.self) {
          _ = try await one.receive(into: &buffer, deadline: .milliseconds(100))
        }
        if error?.errno != .connectionRefused { #expect(error?.cause == .deadlinePassed) }
      }
      let after = await one.loop.statistics()
      #expect(after.turns - before.turns < 200)
      try await other.send([5], to: one.localAddress(), deadline: .patience)
      #expect(try await one.receive(into: &buffer, deadline: .patience).byteCount == 1)
    }
  }

  /// An edge that comes during a pause between attempts is not the next one's to wait for.
  @Test(arguments: DatagramSetting.all)
  func whatComesDuringAPauseIsNotMissed(_ setting: DatagramSetting) async throws {
    guard setting.family == .ipv4 else { return }
    try await setting.withPair { one, other in
      try one.setOption(.receivesErrorsIPv4, to: true)
      let mine = try one.localAddress()
      let nobody = try DeafPort(.ipv4(.loopback, port: .any), .datagram)
      let dead = nobody.address
      for _ in 0..<10 {
        let record = Task(executorPreference: setting.isOnLoop ? one.loop : nil) {
          try await one.receiveError(deadline: .patience)
        }
        // Messages wake who waits for errors, in vain, until it pauses.
        var buffer: [UInt8] = [0]
        for _ in 0..<4 {
          try await other.send([1], to: mine, deadline: .patience)
          _ = await one.loop.sleep(nanoseconds: 200_000)
          _ = try await one.receive(into: &buffer, deadline: .patience)
        }
        try await one.send([1], to: dead, deadline: .patience)
        #expect(try await record.value.error.errno == .connectionRefused)
        _ = try? one.withSocket { socket throws(SocketError) in try socket.takePendingError() }
      }
    }
  }

  /// Nothing tells a sender when a receiver of Unix datagrams, which others have filled, has room again.
  @Test(arguments: DatagramSetting.all)
  func aReceiverThatOthersHaveFilledIsTriedAgain(_ setting: DatagramSetting) async throws {
    guard setting.family == .unix else { return }
    try await setting.withPair { one, receiver in
      let address = try receiver.localAddress()
      let others = try MessageSocket(.unix)
      var filled = 0
      let byte: [UInt8] = [1]
      while try unsafe others.trySendDatagram(byte.span.bytes, to: address) != nil { filled += 1 }
      await #expect(throws: SocketError(.sendDatagram, .deadlinePassed)) {
        try await one.send([2], to: address, deadline: .milliseconds(20))
      }
      let before = await one.loop.statistics()
      async let sending: Void = one.send([2], to: address, deadline: .patience)
      _ = await one.loop.sleep(nanoseconds: 100_000_000)
      let after = await one.loop.statistics()
      #expect(after.turns - before.turns < 200)
      var buffer: [UInt8] = [0]
      for _ in 0..<filled { _ = try await receiver.receive(into: &buffer, deadline: .patience) }
      _ = try await receiver.receive(into: &buffer, deadline: .patience)
      #expect(buffer == [2])
      try await sending
    }
  }

  /// Somebody else has the same socket open: closing ours must end what the kernel tells us of it.
  @Test(arguments: Setting.streams)
  func aDescriptorThatWasPassedOnIsOutOfMind(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      // Both had to wait, so that the engine's kernel knows of the socket.
      for byte in [UInt8(1), 2] {
        let waiting = Task(executorPreference: setting.isOnLoop ? other.loop : nil) {
          try await other.bytes()
        }
        _ = await one.loop.sleep(nanoseconds: 1_000_000)
        try await one.write([byte])
        #expect(try await waiting.value == [byte])
      }
      async let last: [UInt8]? = try? other.bytes()
      await Task.yield()
      var copy: ConnectedSocket?
      try other.withSocket { socket throws(SocketError) in copy = try socket.duplicate() }
      try await other.close()
      _ = await last
      let before = await one.loop.statistics()
      for _ in 0..<20 {
        try await one.write([2])
        _ = await one.loop.sleep(nanoseconds: 1_000_000)
      }
      let after = await one.loop.statistics()
      #expect(after.staleEvents == before.staleEvents)
      #expect(after.turns - before.turns < 400)
      let isKept = copy != nil
      #expect(isKept)
    }
  }

  /// A task that never has to wait gives others their turn.
  @Test(arguments: Setting.engines)
  func messagesWithoutEndDoNotHoldUpALoop(_ engine: EngineKind) async throws {
    let setting = DatagramSetting(engine: engine, family: .ipv4, isOnLoop: true)
    try await setting.withPair { one, _ in
      let address = try one.localAddress()
      let isOver = Guarded(false)
      async let pause: Void = {
        _ = await one.loop.sleep(nanoseconds: 1_000_000)
        isOver.withLock { $0 = true }
      }()
      let end = Deadline.patience
      var buffer: [UInt8] = [0]
      while !isOver.withLock({ $0 }), !end.hasPassed {
        try await one.send([3], to: address)
        _ = try await one.receive(into: &buffer)
      }
      #expect(isOver.withLock { $0 })
      await pause
    }
  }

  /// A cancelled task begins nothing, whether it would have had to wait or not.
  @Test(arguments: Setting.streams)
  func aCancelledTaskBeginsNothing(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      try await one.write([1, 2, 3])
      try await other.waitUntilReadable(deadline: .patience)
      let cancelled = Task(executorPreference: setting.isOnLoop ? other.loop : nil) {
        while !Task.isCancelled { await Task.yield() }
        await #expect(throws: SocketError(.read, .cancelled)) { _ = try await other.bytes() }
        await #expect(throws: SocketError(.write, .cancelled)) { try await other.write([1]) }
        await #expect(throws: SocketError(.write, .cancelled)) {
          try await other.write(gathering: [[1]])
        }
      }
      cancelled.cancel()
      await cancelled.value
      #expect(try await other.bytes(exactly: 3) == [1, 2, 3])
      try await other.write([4])
      #expect(try await one.bytes() == [4])
    }
  }

  /// The handler of a cancelled scope can say goodbye in a task of its own.
  @Test(arguments: Setting.engines)
  func aCancelledScopeLeavesTheConnectionUsable(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: false, isReversed: false)
    try await setting.withPair { one, other in
      let serving = Task {
        try await other.closing { connection in
          await #expect(throws: SocketError(.read, .cancelled)) { _ = try await connection.bytes() }
          try await Task { try await connection.write("bye".utf8) }.value
        }
      }
      _ = await one.loop.sleep(nanoseconds: 1_000_000)
      serving.cancel()
      try await serving.value
      #expect(try await one.bytes(exactly: 3) == Array("bye".utf8))
    }
  }
}
