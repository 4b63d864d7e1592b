// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// What carries a connection.
enum Carrier: String, CaseIterable, Sendable {
  case tcp4, tcp6, unixPath, unixAbstract, sequencedPacket

  /// An address of the kind that nobody has, but for the machine's own.
  ///
  /// - Parameter folder: where a path may be.
  /// - Returns: the address, with port zero where there are ports.
  /// - Throws: ``AddressParseError`` when the folder's path is too long.
  func address(in folder: ScratchFolder) throws(AddressParseError) -> SocketAddress {
    switch self {
    case .tcp4: .ipv4(.loopback, port: .any)
    case .tcp6: .ipv6(.loopback, port: .any)
    case .unixPath, .sequencedPacket: try .unix(path: "\(folder.path)/s")
    case .unixAbstract: try .unix(abstract: "swift-sockets \(folder.path)")
    }
  }

  var type: SocketType { self == .sequencedPacket ? .sequencedPacket : .stream }
}

/// One engine, one carrier, and who runs where: what the conformance tests are repeated over.
struct Setting: Sendable, CustomTestStringConvertible {
  var engine: EngineKind
  var carrier: Carrier
  /// Whether the test's own task runs on the loop's thread.
  var isOnLoop: Bool
  /// Whether the end that accepted plays the first part.
  var isReversed: Bool

  var testDescription: String {
    "\(engine) \(carrier) \(isOnLoop ? "on" : "off") the loop\(isReversed ? ", reversed" : "")"
  }

  /// The engines that work here.
  static let engines = EngineKind.probe().filter { $0.obstacle == nil }.map(\.kind)

  static let all = engines.flatMap { engine in
    Carrier.allCases.flatMap { carrier in
      [true, false].flatMap { isOnLoop in
        [true, false].map { isReversed in
          Setting(
            engine: engine, carrier: carrier, isOnLoop: isOnLoop, isReversed: isReversed)
        }
      }
    }
  }
  static let streams = all.filter { $0.carrier.type == .stream }
  static let tcp = all.filter { $0.carrier == .tcp4 || $0.carrier == .tcp6 }

  /// Runs a body in this setting with a loop of its own, and closes what the body leaves.
  func run(_ body: (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop(EventLoop.Configuration(engine: engine))
    defer { loop.shutDown() }
    if isOnLoop {
      try await loop.runInPlace { try await body(loop) }
    } else {
      try await body(loop)
    }
  }

  /// Runs a body with both ends of a fresh connection.
  func withPair(_ body: (Connection, Connection) async throws -> Void) async throws {
    let folder = try ScratchFolder()
    try await run { loop in
      let listener = try await Listener.bind(
        to: try carrier.address(in: folder), carrier.type, on: loop)
      let client = try await Connection.connect(
        to: listener.localAddress(), carrier.type, deadline: .patience, on: loop)
      let server = try await listener.accept(deadline: .patience)
      if isReversed { try await body(server, client) } else { try await body(client, server) }
      try await client.close()
      try await server.close()
      try await listener.close()
    }
  }
}
