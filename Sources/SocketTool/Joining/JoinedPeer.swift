// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// The other side of a joint, whatever carries it: a connection, or a datagram socket that has one peer.
struct JoinedPeer: Sendable {
  private enum Carrier: Sendable {
    case connection(Connection)
    case datagrams(DatagramSocket, sender: SocketAddress?)
  }

  private let carrier: Carrier
  /// How it is called in errors.
  let name: String

  init(_ connection: Connection, _ name: String) {
    carrier = .connection(connection)
    self.name = name
  }

  /// - Parameters:
  ///   - socket: a socket that sends to one peer.
  ///   - sender: whose datagrams are taken: others may have come before the socket was connected; `nil` for all.
  ///   - name: how the peer is called.
  init(_ socket: DatagramSocket, of sender: SocketAddress?, _ name: String) {
    carrier = .datagrams(socket, sender: sender)
    self.name = name
  }

  /// Whether what is sent keeps its borders, so that one read of the input is one message.
  var hasMessages: Bool {
    switch carrier {
    case .connection(let connection): connection.type != .stream
    case .datagrams: true
    }
  }

  /// Whether the peer can be told that nothing more is sent, and can say so itself.
  var hasEnds: Bool {
    switch carrier {
    case .connection(let connection): connection.family != .x25
    case .datagrams: false
    }
  }

  /// The most bytes of one read of the input that is sent.
  static func chunkByteCount(_ type: SocketType) -> Int { type == .stream ? 1 << 17 : 8192 }

  /// What came next; `nil` at the peer's end.
  ///
  /// - Throws: `CommandFailure` that names the peer; a cancellation as it is.
  func receive(into buffer: inout [UInt8], deadline: Deadline = .never) async throws -> [UInt8]? {
    do {
      switch carrier {
      case .connection(let connection):
        let count = try await connection.read(into: &buffer, deadline: deadline)
        return count == 0 ? nil : Array(buffer[..<count])
      case .datagrams(let socket, let sender):
        while true {
          let received = try await socket.receive(into: &buffer, deadline: deadline)
          guard sender == nil || received.sender == sender else { continue }
          return Array(buffer[..<received.byteCount])
        }
      }
    } catch {
      throw named(error)
    }
  }

  /// Sends all the bytes; as one message where there are messages.
  func send(_ bytes: [UInt8], deadline: Deadline = .never) async throws {
    do {
      switch carrier {
      case .connection(let connection): try await connection.write(bytes, deadline: deadline)
      case .datagrams(let socket, _): try await socket.send(bytes, deadline: deadline)
      }
    } catch {
      throw named(error)
    }
  }

  /// Tells the peer that nothing more is sent, where that can be told.
  func endSending() throws {
    guard hasEnds, case .connection(let connection) = carrier else { return }
    do {
      try connection.shutdown(.write)
    } catch {
      // It has ended already, or was reset: the read says which.
      guard error.errno == .socketNotConnected else { throw named(error) }
    }
  }

  /// Closes it; what was written is still sent.
  func close() async {
    switch carrier {
    case .connection(let connection): try? await connection.close()
    case .datagrams(let socket, _): try? await socket.close()
    }
  }

  private func named(_ error: SocketError) -> any Error {
    guard !error.isCancellation, error.cause != .deadlinePassed else { return error }
    return CommandFailure("\(name): \(error)")
  }
}
