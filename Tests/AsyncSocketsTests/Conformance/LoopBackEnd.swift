// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// Event loops as a back end.
final class LoopBackEnd: BackEnd {
  private let loop: EventLoop
  private let isOnLoop: Bool

  init(_ engine: EngineKind, _ isOnLoop: Bool) throws(SocketError) {
    loop = try EventLoop(EventLoop.Configuration(engine: engine))
    self.isOnLoop = isOnLoop
  }

  func listen(
    at address: SocketAddress, _ type: SocketType, backlog: Int?
  ) async throws(SocketError) -> any WireListener {
    try await Listener.bind(to: address, type, backlog: backlog, on: loop)
  }

  func connect(
    to address: SocketAddress, _ type: SocketType, deadline: Deadline
  ) async throws(SocketError) -> any Wire {
    try await Connection.connect(to: address, type, deadline: deadline, on: loop)
  }

  func run(_ body: () async throws -> Void) async throws {
    defer { loop.shutDown() }
    if isOnLoop { try await loop.runInPlace { try await body() } } else { try await body() }
  }
}

extension Connection: Wire {}

extension Listener: WireListener {
  var address: SocketAddress {
    get throws(SocketError) { try localAddress() }
  }

  func take(deadline: Deadline) async throws(SocketError) -> any Wire {
    let connection: Connection = try await accept(deadline: deadline)
    return connection
  }

  func end() async throws(SocketError) { try await close() }
}
