// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// A datagram socket that anybody may send to, and that answers from the address that was asked.
///
/// Bound to all addresses, the kernel would choose the address by the way to the sender, to whom the answer would then be one of
/// a stranger.
struct AnsweringSocket: Sendable {
  /// Who has sent something, and to which of this machine's addresses.
  struct Caller: Hashable, Sendable {
    var address: SocketAddress
    /// Known only where the socket has several.
    var local: IPAddress?
  }

  /// What has come.
  struct Received: Sendable {
    var byteCount: Int
    var isTruncated: Bool
    var caller: Caller
  }

  let socket: DatagramSocket
  private let hasAllAddresses: Bool

  /// - Parameter socket: a socket that is bound.
  /// - Throws: `SocketError` when the kernel does not tell where datagrams were sent to.
  init(_ socket: DatagramSocket) throws(SocketError) {
    self.socket = socket
    hasAllAddresses = try socket.localAddress().ip?.address.isUnspecified ?? false
    guard hasAllAddresses else { return }
    try socket.setOption(
      socket.family == .ipv4 ? .receivesPacketInformationIPv4 : .receivesPacketInformationIPv6,
      to: true)
  }

  /// Receives one message.
  func receive(
    into buffer: inout [UInt8], deadline: Deadline = .never
  ) async throws(SocketError) -> Received {
    guard hasAllAddresses else {
      let received = try await socket.receive(into: &buffer, deadline: deadline)
      return Received(
        byteCount: received.byteCount, isTruncated: received.isTruncated,
        caller: Caller(address: received.sender, local: nil))
    }
    var control = ControlBuffer(capacity: 256)
    let received = try await socket.receiveMessage(
      into: &buffer, control: &control, deadline: deadline)
    // What was sent to a group is answered from whichever address the kernel chooses.
    let local = control.packetInfo?.localAddress
    return Received(
      byteCount: received.byteCount, isTruncated: received.isTruncated,
      caller: Caller(
        address: received.sender, local: local?.unmapped.isMulticast == false ? local : nil))
  }

  /// Sends one message to whoever has sent one.
  func send(
    _ bytes: some Collection<UInt8>, to caller: Caller, deadline: Deadline = .never
  ) async throws(SocketError) {
    guard let local = caller.local else {
      return try await socket.send(bytes, to: caller.address, deadline: deadline)
    }
    do throws(SocketError) {
      try await socket.sendMessage(
        bytes, to: caller.address,
        control: ControlMessages(.packetInfo(PacketInfo(source: local))), deadline: deadline)
    } catch  where error.errno == .invalidArgument {
      // It is no address of this machine: all machines of a network were asked, or it has gone since.
      try await socket.send(bytes, to: caller.address, deadline: deadline)
    }
  }

  /// Connects the socket to a caller, if it then has the address that was asked, which the kernel chooses.
  ///
  /// - Returns: whether it is connected.
  func connect(to caller: Caller) throws(SocketError) -> Bool {
    if let local = caller.local {
      let probe = try MessageSocket(socket.family)
      try probe.connect(to: caller.address)
      guard try probe.localAddress().ip?.address == local else { return false }
    }
    try socket.withSocket { socket throws(SocketError) in
      try socket.connect(to: caller.address)
    }
    return true
  }
}
