// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// A socket for echoes to one machine: a datagram socket of ICMP, which everybody may have whom the system allows it, or a raw one.
struct EchoSocket: Sendable {
  /// How echoes are sent.
  enum Way: String, Sendable {
    /// By a datagram socket, which `net.ipv4.ping_group_range` allows.
    case datagram
    /// By a raw socket, which `CAP_NET_RAW` allows.
    case raw
  }

  /// What is asked of the socket.
  struct Settings: Sendable {
    var source: IPAddress?
    var timeToLive: Int?
    var pathMTU: PathMTUDiscovery?
  }

  /// Neither way is allowed.
  struct NotAllowed: Error {
    /// Why no raw socket could be had.
    let reason: SocketError

    /// What helps, without the name of the command.
    static let remedies =
      "ICMP is not allowed: as root, sysctl -w net.ipv4.ping_group_range='0 2147483647' allows it "
      + "to everybody, setcap cap_net_raw+ep PROGRAM to this program"

    /// The line for standard error.
    func failure(_ target: IPAddress, also: String) -> CommandFailure {
      let name = reason.errno.flatMap { ErrorTable.description(of: $0)?.cName } ?? "EPERM"
      return CommandFailure("\(target): \(Self.remedies); \(also) (\(name))")
    }
  }

  let socket: DatagramSocket
  let way: Way
  let isVersion6: Bool
  /// Of our requests; on a datagram socket the kernel's, and its answers are ours alone.
  let identifier: UInt16

  /// Opens a socket to an address by the first way that is allowed.
  ///
  /// - Throws: ``NotAllowed``; `SocketError` when there is no way there, or the source is not an address of this machine.
  static func open(to target: IPAddress, _ settings: Settings) async throws -> EchoSocket {
    let family = target.family
    let number: ProtocolNumber = family == .ipv6 ? .icmpv6 : .icmp
    let way: Way
    let message: MessageSocket
    if let datagram = try firstAllowed(family, .datagram, number) {
      way = .datagram
      message = datagram
    } else {
      way = .raw
      do throws(SocketError) {
        message = try MessageSocket(family, .raw, number)
      } catch {
        if error.errno == .notPermitted || error.errno == .permissionDenied {
          throw NotAllowed(reason: error)
        }
        throw error
      }
    }
    try configure(message, way, settings)
    if let source = settings.source { try message.bind(to: .ip(source, port: .any)) }
    try message.connect(to: .ip(target, port: .any))
    let identifier =
      way == .raw ? .random(in: 1...UInt16.max) : try message.localAddress().ip?.port.rawValue ?? 0
    return EchoSocket(
      socket: try await DatagramSocket(message), way: way, isVersion6: family == .ipv6,
      identifier: identifier)
  }

  /// A socket, or `nil` where this kind is not allowed or not known.
  private static func firstAllowed(
    _ family: AddressFamily, _ type: SocketType, _ number: ProtocolNumber
  ) throws(SocketError) -> MessageSocket? {
    do throws(SocketError) {
      return try MessageSocket(family, type, number)
    } catch {
      let refusals: [Errno] = [
        .permissionDenied, .notPermitted, .protocolNotSupported, .socketTypeNotSupported,
      ]
      guard let errno = error.errno, refusals.contains(errno) else { throw error }
      return nil
    }
  }

  private static func configure(
    _ socket: borrowing MessageSocket, _ way: Way, _ settings: Settings
  ) throws(SocketError) {
    try socket.prepareProbe(settings.timeToLive, pathMTU: settings.pathMTU)
    if socket.family == .ipv6 {
      try socket.setOption(.receivesHopLimit, to: true)
      guard way == .raw else { return }
      var filter = ICMPv6Filter.blockingAll
      filter.setBlocks(129, false)
      try socket.setOption(.icmpv6Filter, to: filter)
    } else {
      try socket.setOption(.receivesTimeToLive, to: true)
      guard way == .raw else { return }
      var filter = ICMPFilter.blockingAll
      filter.setBlocks(0, false)
      try socket.setOption(.icmpFilter, to: filter)
    }
  }

  /// An answer that came.
  struct Answer: Sendable {
    var message: EchoMessage
    var sender: IPAddress?
    /// How many routers it could still have passed.
    var timeToLive: UInt8?
    /// How many bytes the message had.
    var byteCount: Int
    var timestamp: MessageTimestamp?
  }

  /// Waits for one message, and reads it; `nil` for one that is no answer to us.
  ///
  /// - Throws: `SocketError` with what is in the error queue, which is to be read then; with cause `deadlinePassed`.
  func next(_ buffer: inout [UInt8], deadline: Deadline) async throws(SocketError) -> Answer? {
    var control = ControlBuffer(capacity: 512)
    let received = try await socket.receiveMessage(
      into: &buffer, control: &control, deadline: deadline)
    let bytes = Array(buffer.prefix(received.byteCount))
    let hasHeader = way == .raw && !isVersion6
    guard !received.isTruncated,
      let message = hasHeader
        ? EchoMessage(packet: bytes) : EchoMessage(message: bytes, isVersion6: isVersion6),
      message.isReply, isOurs(message)
    else { return nil }
    return Answer(
      message: message, sender: received.sender.ip?.address,
      timeToLive: message.timeToLive ?? control.timeToLive ?? control.hopLimit,
      byteCount: message.data.count + 8, timestamp: control.timestamps?.software)
  }

  /// An error that came back.
  struct Failure: Sendable {
    var record: ExtendedError
    /// The number of the request, when the record says.
    var sequence: UInt16?
    var timestamp: MessageTimestamp?

    /// The machine that said so.
    var offender: IPAddress? { record.offender?.ip?.address }
  }

  /// The next record of the error queue that is ours; never waits.
  func nextFailure() throws(SocketError) -> Failure? {
    while let record = try socket.withSocket({ socket throws(SocketError) in
      try socket.tryReceiveError()
    }) {
      let request = EchoMessage(message: record.payload, isVersion6: isVersion6)
      // A raw socket is told of everybody's errors.
      if way == .raw, request.map({ $0.isReply || !isOurs($0) }) ?? (record.error.origin != .local)
      {
        continue
      }
      return Failure(
        record: record.error, sequence: request?.sequence, timestamp: record.timestamps?.software)
    }
    return nil
  }

  private func isOurs(_ message: EchoMessage) -> Bool { message.identifier == identifier }
}
