// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// What came by `ConnectedSocket/receiveDescriptors(into:deadline:)-(MutableRawSpan,_)`.
@frozen
public struct ReceivedDescriptorMessage: ~Copyable, Sendable {
  /// How many bytes came; zero at the end of a stream.
  public var byteCount: Int
  /// The descriptors that came with them; those that are not taken are closed.
  public var descriptors: ReceivedDescriptors
  /// Whether descriptors were lost, since this process or the system had no room for more.
  public var lostDescriptors: Bool
}

// Passing open descriptors to another process, over a Unix socket.
extension ConnectedSocket {
  /// Sends open descriptors to the peer, who gets copies, and bytes with them.
  ///
  /// The descriptors are lent until the call returns, and the sender's stay open. On a stream all bytes are
  /// sent, in as many calls as it takes; the descriptors come with the first.
  ///
  /// - Parameters:
  ///   - descriptors: at most ``ControlMessages/maximumDescriptorCount`` open descriptors.
  ///   - bytes: at least one byte on a stream.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/limitExceeded`` when there are too many
  ///   descriptors, ``SocketError/Cause/wrongAddressFamily`` when this is no Unix socket; `EINVAL` without a
  ///   byte on a stream; otherwise as `sendMessage(_:to:control:flags:deadline:)`.
  ///   ``SocketError/bytesTransferred`` says how many bytes were sent; if any, the descriptors were as well.
  ///
  /// The corresponding C function is `sendmsg` with `SCM_RIGHTS`.
  public func sendDescriptors(
    _ descriptors: some Collection<FileDescriptor>,
    with bytes: RawSpan,
    deadline: Deadline = .never
  ) throws(SocketError) {
    let control = try ControlMessages(descriptors: descriptors)
    let sent = try sendMessage(bytes, control: control, deadline: deadline)
    guard sent < bytes.byteCount else { return }
    do throws(SocketError) {
      try write(bytes.extracting(droppingFirst: sent), deadline: deadline)
    } catch {
      var error = error
      error.bytesTransferred += sent
      throw error
    }
  }

  /// Sends open descriptors to the peer, and the bytes of a collection with them.
  ///
  /// - Parameters:
  ///   - descriptors: at most ``ControlMessages/maximumDescriptorCount`` open descriptors.
  ///   - bytes: at least one byte on a stream.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `sendmsg` with `SCM_RIGHTS`.
  public func sendDescriptors(
    _ descriptors: some Collection<FileDescriptor>,
    with bytes: some Collection<UInt8>,
    deadline: Deadline = .never
  ) throws(SocketError) {
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try sendDescriptors(descriptors, with: span, deadline: deadline)
    }
  }

  /// Sends the peer a copy of a socket, which stays open here, and the bytes of a collection with it.
  ///
  /// - Parameters:
  ///   - socket: the owner of the socket; it is only lent.
  ///   - bytes: at least one byte on a stream.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` as `sendDescriptors(_:with:deadline:)-(_,RawSpan,_)` does.
  ///
  /// The corresponding C function is `sendmsg` with `SCM_RIGHTS`.
  public func sendDescriptor(
    of socket: borrowing some SocketOwner & ~Copyable,
    with bytes: some Collection<UInt8>,
    deadline: Deadline = .never
  ) throws(SocketError) {
    try sendDescriptors(
      CollectionOfOne(FileDescriptor(rawValue: socket.descriptor.rawValue)),
      with: bytes,
      deadline: deadline
    )
  }

  /// Receives bytes, and the descriptors that came with them.
  ///
  /// On a stream one call never brings the descriptors of two messages (unix(7)).
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - deadline: when to give up waiting.
  /// - Returns: the count and the descriptors, which are closed on exec.
  /// - Throws: ``SocketError`` as `receiveMessage(into:control:flags:deadline:)` does.
  ///
  /// The corresponding C function is `recvmsg` with `SCM_RIGHTS` and `MSG_CMSG_CLOEXEC`.
  public func receiveDescriptors(
    into buffer: inout MutableRawSpan,
    deadline: Deadline = .never
  ) throws(SocketError) -> ReceivedDescriptorMessage {
    var control = ControlBuffer()
    let message = try receiveMessage(into: &buffer, control: &control, deadline: deadline)
    return ReceivedDescriptorMessage(
      byteCount: message.byteCount,
      descriptors: control.takeDescriptors(),
      lostDescriptors: message.isControlTruncated
    )
  }
}
