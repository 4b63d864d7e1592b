// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// The other side of a joint, whatever carries it: a connection, or a datagram socket that has one peer.
struct JoinedPeer: Sendable {
  private enum Carrier: Sendable {
    case connection(Connection)
    case datagrams(DatagramSocket, sender: SocketAddress?, trouble: Trouble?)
    /// A socket that cannot be connected to its peer, because it would have another address then.
    case calls(AnsweringSocket, AnsweringSocket.Caller, trouble: Trouble)
  }

  private let carrier: Carrier
  /// How it is called in errors.
  let name: String

  init(_ connection: Connection, _ name: String) {
    carrier = .connection(connection)
    self.name = name
  }

  /// - Parameters:
  ///   - socket: a socket that is connected to one peer.
  ///   - name: how the peer is called.
  init(_ socket: DatagramSocket, _ name: String) {
    carrier = .datagrams(socket, sender: nil, trouble: nil)
    self.name = name
  }

  /// - Parameters:
  ///   - socket: a socket that others may have sent to as well.
  ///   - caller: whose datagrams are taken.
  ///   - isConnected: whether the socket is connected to the caller, or cannot send at all.
  ///   - name: how the peer is called.
  ///   - trouble: who is told of what goes on after an error that says only that the peer is not there.
  init(
    _ socket: AnsweringSocket, _ caller: AnsweringSocket.Caller, isConnected: Bool, _ name: String,
    trouble: Trouble
  ) {
    carrier =
      isConnected
      ? .datagrams(socket.socket, sender: caller.address, trouble: trouble)
      : .calls(socket, caller, trouble: trouble)
    self.name = name
  }

  /// Whether what is sent keeps its borders, so that one read of the input is one message.
  var hasMessages: Bool {
    switch carrier {
    case .connection(let connection): connection.type != .stream
    case .datagrams, .calls: true
    }
  }

  /// Whether the peer can be told that nothing more is sent, and can say so itself.
  var hasEnds: Bool {
    switch carrier {
    case .connection(let connection): connection.family != .x25
    case .datagrams, .calls: false
    }
  }

  /// The most bytes of one read of the input that is sent.
  static func chunkByteCount(_ type: SocketType) -> Int { type == .stream ? 1 << 17 : 8192 }

  /// Room for what one receipt may bring: more than any datagram of a family has.
  ///
  /// Those of UDP have at most 65,507 bytes, those of Unix sockets as many as their buffers hold.
  static func bufferByteCount(_ family: AddressFamily) -> Int {
    family == .unix ? 1 << 18 : 1 << 16
  }

  // MARK: Receiving

  /// What came next; `nil` at the peer's end.
  ///
  /// - Throws: `CommandFailure` that names the peer; a cancellation as it is.
  func receive(into buffer: inout [UInt8], deadline: Deadline = .never) async throws -> [UInt8]? {
    do {
      switch carrier {
      case .connection(let connection) where connection.type == .stream:
        let count = try await connection.read(into: &buffer, deadline: deadline)
        return count == 0 ? nil : Array(buffer[..<count])
      case .connection(let connection):
        let count = try await connection.nextRecord(into: &buffer, deadline: deadline)
        return count.map { Array(buffer[..<$0]) }
      case .datagrams(let socket, let sender, let trouble):
        return try await datagram(of: socket, sender, trouble, &buffer, deadline)
      case .calls(let socket, let caller, let trouble):
        return try await datagram(of: socket.socket, caller.address, trouble, &buffer, deadline)
      }
    } catch {
      throw named(error)
    }
  }

  private func datagram(
    of socket: DatagramSocket, _ sender: SocketAddress?, _ trouble: Trouble?,
    _ buffer: inout [UInt8], _ deadline: Deadline
  ) async throws(SocketError) -> [UInt8] {
    while true {
      do throws(SocketError) {
        let received = try await socket.receive(into: &buffer, deadline: deadline)
        guard sender == nil || received.sender == sender else { continue }
        guard !received.isTruncated else {
          Output.log("sockets: \(name): a message was too long and is lost")
          continue
        }
        return Array(buffer[..<received.byteCount])
      } catch {
        guard let trouble, error.saysThatNobodyIsThere else { throw error }
        trouble.tell("\(name): \(error)")
        // Whatever the error, the loop goes on at a walking pace.
        do { try await Task.sleep(for: .milliseconds(1)) } catch {
          throw SocketError(.read, .cancelled)
        }
      }
    }
  }

  // MARK: Sending

  /// Sends all the bytes; as one message where there are messages.
  func send(_ bytes: [UInt8], deadline: Deadline = .never) async throws(SocketError) {
    switch carrier {
    case .connection(let connection) where connection.type == .stream:
      try await connection.write(bytes, deadline: deadline)
    case .connection(let connection):
      try await connection.sendRecord(bytes[...], deadline: deadline)
    case .datagrams(let socket, _, nil): try await socket.send(bytes, deadline: deadline)
    case .calls(let socket, let caller, let trouble):
      do throws(SocketError) {
        try await socket.send(bytes, to: caller, deadline: deadline)
      } catch {
        guard error.saysThatNobodyIsThere else { throw error }
        trouble.tell("\(name): \(error)")
      }
    case .datagrams(let socket, _, let trouble?):
      do throws(SocketError) {
        do throws(SocketError) {
          try await socket.send(bytes, deadline: deadline)
        } catch  where error.errno == .connectionRefused && socket.family != .unix {
          // That is the answer to an earlier datagram; this one has not gone yet.
          trouble.tell("\(name): \(error)")
          try await socket.send(bytes, deadline: deadline)
        }
      } catch {
        guard error.saysThatNobodyIsThere else { throw error }
        trouble.tell("\(name): \(error)")
      }
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

  /// Whether a connection is open, or how it has ended.
  enum State {
    case open
    /// The peer is gone.
    case over
    /// The same, and what was sent last did not arrive.
    case failed(CommandFailure)
  }

  /// Whether a connection is still open one way or the other.
  var state: State {
    guard case .connection(let connection) = carrier else { return .open }
    do throws(SocketError) {
      return try connection.withSocket { socket throws(SocketError) in
        guard socket.isOver else { return .open }
        guard let error = try socket.takePendingError() else { return .over }
        return .failed(CommandFailure(name, error))
      }
    } catch {
      return .over
    }
  }

  /// Closes it; what was written is still sent.
  func close() async {
    switch carrier {
    case .connection(let connection): try? await connection.close()
    case .datagrams(let socket, _, _): try? await socket.close()
    case .calls(let socket, _, _): try? await socket.socket.close()
    }
  }

  /// The error as the command tells it; a cancellation and a deadline stay what they are.
  func named(_ error: SocketError) -> any Error {
    guard !error.isCancellation, error.cause != .deadlinePassed else { return error }
    return CommandFailure("\(name): \(error)")
  }
}

/// Tells of something that a peer without a connection cannot be asked about, once.
final class Trouble: Sendable {
  private let hasTold = Guarded(false)
  private let body: @Sendable (String) -> Void

  init(_ body: @escaping @Sendable (String) -> Void) { self.body = body }

  func tell(_ text: String) {
    let isFirst = hasTold.withLock { hasTold in
      defer { hasTold = true }
      return !hasTold
    }
    if isFirst { body(text) }
  }
}

extension SocketError {
  /// Whether it says of a peer without a connection only that it was not there at that moment.
  var saysThatNobodyIsThere: Bool {
    switch errno {
    case .connectionRefused, .connectionReset, .noRouteToHost, .networkUnreachable,
      .socketNotConnected, .addressRequired:
      true
    default: false
    }
  }
}
