// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport

/// Event loops as a back end.
final class LoopBackEnd: BackEnd {
  private let loop: EventLoop
  private let isOnLoop: Bool
  let storm: SignalStorm?

  init(_ engine: EngineKind, _ isOnLoop: Bool, storm: SignalStorm?) throws(SocketError) {
    self.storm = storm
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
    guard isOnLoop else { return try await body() }
    await onThread { $0.join() }
    do {
      try await loop.runInPlace { try await body() }
    } catch {
      await onThread { $0.leave() }
      throw error
    }
    await onThread { $0.leave() }
  }

  /// Has the loop's thread join or leave the storm.
  private func onThread(_ body: @escaping @Sendable (SignalStorm) -> Void) async {
    guard let storm else { return }
    await withCheckedContinuation { continuation in
      loop.perform {
        body(storm)
        continuation.resume()
      }
    }
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
