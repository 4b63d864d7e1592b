// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Serves any number of peers, connections or datagrams, until its task is cancelled.
struct PeerServer: Sendable {
  let action: ServedAction
  let transport: Transport
  let admission: Admission
  let log: ListeningLog
  /// How many connections at once.
  var most: Int?

  /// Serves connections.
  func serve(_ listener: Listener) async throws {
    // Each handler ends by itself when it is cancelled, and answers first what had come.
    let limits = ServingLimits(connections: most, drain: .zero)
    try await listener.serve(
      limits,
      onFailure: { connection, error in
        if connection == nil { log.pauses(error) }
      },
      { connection in try await serve(connection) })
  }

  private func serve(_ connection: Connection) async throws {
    let name = PeerName.of(connection, transport)
    if let refusal = admission.refusal(of: connection) {
      log.refused(name, refusal)
      return try await connection.close()
    }
    let start = Deadline.now
    let counts = ServedCounts()
    do {
      let failure = try await act(on: connection, name, counts)
      note(name, counts, start, failure)
    } catch {
      note(name, counts, start, "\(error.asCommandFailure?.text ?? "\(error)")")
      // The peer is told nothing but the end, so somebody else must be.
      let isTooLong = (error as? SocketError)?.errno == .messageTooLong
      if isTooLong, !log.hasAccessLog { log.trouble("\(name): \(error)") }
      throw error
    }
  }

  private func note(_ name: String, _ counts: ServedCounts, _ start: Deadline, _ failure: String?) {
    let isCounted = if case .command = action { false } else { true }
    log.served(
      name, received: isCounted ? counts.received : nil, sent: isCounted ? counts.sent : nil,
      since: start, failure: failure)
  }

  /// - Returns: what went wrong without being an error of the connection.
  private func act(
    on connection: Connection, _ name: String, _ counts: ServedCounts
  ) async throws -> String? {
    let stream = ServedStream(connection: connection, counts: counts)
    switch action {
    case .echo: try await stream.answer(echoing: true)
    case .discard: try await stream.answer(echoing: false)
    case .characters: try await stream.generate()
    case .command(let command):
      let local = (try? connection.localAddress()).map { PeerName.text($0, transport) } ?? ""
      let peer = (try? connection.peerAddress()).map { PeerName.text($0, transport) } ?? ""
      let served = ServedCommand(
        command: command, connection: connection,
        environment: ["SOCKETS_PEER=\(peer)", "SOCKETS_LOCAL=\(local)"])
      do {
        let code = try await served.run()
        return code == 0 ? nil : "exit code \(code)"
      } catch let failure as CommandFailure {
        // A shortage that each client would meet is told once in each log line, and loudly only without a log.
        if !log.hasAccessLog { log.trouble("\(name): \(failure.text)") }
        throw failure
      }
    }
    return nil
  }

  // MARK: Datagrams

  /// Serves datagrams, each for itself.
  func serve(_ socket: DatagramSocket) async throws {
    var buffer = [UInt8](repeating: 0, count: JoinedPeer.bufferByteCount(socket.family))
    var refused: Set<SocketAddress> = []
    var line: UInt = 0
    var limit = AnswerLimit()
    let answering = try AnsweringSocket(socket)
    while true {
      do throws(SocketError) {
        let datagram = try await answering.receive(into: &buffer)
        let sender = datagram.caller.address
        if let refusal = admission.refusal(of: sender) {
          // Once each, and not for ever: senders can be made up.
          if refused.count < 1000, refused.insert(sender).inserted {
            log.refused(PeerName.text(sender, transport), refusal)
          }
          continue
        }
        guard !datagram.isTruncated else {
          log.tooLong(PeerName.text(sender, transport))
          continue
        }
        guard limit.allows(sender) else { continue }
        let answer: ArraySlice<UInt8>
        switch action {
        case .echo: answer = buffer[..<datagram.byteCount]
        case .characters:
          answer = CharacterLines.line(line)[...]
          line &+= 1
        case .discard, .command: continue
        }
        // An answer that cannot be sent at once is lost, as datagrams are.
        try await answering.send(answer, to: datagram.caller, deadline: .milliseconds(50))
      } catch {
        if error.cause == .cancelled || error.cause == .closed { return }
        // What one peer caused does not end the others' service.
        try await Task.sleep(for: .milliseconds(1))
      }
    }
  }
}
