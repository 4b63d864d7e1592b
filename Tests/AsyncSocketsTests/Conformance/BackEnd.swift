// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// One end of a connection, however it is driven: what the conformance tests are written against.
protocol Wire: AnyObject, Sendable {
  /// What one read brings, none at the end.
  func bytes(atMost count: Int, deadline: Deadline) async throws(SocketError) -> [UInt8]
  /// Writes all.
  func write(_ bytes: [UInt8], deadline: Deadline) async throws(SocketError)
  func shutdown(_ direction: Shutdown) throws(SocketError)
  func close() async throws(SocketError)
  func reset() async throws(SocketError)
  func setOption<Value>(_ option: SocketOption<Value>, to value: Value) throws(SocketError)
}

extension Wire {
  func bytes() async throws(SocketError) -> [UInt8] {
    try await bytes(atMost: 65536, deadline: .patience)
  }

  func write(_ bytes: [UInt8]) async throws(SocketError) {
    try await write(bytes, deadline: .patience)
  }

  /// Exactly so many bytes.
  func bytes(exactly count: Int) async throws(SocketError) -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count {
      let some = try await bytes(atMost: count - all.count, deadline: .patience)
      guard !some.isEmpty else {
        throw SocketError(.read, .endOfStream, bytesTransferred: all.count)
      }
      all += some
    }
    return all
  }
}

/// A socket that listens, however it is driven.
protocol WireListener: AnyObject, Sendable {
  var address: SocketAddress { get throws(SocketError) }
  func take(deadline: Deadline) async throws(SocketError) -> any Wire
  func end() async throws(SocketError)
}

/// A way of driving sockets.
protocol BackEnd: Sendable {
  func listen(
    at address: SocketAddress, _ type: SocketType, backlog: Int?
  ) async throws(SocketError) -> any WireListener
  func connect(
    to address: SocketAddress, _ type: SocketType, deadline: Deadline
  ) async throws(SocketError) -> any Wire
  /// Runs a body where the back end's own tasks run.
  func run(_ body: () async throws -> Void) async throws
  /// The signals that strike its threads, if there are any.
  var storm: SignalStorm? { get }
}

/// The ways of driving sockets.
///
/// Another one joins by a case here and its line in ``make()``.
enum BackEndKind: Hashable, Sendable, CustomStringConvertible {
  /// The blocking core, each call on a thread of its own.
  case core
  /// The same, with signals that interrupt whatever these threads wait for.
  case coreUnderSignals
  /// An event loop, used from its own thread or from elsewhere.
  case loop(EngineKind, isOnLoop: Bool)
  /// The same from its own thread, which is made to take signals.
  case loopUnderSignals(EngineKind)

  static let all =
    [BackEndKind.core, .coreUnderSignals]
    + Setting.engines.flatMap { engine in
      [
        .loop(engine, isOnLoop: true), .loop(engine, isOnLoop: false), .loopUnderSignals(engine),
      ]
    }

  func make() throws(SocketError) -> any BackEnd {
    switch self {
    case .core: CoreBackEnd(storm: nil)
    case .coreUnderSignals: CoreBackEnd(storm: SignalStorm())
    case .loop(let engine, let isOnLoop): try LoopBackEnd(engine, isOnLoop, storm: nil)
    case .loopUnderSignals(let engine): try LoopBackEnd(engine, true, storm: SignalStorm())
    }
  }

  /// Whether a socket has one owner, whom the compiler keeps from using it after its end.
  var isCore: Bool { self == .core || self == .coreUnderSignals }

  var isUnderSignals: Bool {
    switch self {
    case .core, .loop: false
    case .coreUnderSignals, .loopUnderSignals: true
    }
  }

  var description: String {
    switch self {
    case .core: "core"
    case .coreUnderSignals: "core under signals"
    case .loop(let engine, let isOnLoop): "\(engine) \(isOnLoop ? "on" : "off") the loop"
    case .loopUnderSignals(let engine): "\(engine) under signals"
    }
  }
}

/// One back end, one carrier, and who plays which part: what each conformance test is repeated over.
///
/// What is said of loops alone, in the other folders, is said over ``Setting``: cancellation, and closing while another task
/// waits. A socket of the core has one owner, who cannot do either (see the compile-only tests).
struct Case: Sendable, CustomTestStringConvertible {
  var backEnd: BackEndKind
  var carrier: Carrier
  /// Whether the end that accepted plays the first part.
  var isReversed: Bool

  var testDescription: String { "\(backEnd), \(carrier)\(isReversed ? ", reversed" : "")" }

  static let all = BackEndKind.all.flatMap { backEnd in
    Carrier.allCases.flatMap { carrier in
      [true, false].map { Case(backEnd: backEnd, carrier: carrier, isReversed: $0) }
    }
  }
  static let streams = all.filter { $0.carrier.type == .stream }
  static let tcp = all.filter { $0.carrier == .tcp4 || $0.carrier == .tcp6 }
  static let underSignals = all.filter(\.backEnd.isUnderSignals)
  /// Where roles do not matter.
  static let listeners = all.filter { !$0.isReversed }

  func run(_ body: (any BackEnd, SocketAddress) async throws -> Void) async throws {
    let folder = try ScratchFolder()
    let address = try carrier.address(in: folder)
    let backEnd = try backEnd.make()
    try await backEnd.run { try await body(backEnd, address) }
  }

  /// Runs a body with both ends of a fresh connection.
  func withPair(_ body: (any Wire, any Wire) async throws -> Void) async throws {
    try await withPair { one, other, _ in try await body(one, other) }
  }

  /// The same, with what strikes the threads that drive them.
  func withPair(
    _ body: (any Wire, any Wire, SignalStorm?) async throws -> Void
  ) async throws {
    try await run { backEnd, address in
      let storm = backEnd.storm
      let listener = try await backEnd.listen(at: address, carrier.type, backlog: nil)
      let client = try await backEnd.connect(
        to: listener.address, carrier.type, deadline: .patience)
      let server = try await listener.take(deadline: .patience)
      if isReversed {
        try await body(server, client, storm)
      } else {
        try await body(client, server, storm)
      }
      try await client.close()
      try await server.close()
      try await listener.end()
    }
  }
}
