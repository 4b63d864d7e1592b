// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Joins peers to standard input and output, one after the other.
struct PlainListener: Sendable {
  let transport: Transport
  let admission: Admission
  let log: ListeningLog
  /// Whether there is a next peer when one has ended.
  let keepsOpen: Bool
  /// When one has ended.
  let end: JointEnd
  /// The file that gets what comes; `nil` for standard output.
  let output: String?
  let hex: Bool
  /// How long to wait for a peer.
  let timeout: Duration?

  /// Joins who connects.
  func join(_ listener: Listener) async throws {
    try await JoinedFile.withOutput(output, timeout) { pump in
      let input = InputPump(
        0, "standard input", atMost: JoinedPeer.chunkByteCount(listener.type))
      let output = JoinedOutput(pump, hex: hex)
      repeat {
        let (connection, name) = try await next(listener)
        // Who comes now would wait for nothing.
        if !keepsOpen { try await listener.close() }
        do {
          try await join(JoinedPeer(connection, name), input, output)
        } catch {
          await JoinedPeer(connection, name).close()
          guard keepsOpen, !error.isCancellation, !pump.hasFailed, let text = error.asCommandFailure
          else { throw error }
          if !log.hasAccessLog { log.trouble(text.text) }
        }
        try? await connection.close()
      } while keepsOpen
    }
  }

  private func join(
    _ peer: JoinedPeer, _ input: InputPump, _ output: JoinedOutput, first: Int = 0
  ) async throws {
    let start = Deadline.now
    let joint = Joint(peer, input, output, end: end, endsInSilence: false)
    log.joined(peer.name)
    do {
      try await joint.run()
      note(peer, joint, start, first, nil)
    } catch {
      note(peer, joint, start, first, error.asCommandFailure?.text ?? "\(error)")
      throw error
    }
  }

  private func note(
    _ peer: JoinedPeer, _ joint: Joint, _ start: Deadline, _ first: Int, _ failure: String?
  ) {
    let (received, sent) = joint.byteCounts
    log.served(peer.name, received: received + first, sent: sent, since: start, failure: failure)
  }

  /// The next peer that may be served.
  private func next(_ listener: Listener) async throws -> (Connection, String) {
    let deadline = timeout.map { Deadline.after($0) } ?? .never
    while true {
      do throws(SocketError) {
        let connection = try await listener.accept(deadline: deadline)
        let name = PeerName.of(connection, transport)
        guard let refusal = admission.refusal(of: connection) else { return (connection, name) }
        log.refused(name, refusal)
        try await connection.close()
      } catch {
        if error.cause == .deadlinePassed { throw nobodyCame() }
        guard error.errno != nil, error.acceptAdvice == .retryLater else { throw error }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  private func nobodyCame() -> CommandFailure {
    CommandFailure(
      "nobody came within \(DecimalText.seconds(timeout ?? .zero))", ExitStatus.timedOut)
  }

  // MARK: Datagrams

  /// Joins the first sender.
  func join(_ socket: DatagramSocket) async throws {
    try await JoinedFile.withOutput(output, timeout) { pump in
      let input = InputPump(
        0, "standard input", atMost: JoinedPeer.chunkByteCount(.datagram))
      let output = JoinedOutput(pump, hex: hex)
      let answering = try AnsweringSocket(socket)
      let (bytes, caller) = try await first(answering)
      // An unnamed Unix sender can be heard, and not be answered.
      let isNamed = caller.address.byteCount > 2
      let isConnected = try isNamed && answering.connect(to: caller)
      let peer = JoinedPeer(
        answering, caller, isConnected: isConnected || !isNamed,
        PeerName.text(caller.address, transport), trouble: Trouble { log.trouble($0) })
      try await output.received(bytes)
      try await join(peer, input, output, first: bytes.count)
    }
  }

  private func first(
    _ socket: AnsweringSocket
  ) async throws -> ([UInt8], AnsweringSocket.Caller) {
    let deadline = timeout.map { Deadline.after($0) } ?? .never
    var buffer = [UInt8](repeating: 0, count: JoinedPeer.bufferByteCount(socket.socket.family))
    var refused: Set<SocketAddress> = []
    while true {
      do throws(SocketError) {
        let datagram = try await socket.receive(into: &buffer, deadline: deadline)
        let sender = datagram.caller.address
        guard let refusal = admission.refusal(of: sender) else {
          guard !datagram.isTruncated else {
            log.tooLong(PeerName.text(sender, transport))
            continue
          }
          return (Array(buffer[..<datagram.byteCount]), datagram.caller)
        }
        if refused.count < 1000, refused.insert(sender).inserted {
          log.refused(PeerName.text(sender, transport), refusal)
        }
      } catch {
        throw error.cause == .deadlinePassed ? nobodyCame() : error
      }
    }
  }
}

/// Where the bytes of joints go.
enum JoinedFile {
  /// Lends the file of a name, made empty, or standard output.
  ///
  /// - Parameters:
  ///   - path: the file; `nil` for standard output.
  ///   - limit: how long a named pipe may wait for its reader.
  ///   - body: is lent the output.
  /// - Throws: `CommandFailure` when the file cannot be made or closed; what the body threw.
  static func withOutput(
    _ path: String?, _ limit: Duration?, _ body: (OutputPump) async throws -> Void
  ) async throws {
    guard let path else { return try await body(OutputPump(1, "standard output")) }
    let file = try await create(path, limit)
    let pump = OutputPump(file.rawValue, path)
    do {
      try await body(pump)
    } catch {
      // A thread that still writes keeps the number: another file could get it.
      if pump.isIdle { try? file.close() }
      throw error
    }
    do {
      try file.close()
    } catch let errno as Errno {
      throw CommandFailure(path, errno)
    }
  }

  /// Opens the file; a named pipe has to wait for its reader.
  private static func create(_ path: String, _ limit: Duration?) async throws -> FileDescriptor {
    try await withThrowingTaskGroup(of: FileDescriptor.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await OutputFile.open(path, .truncate) }
      if let limit {
        group.addTask {
          try await Task.sleep(for: limit)
          throw CommandFailure(
            "\(path): nobody opened it within \(DecimalText.seconds(limit))", ExitStatus.timedOut)
        }
      }
      guard let file = try await group.next() else { throw CancellationError() }
      return file
    }
  }
}

/// A datagram socket at an address, for as long as it is used.
enum BoundDatagrams {
  static func withSocket(
    _ endpoint: Endpoint, _ body: (DatagramSocket) async throws -> Void
  ) async throws {
    let address = try await Resolver.system.resolve(endpoint, deadline: .seconds(10))[0]
    let socket = try await DatagramSocket.bind(
      to: address, endpoint.socketType, endpoint.transport.protocolNumber(for: address.family),
      configure: { socket throws(SocketError) in
        guard address.family == .ipv6 else { return }
        try socket.setOption(.v6Only, to: endpoint.transport.family == .ipv6)
      })
    do {
      try await body(socket)
    } catch {
      try? await socket.close()
      throw error
    }
    try? await socket.close()
  }
}
