// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Each engine with calls, or operations in its ring, that fail, are interrupted, or move little.
@Suite(.serialized) struct Faults {
  private static let engines = Setting.engines

  /// Runs a body on a loop whose calls a script answers.
  private func scripted(
    _ engine: EngineKind, _ rules: [ForcedCalls.Rule], carrier: Carrier = .tcp4,
    _ body: (Connection, Connection, ForcedCalls) async throws -> Void
  ) async throws {
    let setting = Setting(engine: engine, carrier: carrier, isOnLoop: true, isReversed: false)
    try await setting.withPair { one, other in
      let forced = ForcedCalls()
      for rule in rules { forced.add(rule) }
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      try await body(one, other, forced)
    }
  }

  @Test(arguments: engines)
  func interruptedCallsAreRepeated(_ engine: EngineKind) async throws {
    let calls: [SystemCall] = [engine.receiving, engine.sending, engine.waiting]
    try await scripted(engine, calls.map { .interrupt($0, times: 3) }) { one, other, forced in
      async let reading = other.bytes()
      await Task.yield()
      try await one.write([1, 2, 3])
      #expect(try await reading == [1, 2, 3])
      #expect(forced.isPlayedThrough)
    }
  }

  @Test(arguments: engines)
  func shortCountsLoseNothing(_ engine: EngineKind) async throws {
    // A short read tells epoll's engine that the socket is empty, as it does of a kernel: see its file.
    let reads: [ForcedCalls.Rule] = engine == .epoll ? [] : [.shorten(engine.receiving, to: 3)]
    try await scripted(engine, reads + [.shorten(engine.sending, to: 7)]) { one, other, forced in
      let sent = (0..<500).map { UInt8(truncatingIfNeeded: $0) }
      async let writing: Void = one.write(sent)
      #expect(try await other.bytes(exactly: 500) == sent)
      try await writing
      #expect(forced.count(of: engine.sending) == 72)
      #expect(engine == .epoll || forced.count(of: engine.receiving) >= 167)
    }
  }

  @Test(arguments: engines)
  func anErrorOfACallIsTheCallersAndTheLoopGoesOn(_ engine: EngineKind) async throws {
    let errors: [Errno] = [
      .badFileDescriptor, .badAddress, .invalidArgument, .notSocket, .socketNotConnected,
      .connectionReset, .connectionRefused, .timedOut, .hostIsDown, .noRouteToHost,
      .networkUnreachable, .networkDown, .ioError, .permissionDenied,
    ]
    for error in errors {
      let rules: [ForcedCalls.Rule] = [
        .fail(engine.receiving, error), .fail(engine.sending, error),
      ]
      try await scripted(engine, rules) {
        one, other, forced in
        await #expect(throws: SocketError(.read, .system(error))) { _ = try await one.bytes() }
        await #expect(throws: SocketError(.write, .system(error))) { try await one.write([1]) }
        #expect(forced.isPlayedThrough)
        // Nothing is broken by it.
        try await one.write([2])
        #expect(try await other.bytes() == [2])
      }
    }
  }

  @Test(arguments: engines)
  func noMemoryForTheMomentIsWaitedFor(_ engine: EngineKind) async throws {
    let sending = engine.sending
    try await scripted(
      engine, [.fail(sending, .noBufferSpace, times: 2), .fail(sending, .noMemory, times: 2)]
    ) { one, other, forced in
      try await one.write([5])
      #expect(try await other.bytes() == [5])
      #expect(forced.isPlayedThrough)
    }
  }

  @Test func aSocketThatCannotBeRegisteredIsAnErrorAndNoHang() async throws {
    try await scripted(.epoll, [.fail(.epoll_ctl, .noSpace)]) { one, other, _ in
      await #expect(throws: SocketError(.read, .system(.noSpace))) { _ = try await other.bytes() }
      try await one.write([1])
      #expect(try await other.bytes() == [1])
    }
  }

  @Test(arguments: engines)
  func aServerWithoutDescriptorsPausesAndGoesOn(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      let forced = ForcedCalls(
        .fail(engine.accepting, .connectionAbort),
        .fail(engine.accepting, .tooManyOpenFiles, times: 2),
        .fail(engine.accepting, .tooManyOpenFilesInSystem),
        .fail(engine.accepting, .noBufferSpace))
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      let log = FailureLog()
      let server = Task(executorPreference: loop) {
        try await listener.serve(onFailure: { _, error in log.note("\(error)") }) { connection in
          try await connection.write(try await connection.bytes())
        }
      }
      let client = try await Connection.connect(
        to: listener.localAddress(), deadline: .patience, on: loop)
      try await client.write([9])
      #expect(try await client.bytes() == [9])
      #expect(forced.isPlayedThrough)
      // The dead connection is passed over without a word, and what goes on running out is told of once.
      #expect(
        log.lines == [
          "accept: too many open files in this process (EMFILE)",
          "accept: too many open files in the system (ENFILE)",
          "accept: no buffer space (ENOBUFS)",
        ])
      try await client.close()
      server.cancel()
      try await server.value
      try await listener.close()
    }
  }

  @Test(arguments: engines)
  func aDeadListenerEndsItsServer(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      let forced = ForcedCalls(.fail(engine.accepting, .badFileDescriptor, times: nil))
      let seat = Syscall.installObserver(forced)
      defer { Syscall.restoreObserver(seat) }
      let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any), on: loop)
      await #expect(throws: SocketError(.accept, .system(.badFileDescriptor))) {
        try await listener.serve { _ in }
      }
      try await listener.close()
    }
  }

  /// The figure F3 for loops: two hundred seeds of random faults, and every byte arrives.
  @Test(arguments: engines)
  func randomFaultsLoseNoByte(_ engine: EngineKind) async throws {
    for seed in 0..<100 {
      var random = SeededGenerator(seed: UInt64(seed))
      var rules: [ForcedCalls.Rule] = []
      for _ in 0..<40 {
        let call = Bool.random(using: &random) ? engine.receiving : engine.sending
        let skipping = Int.random(in: 0..<60, using: &random)
        rules.append(
          Bool.random(using: &random)
            ? .interrupt(call, times: Int.random(in: 1...3, using: &random), skipping: skipping)
            : .shorten(
              call, to: Int.random(in: 1...9, using: &random), times: 2, skipping: skipping))
      }
      try await scripted(engine, rules, carrier: seed % 2 == 0 ? .tcp4 : .unixPath) {
        one, other, _ in
        let sent = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* seed) }
        async let writing: Void = {
          var start = 0
          while start < sent.count {
            let end = min(sent.count, start + 97)
            try await one.write(sent[start..<end])
            start = end
          }
          try one.shutdown(.write)
        }()
        var received: [UInt8] = []
        while case let bytes = try await other.bytes(atMost: 64), !bytes.isEmpty {
          received += bytes
        }
        try await writing
        #expect(received == sent, "seed \(seed)")
      }
    }
  }
}

extension EngineKind {
  /// What the engine asks of its kernel to receive, to send, to accept and to wait for all of them.
  fileprivate var receiving: SystemCall { self == .ioUring ? .ringReceive : .recv }
  fileprivate var sending: SystemCall { self == .ioUring ? .ringSend : .send }
  fileprivate var accepting: SystemCall { self == .ioUring ? .ringAccept : .accept4 }
  fileprivate var waiting: SystemCall {
    switch self {
    case .epoll: .epoll_pwait2
    case .ioUring: .io_uring_enter
    case .poll: .poll
    }
  }
}
