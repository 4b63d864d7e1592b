// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension DataSocket where Self: ~Copyable {
  /// Receives one message with its control messages, and says who sent it and whether all of it fitted.
  ///
  /// Descriptors that come are closed on exec and belong to the control buffer until they are taken. Nothing is
  /// allocated.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - control: where the control messages go; what was in it is dropped, and its descriptors are closed.
  ///   - flags: for example ``MessageFlags/peek`` or ``MessageFlags/errorQueue``.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts, the sender and the flags; zero bytes are the end of a stream, or an empty message.
  /// - Throws: ``SocketError`` with `ECONNREFUSED` on a connected datagram socket when an earlier datagram was
  ///   refused, `ECONNRESET` when the peer has reset the connection;
  ///   `EOPNOTSUPP` for the error queue of a family that has none; cause
  ///   ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_CMSG_CLOEXEC`.
  public func receiveMessage(
    into buffer: inout MutableRawSpan,
    control: inout ControlBuffer,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> ReceivedMessage {
    let call = Transfer.Call(self, .receiveMessage, deadline)
    let wait = deadline == .never ? flags : flags.union(.doNotWait)
    var retry = Retry()
    var signals = 0
    while true {
      if let message = try Transfer.receiveMessage(
        call,
        into: &buffer,
        control: &control,
        flags: wait
      ) {
        return message
      }
      // The error queue never waits by itself, whatever the flags say.
      if flags.contains(.errorQueue) {
        try ErrorQueue.wait(call, &signals)
      } else {
        try call.wait(call.receiveEvents(flags), &retry)
      }
    }
  }

  /// Receives one message with its control messages if one has come, and never waits.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - control: where the control messages go; what was in it is dropped, and its descriptors are closed.
  ///   - flags: as for `receiveMessage(into:control:flags:deadline:)`.
  /// - Returns: the counts, the sender and the flags, or `nil` when nothing has come yet.
  /// - Throws: ``SocketError`` as `receiveMessage(into:control:flags:deadline:)` does.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_CMSG_CLOEXEC` and `MSG_DONTWAIT`.
  public func tryReceiveMessage(
    into buffer: inout MutableRawSpan,
    control: inout ControlBuffer,
    flags: MessageFlags = []
  ) throws(SocketError) -> ReceivedMessage? {
    try Transfer.receiveMessage(
      Transfer.Call(self, .receiveMessage, .now),
      into: &buffer,
      control: &control,
      flags: flags.union(.doNotWait)
    )
  }

  /// Sends one message with control messages.
  ///
  /// On a datagram or record socket it goes whole or not at all. On a stream the kernel may take fewer bytes than
  /// given; the control messages have gone with the first of them, so the rest goes by `write`.
  ///
  /// - Parameters:
  ///   - bytes: the message. On a stream there must be at least one byte for control messages to go with.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside the bytes; descriptors in it must be open until the call returns.
  ///   - flags: for example ``MessageFlags/more`` or ``MessageFlags/endOfRecord``.
  ///   - deadline: when to give up waiting for room.
  /// - Returns: how many bytes the kernel took.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/wrongAddressFamily`` when a socket of this family
  ///   would drop one of the control messages without a word; `EINVAL` when the kernel does not know one, or
  ///   when control messages are to go with no byte of a stream; `EPERM` for credentials that are not one's own
  ///   or a mark without the capability; `EBADF` when a descriptor is not open; `ETOOMANYREFS` when too many
  ///   descriptors are on their way; `EMSGSIZE`, `EPIPE`, `ENETUNREACH` and the like as `sendDatagram` and
  ///   `write` do; cause ``SocketError/Cause/deadlinePassed``. Nothing has been sent then.
  ///
  /// The corresponding C function is `sendmsg` with `MSG_NOSIGNAL`.
  public func sendMessage(
    _ bytes: RawSpan,
    to address: SocketAddress? = nil,
    control: borrowing ControlMessages = ControlMessages(),
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    let call = Transfer.Call(
      self,
      .sendMessage,
      deadline,
      to: address
    )
    let wait = deadline == .never ? flags : flags.union(.doNotWait)
    var retry = Retry()
    while true {
      let result = try Transfer.sendMessageOnce(
        call,
        bytes,
        to: address,
        control: control,
        flags: wait
      )
      if result >= 0 { return result }
      // Without copying there is no memory for the bookkeeping, which no pause mends.
      guard !flags.contains(.zeroCopy) || Transfer.wouldBlock(result) else {
        throw call.error(result)
      }
      try call.waitToSend(after: result, &retry)
    }
  }

  /// Sends one message with control messages if there is room now, and never waits.
  ///
  /// - Parameters:
  ///   - bytes: the message.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside the bytes; descriptors in it must be open until the call returns.
  ///   - flags: as for `sendMessage(_:to:control:flags:deadline:)`.
  /// - Returns: how many bytes the kernel took, or `nil` when there is no room now.
  /// - Throws: ``SocketError`` as `sendMessage(_:to:control:flags:deadline:)` does.
  ///
  /// The corresponding C function is `sendmsg` with `MSG_NOSIGNAL` and `MSG_DONTWAIT`.
  public func trySendMessage(
    _ bytes: RawSpan,
    to address: SocketAddress? = nil,
    control: borrowing ControlMessages = ControlMessages(),
    flags: MessageFlags = []
  ) throws(SocketError) -> Int? {
    let call = Transfer.Call(
      self,
      .sendMessage,
      .now,
      to: address
    )
    return try Transfer.sendMessage(
      call,
      bytes,
      to: address,
      control: control,
      flags: flags.union(.doNotWait)
    )
  }
}
