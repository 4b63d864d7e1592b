// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// One connection of TCP, begun only to see what comes back.
enum ConnectProbe {
  /// How the machine answered.
  enum Manner: String, Sendable {
    case accepted, refused
  }

  enum Result: Sendable {
    /// By the machine itself, after so many nanoseconds.
    case answered(Manner, nanoseconds: Int64)
    /// By somebody on the way, or it could not be begun.
    case failed(SocketError, ExtendedError?, nanoseconds: Int64)
    /// Not at all until the deadline.
    case silent
  }

  /// Connects, looks how it ends, and closes.
  ///
  /// - Throws: `SocketError` when there can be no socket, or the source is not an address of this machine; `CancellationError`.
  static func run(
    to address: SocketAddress, from source: IPAddress?, timeToLive: Int?, deadline: Deadline,
    on loop: EventLoop
  ) async throws -> Result {
    let socket = try Socket(address.family, .stream, .tcp)
    try configure(socket, source, timeToLive)
    let instant = ProbeInstant.now
    let owned: OwnedDescriptor
    do throws(SocketError) {
      owned = try socket.beginConnecting(to: address).taken()
    } catch {
      return judge(error, nil, instant.nanoseconds(until: nil))
    }
    let connecting = await LoopSocket.make(owned, on: loop)
    let status = await connecting.wait(for: .writable, deadline: deadline)
    let elapsed = instant.nanoseconds(until: nil)
    let result =
      status == 0 || status > 0 ? outcome(connecting, address, instant, elapsed) : .silent
    _ = await connecting.close()
    if Task.isCancelled { throw CancellationError() }
    return result
  }

  private static func configure(
    _ socket: borrowing Socket, _ source: IPAddress?, _ timeToLive: Int?
  ) throws(SocketError) {
    try socket.prepareProbe(timeToLive)
    // No port is used up by what is over in a moment.
    try socket.setOption(.linger, to: .seconds(0))
    if let source {
      try Lifecycle.bind(socket.descriptor.rawValue, to: .ip(source, port: .any))
    }
  }

  /// How an attempt has ended.
  private static func outcome(
    _ socket: borrowing LoopSocket, _ address: SocketAddress, _ instant: ProbeInstant,
    _ elapsed: Int64
  ) -> Result {
    let record = try? socket.withOwner(.adopt, { MessageSocket(owned: $0) }) {
      socket throws(SocketError) in try socket.tryReceiveError()
    }
    do throws(SocketError) {
      try socket.lend(.connect) { owned throws(SocketError) in
        let number = owned.release()
        try Lifecycle.concludeConnecting(number, address)
      }
      return .answered(.accepted, nanoseconds: min(elapsed, roundTrip(socket) ?? elapsed))
    } catch {
      // Whoever takes the record takes the socket's error along.
      guard let record else { return judge(error, nil, elapsed) }
      return judge(
        SocketError(.connect, .system(record.error.errno), subject: .address(address)),
        record.error, instant.nanoseconds(until: record.timestamps?.software))
    }
  }

  /// How long the handshake took by the kernel's own measure, which a busy program does not make longer.
  private static func roundTrip(_ socket: borrowing LoopSocket) -> Int64? {
    let information = try? socket.withOwner(.adopt, { ConnectedSocket(owned: $0) }) {
      socket throws(SocketError) in try socket.option(.tcpInformation)
    }
    guard let time = information?.roundTripTime, time > .zero else { return nil }
    return Int64(min(time / .nanoseconds(1), 1e18))
  }

  private static func judge(
    _ error: SocketError, _ record: ExtendedError?, _ nanoseconds: Int64
  ) -> Result {
    // A port that answered itself is one where nobody listens.
    let isRefusal = error.errno == .connectionRefused || error.cause == .selfConnection
    if isRefusal && record == nil { return .answered(.refused, nanoseconds: nanoseconds) }
    if error.errno == .timedOut { return .silent }
    return .failed(error, record, nanoseconds: nanoseconds)
  }
}

extension SocketOwner where Self: ~Copyable {
  /// Sets what every probe has: how far it goes, and that the kernel tells who said that it cannot go on, and when.
  func prepareProbe(
    _ timeToLive: Int?, pathMTU: PathMTUDiscovery? = nil
  ) throws(SocketError) {
    try setOption(.receivesNanosecondTimestamps, to: true)
    if family == .ipv6 {
      try setOption(.receivesErrorsIPv6, to: true)
      if let timeToLive { try setOption(.hopLimit, to: Int32(timeToLive)) }
      if let pathMTU { try setOption(.pathMTUDiscoveryIPv6, to: pathMTU) }
    } else {
      try setOption(.receivesErrorsIPv4, to: true)
      if let timeToLive { try setOption(.timeToLive, to: Int32(timeToLive)) }
      if let pathMTU { try setOption(.pathMTUDiscoveryIPv4, to: pathMTU) }
    }
  }
}
