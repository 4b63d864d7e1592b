// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport

/// The blocking core as a back end: each call blocks a thread of its own.
struct CoreBackEnd: BackEnd {
  let storm: SignalStorm?

  func listen(
    at address: SocketAddress, _ type: SocketType, backlog: Int?
  ) async throws(SocketError) -> any WireListener {
    CoreListener(try ListeningSocket.bound(to: address, type, backlog: backlog), storm)
  }

  func connect(
    to address: SocketAddress, _ type: SocketType, deadline: Deadline
  ) async throws(SocketError) -> any Wire {
    try await blocking(storm) {
      CoreWire(
        try Socket(address.family, type).connect(to: address, deadline: deadline), storm)
    }
  }

  func run(_ body: () async throws -> Void) async throws { try await body() }
}

/// Does what blocks on a thread of its own, struck by signals if there are any.
private func blocking<R: Sendable>(
  _ storm: SignalStorm?, _ body: @Sendable () throws -> R
) async throws(SocketError) -> R {
  do {
    return try await BackgroundThread.run {
      guard let storm else { return try body() }
      return try storm.striking(body)
    }
  } catch {
    guard let error = error as? SocketError else { preconditionFailure("the core threw \(error)") }
    throw error
  }
}

/// A connected socket; it is closed when its last call has ended.
private final class CoreWire: Wire {
  private final class Owner: Sendable {
    let socket: ConnectedSocket
    init(_ socket: consuming ConnectedSocket) { self.socket = socket }
  }

  private let owner: Guarded<Owner?>
  private let storm: SignalStorm?

  init(_ socket: consuming ConnectedSocket, _ storm: SignalStorm?) {
    owner = Guarded(Owner(socket))
    self.storm = storm
  }

  private func present(_ operation: SocketError.Operation) throws(SocketError) -> Owner {
    guard let owner = owner.withLock({ $0 }) else { throw SocketError(operation, .closed) }
    return owner
  }

  func bytes(atMost count: Int, deadline: Deadline) async throws(SocketError) -> [UInt8] {
    let owner = try present(.read)
    return try await blocking(storm) {
      var buffer = [UInt8](repeating: 0, count: count)
      let received = try owner.socket.read(into: &buffer, deadline: deadline)
      return Array(buffer[..<received])
    }
  }

  func write(_ bytes: [UInt8], deadline: Deadline) async throws(SocketError) {
    let owner = try present(.write)
    try await blocking(storm) { try owner.socket.write(bytes, deadline: deadline) }
  }

  func shutdown(_ direction: Shutdown) throws(SocketError) {
    try present(.shutdown).socket.shutdown(direction)
  }

  func close() async throws(SocketError) { owner.withLock { $0 = nil } }

  func reset() async throws(SocketError) {
    try setOption(.linger, to: .zero)
    try await close()
  }

  func setOption<Value>(_ option: SocketOption<Value>, to value: Value) throws(SocketError) {
    try present(.setOption).socket.setOption(option, to: value)
  }
}

private final class CoreListener: WireListener {
  private final class Owner: Sendable {
    let socket: ListeningSocket
    init(_ socket: consuming ListeningSocket) { self.socket = socket }
  }

  private let owner: Guarded<Owner?>
  private let storm: SignalStorm?

  init(_ socket: consuming ListeningSocket, _ storm: SignalStorm?) {
    owner = Guarded(Owner(socket))
    self.storm = storm
  }

  private func present() throws(SocketError) -> Owner {
    guard let owner = owner.withLock({ $0 }) else { throw SocketError(.accept, .closed) }
    return owner
  }

  var address: SocketAddress {
    get throws(SocketError) { try present().socket.localAddress() }
  }

  func take(deadline: Deadline) async throws(SocketError) -> any Wire {
    let owner = try present()
    return try await blocking(storm) {
      CoreWire(try owner.socket.accept(deadline: deadline), storm)
    }
  }

  func end() async throws(SocketError) { owner.withLock { $0 = nil } }
}
