// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// The server of `bench --self`: on a loop of its own, so that the processor time of its thread is its own too.
struct BenchServer: Sendable {
  private enum Socket: Sendable {
    case listener(Listener)
    case datagrams(DatagramSocket)
  }

  let loop: EventLoop
  private let socket: Socket
  private let path: FilePath?
  /// Where it can be found.
  let endpoint: Endpoint

  /// Starts to listen.
  static func start(at endpoint: Endpoint, on loop: EventLoop) async throws -> BenchServer {
    guard endpoint.socketType == .datagram else {
      let listener = try await Listener.bind(to: endpoint, on: loop)
      let address = try listener.localAddress()
      return BenchServer(
        loop: loop, socket: .listener(listener), path: nil,
        endpoint: Endpoint(endpoint.transport, address) ?? endpoint)
    }
    let address = try await Resolver.system.resolve(endpoint)[0]
    let socket = try await DatagramSocket.bind(
      to: address, endpoint.socketType, endpoint.transport.protocolNumber(for: address.family),
      on: loop)
    return BenchServer(
      loop: loop, socket: .datagrams(socket), path: address.unix?.path,
      endpoint: Endpoint(endpoint.transport, try socket.localAddress()) ?? endpoint)
  }

  /// Serves until its task is cancelled.
  func serve(_ plan: LoadPlan) async {
    let room = max(plan.size, LoadPlan.pieceByteCount)
    switch socket {
    case .listener(let listener):
      let limits = ServingLimits(drain: .zero, closing: .milliseconds(100))
      _ = try? await listener.serve(limits) { connection in
        try await Self.handle(connection, plan, room)
      }
      _ = try? await listener.close()
    case .datagrams(let socket):
      await Self.echo(socket, room)
      _ = try? await socket.close()
      if let path { _ = Syscall.unlink(path) }
    }
  }

  private static func handle(
    _ connection: Connection, _ plan: LoadPlan, _ room: Int
  ) async throws {
    let byteCount = min(room, plan.mode == .stream ? room : max(4096, plan.size * plan.window))
    var buffer = [UInt8](repeating: 0, count: byteCount)
    if plan.mode == .stream, plan.direction == .receive {
      while true { try await connection.write(buffer) }
    }
    while case let count = try await connection.read(into: &buffer), count > 0 {
      if plan.mode == .stream, plan.direction == .send { continue }
      try await connection.write(buffer[..<count])
    }
  }

  private static func echo(_ socket: DatagramSocket, _ room: Int) async {
    var buffer = [UInt8](repeating: 0, count: room)
    while !Task.isCancelled {
      do throws(SocketError) {
        let datagram = try await socket.receive(into: &buffer)
        try await socket.send(buffer[..<datagram.byteCount], to: datagram.sender)
      } catch {
        // Whoever has gone meanwhile gets no answer.
        if error.errno == nil { return }
      }
    }
  }
}
