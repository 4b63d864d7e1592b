// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The same calls for those who hold an array or a string's bytes instead of a span.

extension DataSocket where Self: ~Copyable {
  /// Receives one message over the array's elements; see `receiveMessage(into:control:flags:deadline:)`.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning; it keeps its count.
  ///   - control: where the control messages go.
  ///   - flags: the flags.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts, the sender and the flags.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_CMSG_CLOEXEC`.
  public func receiveMessage(
    into buffer: inout [UInt8],
    control: inout ControlBuffer,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> ReceivedMessage {
    var span = buffer.mutableSpan
    // SAFETY: every byte of an array of bytes may be read and written.
    var bytes = unsafe span.mutableBytes
    return try receiveMessage(into: &bytes, control: &control, flags: flags, deadline: deadline)
  }

  /// Receives one message over the array's elements if one has come, and never waits.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning; it keeps its count.
  ///   - control: where the control messages go.
  ///   - flags: the flags.
  /// - Returns: the counts, the sender and the flags, or `nil` when nothing has come yet.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_CMSG_CLOEXEC` and `MSG_DONTWAIT`.
  public func tryReceiveMessage(
    into buffer: inout [UInt8],
    control: inout ControlBuffer,
    flags: MessageFlags = []
  ) throws(SocketError) -> ReceivedMessage? {
    var span = buffer.mutableSpan
    // SAFETY: as above.
    var bytes = unsafe span.mutableBytes
    return try tryReceiveMessage(into: &bytes, control: &control, flags: flags)
  }

  /// Sends the bytes of a collection as one message with control messages.
  ///
  /// - Parameters:
  ///   - bytes: the message.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside the bytes.
  ///   - flags: the flags.
  ///   - deadline: when to give up waiting for room.
  /// - Returns: how many bytes the kernel took.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `sendmsg` with `MSG_NOSIGNAL`.
  public func sendMessage(
    _ bytes: some Collection<UInt8>,
    to address: SocketAddress? = nil,
    control: ControlMessages = ControlMessages(),
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try sendMessage(span, to: address, control: control, flags: flags, deadline: deadline)
    }
  }
}

extension ConnectedSocket {
  /// Receives bytes over the array's elements, and the descriptors that came with them.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning; it keeps its count.
  ///   - deadline: when to give up waiting.
  /// - Returns: the count and the descriptors, which are closed on exec.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `recvmsg` with `SCM_RIGHTS` and `MSG_CMSG_CLOEXEC`.
  public func receiveDescriptors(
    into buffer: inout [UInt8],
    deadline: Deadline = .never
  ) throws(SocketError) -> ReceivedDescriptorMessage {
    var span = buffer.mutableSpan
    // SAFETY: as above.
    var bytes = unsafe span.mutableBytes
    return try receiveDescriptors(into: &bytes, deadline: deadline)
  }
}
