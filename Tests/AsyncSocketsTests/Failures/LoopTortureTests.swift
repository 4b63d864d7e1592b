// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F2 on the loops: in each scenario every system call of the loop's thread, and every operation in its ring, fails once, in
/// turn: no trap, no hang, nothing left open, and the error that was met is the one that is told.
@Suite(.serialized) struct LoopTorture {
  /// What is done on a loop's thread, by tasks of that thread alone.
  enum Scenario: String, CaseIterable, Sendable {
    case echo, serving, unix, datagrams, moving
  }

  /// The peer's fault, the process's limit, the system's limit, a signal.
  private static let errors = [Errno.ioError, .tooManyOpenFiles, .noMemory, .interrupted]
  /// Calls of which an interruption is nobody's business.
  private static let retried: Set<SystemCall> = [
    .recv, .send, .accept4, .connect, .recvmsg, .sendmsg, .recvmmsg, .sendmmsg, .recvfrom, .sendto,
    .splice, .sendfile, .epoll_pwait2, .poll, .io_uring_enter, .close, .ringAccept, .ringSend,
    .ringReceive, .ringPoll, .ringCancel, .ringRead,
  ]

  @Test(.timeLimit(.minutes(30)), arguments: Setting.engines, Scenario.allCases)
  func everyCallFailsOnce(_ engine: EngineKind, _ scenario: Scenario) async throws {
    let whole = try await run(scenario, engine, ForcedCalls())
    #expect(whole.error == nil, "without a failure")
    let count = whole.calls.count
    #expect(count > 5)
    for error in Self.errors {
      for number in 0..<count {
        let trial = try await run(scenario, engine, ForcedCalls(.failCall(number: number, error)))
        // Events do not always come in the same order: this call was not reached.
        guard number < trial.calls.count else { continue }
        #expect(
          isTrue(trial.error, to: error, of: trial.calls[number], scenario),
          "\(trial.error.map { "\($0)" } ?? ""): call \(number) with \(error) of \(trial.calls)")
      }
    }
    print("F2: \(scenario) on \(engine): every one of \(count) calls × \(Self.errors.count) errors")
  }

  /// Runs a scenario once, on a loop that must be empty and end afterwards.
  private func run(
    _ scenario: Scenario, _ engine: EngineKind, _ forced: ForcedCalls
  ) async throws -> (error: SocketError?, calls: [SystemCall]) {
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    let folder = try ScratchFolder()
    var failure: SocketError?
    try await loop.runInPlace {
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      do {
        try await Self.perform(scenario, loop, folder)
      } catch let error as SocketError {
        failure = error
      }
    }
    let end = Deadline.patience
    var isEmpty = false
    while !isEmpty, !end.hasPassed {
      let statistics = await loop.statistics()
      isEmpty = statistics.sockets == 0 && statistics.pendingOperations == 0
    }
    #expect(isEmpty, "\(forced.calls)")
    loop.shutDown()
    return (failure, forced.calls)
  }

  /// Whether an ending tells of the failure that was met; to go on in spite of it is right too.
  private func isTrue(
    _ ending: SocketError?, to error: Errno, of call: SystemCall, _ scenario: Scenario
  ) -> Bool {
    guard let ending else { return true }
    // A connect that was interrupted goes on by itself; this one was not begun.
    if call == .connect, error == .interrupted { return ending.errno == .socketNotConnected }
    if ending.errno == error { return error != .interrupted || !Self.retried.contains(call) }
    // What befell the server, its client sees as an end.
    guard scenario == .serving else { return false }
    return ending.cause == .endOfStream || ending.errno == .connectionReset
      || ending.errno == .brokenPipe
  }

  private static func perform(
    _ scenario: Scenario, _ loop: EventLoop, _ folder: ScratchFolder
  ) async throws {
    switch scenario {
    case .echo: try await echo(.ipv4(.loopback, port: .any), loop)
    case .unix: try await echo(.unix(path: "\(folder.path)/s"), loop)
    case .serving: try await serve(loop)
    case .datagrams: try await exchange(loop)
    case .moving: try await move(loop, folder)
    }
  }

  private static func pair(
    _ address: SocketAddress, _ loop: EventLoop
  ) async throws -> (Connection, Connection) {
    let listener = try await Listener.bind(to: address, on: loop)
    let client = try await Connection.connect(
      to: listener.localAddress(), deadline: .patience, on: loop)
    let server = try await listener.accept(deadline: .patience)
    try await listener.close()
    return (client, server)
  }

  private static func echo(_ address: SocketAddress, _ loop: EventLoop) async throws {
    let (client, server) = try await pair(address, loop)
    try server.setOption(.keepAlive, to: true)
    // One read waits, one does not.
    let waiting = Task(executorPreference: loop) { try await server.bytes() }
    await Task.yield()
    try await client.write([1, 2, 3])
    #expect(try await waiting.value == [1, 2, 3])
    try await server.write(gathering: [[4], [5, 6]], deadline: .patience)
    #expect(try await client.bytes(exactly: 3) == [4, 5, 6])
    try client.shutdown(.write)
    #expect(try await server.bytes() == [])
    try await server.closeGracefully(deadline: .patience)
    try await client.closeGracefully(deadline: .patience)
  }

  private static func serve(_ loop: EventLoop) async throws {
    let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
    let address = try listener.localAddress()
    let server = Task(executorPreference: loop) {
      do {
        try await listener.serve(ServingLimits(drain: .zero, closing: .milliseconds(100))) {
          connection in
          let bytes = try await connection.bytes()
          try await connection.write(bytes)
        }
      } catch {
        // A listener that is of no more use: who waits in its backlog is to know.
        try? await listener.close()
        throw error
      }
    }
    do {
      for byte in [UInt8(1), 2] {
        let client = try await Connection.connect(to: address, deadline: .patience, on: loop)
        try await client.write([byte])
        #expect(try await client.bytes(exactly: 1) == [byte])
        try await client.close()
      }
    } catch {
      server.cancel()
      try? await server.value
      try? await listener.close()
      throw error
    }
    server.cancel()
    try await server.value
    try await listener.close()
  }

  private static func exchange(_ loop: EventLoop) async throws {
    let one = try await DatagramSocket.bind(to: .ipv4(.loopback, port: .any), on: loop)
    let other = try await DatagramSocket.bind(to: .ipv4(.loopback, port: .any), on: loop)
    let address = try other.localAddress()
    let waiting = Task(executorPreference: loop) {
      var buffer: [UInt8] = [0, 0]
      return try await other.receive(into: &buffer, deadline: .patience).byteCount
    }
    await Task.yield()
    do {
      try await one.send([1], to: address, deadline: .patience)
    } catch {
      waiting.cancel()
      throw error
    }
    #expect(try await waiting.value == 1)
    var batch = DatagramBatch(capacity: 4, datagramSize: 16)
    for byte in [UInt8(2), 3] { _ = try batch.append([byte], to: address) }
    try await one.sendBatch(&batch, deadline: .patience)
    var count = 0
    while count < 2 {
      try await other.receiveBatch(into: &batch, deadline: .patience)
      count += batch.count
      batch.removeAll()
    }
    try await one.close()
    try await other.close()
  }

  private static func move(_ loop: EventLoop, _ folder: ScratchFolder) async throws {
    let path = FilePath("\(folder.path)/file")
    let file = try FileDescriptor.open(
      path, .readWrite, options: [.create, .truncate], permissions: .ownerReadWrite)
    defer { try? file.close() }
    try file.writeAll([UInt8](repeating: 9, count: 5000))
    let (client, near) = try await pair(.ipv4(.loopback, port: .any), loop)
    let (far, server) = try await pair(.ipv4(.loopback, port: .any), loop)
    let moving = Task(executorPreference: loop) {
      let count = try await near.splice(to: far, deadline: .patience)
      try far.shutdown(.write)
      return count
    }
    do {
      try await client.sendFile(file, deadline: .patience)
      try client.shutdown(.write)
    } catch {
      // So that who moves comes to an end.
      try? await client.close()
      _ = try? await moving.value
      throw error
    }
    #expect(try await moving.value == 5000)
    #expect(try await server.bytes(exactly: 5000).count == 5000)
    for connection in [client, near, far, server] { try await connection.close() }
  }
}
