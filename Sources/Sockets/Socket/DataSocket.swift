// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A socket that carries data: ``ConnectedSocket`` and ``MessageSocket``.
///
/// The calls come in two kinds. `read` and `write` are the simple ones of a stream. `receive` and `send` are
/// one system call each, take ``MessageFlags`` and say exactly how many bytes that one call moved. Each waits
/// until its deadline; its `try…` twin never waits and returns `nil` where it would have to.
///
/// The bytes are the caller's own memory, lent by the Span types: nothing is copied on the way, and nothing is
/// allocated.
public protocol DataSocket: SocketOwner, ~Copyable {}

extension DataSocket where Self: ~Copyable {
  // MARK: Reading

  /// Reads what has come, at most as many bytes as there is room for, waiting for the first.
  ///
  /// Fewer bytes than asked for are no sign of anything: a stream has no borders. With no room at all it
  /// returns zero without waiting.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of a stream, and for an empty datagram.
  /// - Throws: ``SocketError`` with `ECONNRESET` when the peer has reset the connection, `ENOTCONN` when there
  ///   is no peer; cause ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `read`.
  public func read(
    into buffer: inout MutableRawSpan,
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Transfer.receive(
      Transfer.Call(self, .read, deadline),
      into: &buffer,
      flags: []
    )
  }

  /// Reads what has come and appends it, at most as many bytes as there is free room for.
  ///
  /// - Parameters:
  ///   - buffer: is appended to; the room need not be initialized.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of a stream, and for an empty datagram.
  /// - Throws: ``SocketError`` as ``read(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `read`.
  public func read(
    into buffer: inout OutputRawSpan,
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Transfer.receive(
      Transfer.Call(self, .read, deadline),
      into: &buffer,
      flags: []
    )
  }

  /// Reads exactly as many bytes as there is room for.
  ///
  /// - Parameters:
  ///   - buffer: is filled to its end.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/endOfStream`` when the stream ended first;
  ///   otherwise as ``read(into:deadline:)-(MutableRawSpan,_)`` does. In all cases
  ///   ``SocketError/bytesTransferred`` says how many bytes had come: they are at the buffer's beginning.
  ///
  /// The corresponding C function is `read`, repeated.
  public func read(
    exactlyInto buffer: inout MutableRawSpan,
    deadline: Deadline = .never
  ) throws(SocketError) {
    try Transfer.receiveAll(Transfer.Call(self, .read, deadline), into: &buffer)
  }

  /// Reads what has come if anything has, and never waits.
  ///
  /// - Parameter buffer: where the bytes go, from its beginning.
  /// - Returns: how many bytes came, zero at the end of a stream, or `nil` when nothing has come yet.
  /// - Throws: ``SocketError`` as ``read(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `recv` with `MSG_DONTWAIT`.
  public func tryRead(into buffer: inout MutableRawSpan) throws(SocketError) -> Int? {
    try Transfer.tryReceive(Transfer.Call(self, .read, .now), into: &buffer, flags: [])
  }

  /// Receives by one call, with flags.
  ///
  /// On a datagram or record socket this is one message; what does not fit is lost, so prefer
  /// `receiveDatagram(into:flags:deadline:)`, which tells.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - flags: for example ``MessageFlags/peek``, ``MessageFlags/waitForAll`` or
  ///     ``MessageFlags/outOfBand``.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of a stream, and for an empty datagram. With
  ///   ``MessageFlags/truncated`` the true length of a datagram, which may be more than the room.
  /// - Throws: ``SocketError`` as ``read(into:deadline:)-(MutableRawSpan,_)`` does; for out-of-band data also
  ///   `EINVAL` when there is none.
  ///
  /// The corresponding C function is `recv`.
  public func receive(
    into buffer: inout MutableRawSpan,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Transfer.receive(Transfer.Call(self, .receive, deadline), into: &buffer, flags: flags)
  }

  /// Receives by one call if anything has come, and never waits.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - flags: as for `receive(into:flags:deadline:)`.
  /// - Returns: how many bytes came, or `nil` when nothing has come yet.
  /// - Throws: ``SocketError`` as `receive(into:flags:deadline:)` does.
  ///
  /// The corresponding C function is `recv` with `MSG_DONTWAIT`.
  public func tryReceive(
    into buffer: inout MutableRawSpan,
    flags: MessageFlags = []
  ) throws(SocketError) -> Int? {
    try Transfer.tryReceive(Transfer.Call(self, .receive, .now), into: &buffer, flags: flags)
  }

  /// Whether the next byte to read is the one that was sent as urgent.
  ///
  /// - Returns: whether the reader stands at the mark.
  /// - Throws: ``SocketError`` when this kind of socket has no urgent data.
  ///
  /// The corresponding C function is `sockatmark`.
  public func isAtOutOfBandMark() throws(SocketError) -> Bool {
    let answer = Syscall.ioctlNumber(
      descriptor.rawValue,
      request: Constants.atMark,
      cName: "SIOCATMARK"
    )
    guard answer >= 0 else { throw SocketError(.deviceControl, result: answer) }
    return answer != 0
  }

  // MARK: Writing

  /// Writes all the bytes, in as many calls as it takes.
  ///
  /// On a datagram or record socket it is one message. With no bytes, a stream is left alone, and an empty
  /// message is sent on the others.
  ///
  /// Success means that the kernel has taken the bytes, not that the peer has read them.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` with `EPIPE` or `ECONNRESET` when the peer is gone (what it had sent can still
  ///   be read), `EMSGSIZE` when a message is too large, in which case nothing is sent; cause
  ///   ``SocketError/Cause/deadlinePassed``. ``SocketError/bytesTransferred`` says how many bytes the kernel
  ///   had taken.
  ///
  /// The corresponding C function is `write`, done by `send` with `MSG_NOSIGNAL`, repeated.
  public func write(_ bytes: RawSpan, deadline: Deadline = .never) throws(SocketError) {
    try Transfer.sendAll(Transfer.Call(self, .write, deadline), bytes)
  }

  /// Sends by one call, with flags.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - flags: for example ``MessageFlags/more``, ``MessageFlags/outOfBand`` or
  ///     ``MessageFlags/endOfRecord``.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes the kernel took; on a stream this may be fewer than given.
  /// - Throws: ``SocketError`` as ``write(_:deadline:)-(RawSpan,_)`` does; nothing has been sent then.
  ///
  /// The corresponding C function is `send`.
  public func send(
    _ bytes: RawSpan,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Transfer.send(Transfer.Call(self, .send, deadline), bytes, flags: flags)
  }

  /// Sends by one call what the kernel takes at once, and never waits.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - flags: as for `send(_:flags:deadline:)`.
  /// - Returns: how many bytes the kernel took, or `nil` when it has no room now.
  /// - Throws: ``SocketError`` as `send(_:flags:deadline:)` does.
  ///
  /// The corresponding C function is `send` with `MSG_DONTWAIT`.
  public func trySend(
    _ bytes: RawSpan,
    flags: MessageFlags = []
  ) throws(SocketError) -> Int? {
    try Transfer.trySend(Transfer.Call(self, .send, .now), bytes, flags: flags)
  }
}
