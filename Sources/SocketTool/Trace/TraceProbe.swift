// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// How probes of a trace are made.
struct TraceProbe: Sendable {
  enum Method: String, Sendable {
    case udp, icmp, tcp
  }

  let method: Method
  let target: IPAddress
  let source: IPAddress?
  /// The first port of UDP, each probe taking the next, or the port of TCP.
  let port: Int
  /// How many bytes the packets of UDP and ICMP have, headers and all.
  let packetSize: Int
  let timeout: Duration

  /// Sends one probe, and waits for what comes back.
  ///
  /// - Parameters:
  ///   - number: of the probe.
  ///   - hop: how many routers it may reach.
  ///   - loop: where the socket is to be.
  /// - Returns: what came, or `nil` when nothing did.
  /// - Throws: `SocketError` of this machine; ``EchoSocket/NotAllowed``; `CancellationError`.
  func run(_ number: Int, hop: Int, on loop: EventLoop) async throws -> TraceAnswer? {
    let deadline = Deadline.after(timeout)
    switch method {
    case .udp: return try await udp(number, hop, deadline)
    case .icmp: return try await icmp(number, hop, deadline)
    case .tcp: return try await tcp(hop, deadline, loop)
    }
  }

  private var isVersion6: Bool { target.family == .ipv6 }

  /// How many bytes of data a packet has behind headers of 8 bytes.
  private var data: [UInt8] {
    let count = max(0, packetSize - (isVersion6 ? 48 : 28))
    return (0..<count).map { UInt8(truncatingIfNeeded: 0x40 + $0 & 0x3f) }
  }

  // MARK: UDP

  private func udp(_ number: Int, _ hop: Int, _ deadline: Deadline) async throws -> TraceAnswer? {
    // Ports go round at their end, past zero.
    let port = (port - 1 + number) % 65535 + 1
    let address = SocketAddress.ip(target, port: Port(UInt16(clamping: port)))
    let socket = try await DatagramSocket.connect(to: address) { socket throws(SocketError) in
      try socket.prepareProbe(hop, pathMTU: .probe)
      if let source { try socket.bind(to: .ip(source, port: .any)) }
    }
    let instant = ProbeInstant.now
    try await socket.send(data, deadline: deadline)
    let answer = try await udpAnswer(socket, instant, deadline)
    try await socket.close()
    return answer
  }

  private func udpAnswer(
    _ socket: DatagramSocket, _ instant: ProbeInstant, _ deadline: Deadline
  ) async throws -> TraceAnswer? {
    var buffer = [UInt8](repeating: 0, count: 64)
    while true {
      do throws(SocketError) {
        _ = try await socket.receive(into: &buffer, deadline: deadline)
        // Somebody listens there.
        return TraceAnswer(
          target: target, nanoseconds: instant.nanoseconds(until: nil), port: "open")
      } catch {
        if error.cause == .deadlinePassed { return nil }
        guard error.errno != nil else { throw error }
        let record = try socket.withSocket { socket throws(SocketError) in
          try socket.tryReceiveError()
        }
        guard let record else { throw error }
        if let answer = answer(record.error, record.timestamps?.software, instant) { return answer }
      }
    }
  }

  /// What a record says; `nil` for one that says nothing of the way.
  private func answer(
    _ error: ExtendedError, _ timestamp: MessageTimestamp?, _ instant: ProbeInstant
  ) -> TraceAnswer? {
    guard let reason = ICMPReason(error), let sender = error.offender?.ip?.address else {
      return nil
    }
    return TraceAnswer(
      error, reason, from: sender, to: target, nanoseconds: instant.nanoseconds(until: timestamp))
  }

  // MARK: ICMP

  private func icmp(_ number: Int, _ hop: Int, _ deadline: Deadline) async throws -> TraceAnswer? {
    let socket = try await EchoSocket.open(
      to: target, EchoSocket.Settings(source: source, timeToLive: hop, pathMTU: .probe))
    let message = EchoMessage(
      identifier: socket.identifier, sequence: UInt16(truncatingIfNeeded: number + 1), data: data)
    let instant = ProbeInstant.now
    try await socket.socket.send(message.bytes(isVersion6: isVersion6), deadline: deadline)
    let answer = try await icmpAnswer(socket, message, instant, deadline)
    try await socket.socket.close()
    return answer
  }

  private func icmpAnswer(
    _ socket: EchoSocket, _ request: EchoMessage, _ instant: ProbeInstant, _ deadline: Deadline
  ) async throws -> TraceAnswer? {
    var buffer = [UInt8](repeating: 0, count: 65535 + 60)
    while true {
      do throws(SocketError) {
        guard let answer = try await socket.next(&buffer, deadline: deadline),
          answer.message.sequence == request.sequence
        else { continue }
        return TraceAnswer(
          target: answer.sender ?? target,
          nanoseconds: instant.nanoseconds(until: answer.timestamp))
      } catch {
        if error.cause == .deadlinePassed { return nil }
        guard error.errno != nil else { throw error }
        while let failure = try socket.nextFailure() {
          guard failure.sequence ?? request.sequence == request.sequence else { continue }
          if let answer = answer(failure.record, failure.timestamp, instant) { return answer }
          throw SocketError(
            .send, .system(failure.record.errno), subject: .address(.ip(target, port: .any)))
        }
      }
    }
  }

  // MARK: TCP

  private func tcp(_ hop: Int, _ deadline: Deadline, _ loop: EventLoop) async throws -> TraceAnswer?
  {
    let address = SocketAddress.ip(target, port: Port(UInt16(clamping: port)))
    let result = try await ConnectProbe.run(
      to: address, from: source, timeToLive: hop, deadline: deadline, on: loop)
    switch result {
    case .silent: return nil
    case .answered(let manner, let nanoseconds):
      return TraceAnswer(
        target: target, nanoseconds: nanoseconds, port: manner == .accepted ? "open" : "closed")
    case .failed(let error, let record, let nanoseconds):
      guard let record, let reason = ICMPReason(record),
        let sender = record.offender?.ip?.address
      else { throw error }
      return TraceAnswer(record, reason, from: sender, to: target, nanoseconds: nanoseconds)
    }
  }
}
