// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What is known of a received datagram besides its bytes.
public struct ReceivedDatagram: Hashable, Sendable {
  /// How many bytes are in the buffer; zero is an empty datagram, and never an end.
  public var byteCount: Int
  /// How many bytes the datagram had; more than ``byteCount`` when it did not fit.
  ///
  /// X.25 and vsock say only that it did not fit: then it is one more than ``byteCount``. A datagram socket of ICMP says nothing
  /// here; see ``ReceivedMessage/isTruncated``.
  public var originalByteCount: Int
  /// Who sent it; empty when the sender has no address, as an unbound Unix socket has none.
  public var sender: SocketAddress

  /// Whether the datagram did not fit, and its rest is lost.
  public var isTruncated: Bool { originalByteCount > byteCount }
}

extension DataSocket where Self: ~Copyable {
  /// Receives one datagram or record, and says who sent it and whether it fitted.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - flags: for example ``MessageFlags/peek``.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts and the sender.
  /// - Throws: ``SocketError`` with `ECONNREFUSED` on a connected socket when an earlier datagram was refused;
  ///   the socket is still good. Cause ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `recvfrom` with `MSG_TRUNC`.
  public func receiveDatagram(
    into buffer: inout MutableRawSpan,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> ReceivedDatagram {
    let call = Transfer.Call(self, .receiveDatagram, deadline)
    var retry = Retry()
    while true {
      let wait = deadline == .never ? flags : flags.union(.doNotWait)
      if let datagram = try Transfer.receiveDatagram(call, into: &buffer, flags: wait) {
        return datagram
      }
      try call.wait(call.receiveEvents(flags), &retry)
    }
  }

  /// Receives one datagram or record if one has come, and never waits.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - flags: for example ``MessageFlags/peek``.
  /// - Returns: the counts and the sender, or `nil` when nothing has come yet.
  /// - Throws: ``SocketError`` as `receiveDatagram(into:flags:deadline:)` does.
  ///
  /// The corresponding C function is `recvfrom` with `MSG_TRUNC` and `MSG_DONTWAIT`.
  public func tryReceiveDatagram(
    into buffer: inout MutableRawSpan,
    flags: MessageFlags = []
  ) throws(SocketError) -> ReceivedDatagram? {
    try Transfer.receiveDatagram(
      Transfer.Call(self, .receiveDatagram, .now),
      into: &buffer,
      flags: flags.union(.doNotWait)
    )
  }
}

extension MessageSocket {
  /// Sends one datagram to an address.
  ///
  /// A datagram goes whole or not at all. With no bytes an empty datagram is sent.
  ///
  /// - Parameters:
  ///   - bytes: the datagram.
  ///   - address: who it is for.
  ///   - flags: for example ``MessageFlags/confirm``.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: ``SocketError`` with `EMSGSIZE` when it is too large, `ENETUNREACH` or `EHOSTUNREACH` when
  ///   there is no way there, `ECONNREFUSED` or `ENOENT` when a Unix peer is not there, `EACCES` for a
  ///   broadcast without the option, `ENOBUFS` when the interface's queue is full; the socket is still
  ///   good. Cause ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `sendto`.
  public func sendDatagram(
    _ bytes: RawSpan,
    to address: SocketAddress,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) {
    let call = Transfer.Call(self, .sendDatagram, deadline, to: address)
    var retry = Retry()
    while true {
      let wait = deadline == .never ? flags : flags.union(.doNotWait)
      if try Transfer.sendDatagram(call, bytes, to: address, flags: wait) { return }
      try call.wait(Constants.pollOut, &retry)
    }
  }

  /// Sends one datagram to an address if there is room now, and never waits.
  ///
  /// - Parameters:
  ///   - bytes: the datagram.
  ///   - address: who it is for.
  ///   - flags: for example ``MessageFlags/confirm``.
  /// - Returns: `true` when it was sent, `nil` when there is no room now.
  /// - Throws: ``SocketError`` as `sendDatagram(_:to:flags:deadline:)` does.
  ///
  /// The corresponding C function is `sendto` with `MSG_DONTWAIT`.
  public func trySendDatagram(
    _ bytes: RawSpan,
    to address: SocketAddress,
    flags: MessageFlags = []
  ) throws(SocketError) -> Bool? {
    let call = Transfer.Call(self, .sendDatagram, .now, to: address)
    let sent = try Transfer.sendDatagram(
      call,
      bytes,
      to: address,
      flags: flags.union(.doNotWait)
    )
    return sent ? true : nil
  }
}
