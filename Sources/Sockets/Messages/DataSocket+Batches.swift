// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension DataSocket where Self: ~Copyable {
  /// Receives as many datagrams as have come, by one call, waiting for the first.
  ///
  /// What was in the batch is dropped, and descriptors that nobody took are closed. Nothing is allocated. When the socket has
  /// an error pending after some datagrams have come, these are delivered, and the next call throws the error.
  ///
  /// - Parameters:
  ///   - batch: gets the datagrams; at least one when the call returns. An empty one is an empty datagram, or on a
  ///     connection of records the end.
  ///   - deadline: when to give up waiting for the first.
  /// - Throws: ``SocketError`` with `ECONNREFUSED` on a connected socket when an earlier datagram was refused;
  ///   `EOPNOTSUPP` on a stream, which has no datagrams; cause ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `recvmmsg` with `MSG_WAITFORONE`.
  public func receiveBatch(
    into batch: inout DatagramBatch, deadline: Deadline = .never
  ) throws(SocketError) {
    let call = Transfer.Call(self, .receiveBatch, deadline)
    let flags: MessageFlags = deadline == .never ? .waitForOne : .doNotWait
    var retry = Retry()
    while try Transfer.receiveBatch(call, &batch, flags: flags) == nil {
      try call.wait(Constants.pollIn, &retry)
    }
  }

  /// Receives as many datagrams as have come, by one call, and never waits.
  ///
  /// - Parameter batch: gets the datagrams; what was in it is dropped.
  /// - Returns: whether any has come.
  /// - Throws: ``SocketError`` as ``receiveBatch(into:deadline:)`` does.
  ///
  /// The corresponding C function is `recvmmsg` with `MSG_DONTWAIT`.
  public func tryReceiveBatch(into batch: inout DatagramBatch) throws(SocketError) -> Bool {
    let call = Transfer.Call(self, .receiveBatch, .now)
    return try Transfer.receiveBatch(call, &batch, flags: .doNotWait) != nil
  }

  /// Sends all datagrams of a batch, by as few calls as possible, waiting while there is no room.
  ///
  /// Those that have gone leave the batch, so that it is empty when the call returns. When one fails it is the batch's
  /// first: drop it by ``DatagramBatch/removeFirst(_:)`` and send the rest, or try it again.
  ///
  /// - Parameters:
  ///   - batch: the datagrams.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` with the first datagram's address, as ``MessageSocket/sendDatagram(_:to:flags:deadline:)-(RawSpan,_,_,_)``
  ///   does; with cause ``SocketError/Cause/wrongAddressFamily`` when a socket of this family would drop a control message
  ///   without a word; `EOPNOTSUPP` on a stream; cause ``SocketError/Cause/deadlinePassed``. What has not gone is
  ///   still in the batch.
  ///
  /// The corresponding C function is `sendmmsg` with `MSG_NOSIGNAL`, repeated.
  public func sendBatch(
    _ batch: inout DatagramBatch, deadline: Deadline = .never
  ) throws(SocketError) {
    let call = Transfer.Call(self, .sendBatch, deadline)
    let flags: MessageFlags = deadline == .never ? [] : .doNotWait
    var retry = Retry()
    while !batch.isEmpty {
      guard try Transfer.sendBatch(call, &batch, flags: flags) == 0 else { continue }
      try call.wait(Constants.pollOut, &retry)
    }
  }

  /// Sends as many datagrams of a batch as there is room for, by one call, and never waits.
  ///
  /// - Parameter batch: the datagrams; those that have gone leave it.
  /// - Returns: how many have gone; zero when there is no room now, or the batch is empty.
  /// - Throws: ``SocketError`` as ``sendBatch(_:deadline:)`` does.
  ///
  /// The corresponding C function is `sendmmsg` with `MSG_NOSIGNAL` and `MSG_DONTWAIT`.
  public func trySendBatch(_ batch: inout DatagramBatch) throws(SocketError) -> Int {
    guard !batch.isEmpty else { return 0 }
    return try Transfer.sendBatch(
      Transfer.Call(self, .sendBatch, .now), &batch, flags: .doNotWait)
  }
}

extension DatagramBatch {
  /// Adds the bytes of an array, a string's `utf8`, or another collection as a datagram to send; see
  /// ``append(_:to:control:)-(RawSpan,_,_)``.
  ///
  /// - Parameters:
  ///   - bytes: the datagram, copied into the batch.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside it.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C type is `struct mmsghdr`.
  public mutating func append(
    _ bytes: some Collection<UInt8>, to address: SocketAddress? = nil,
    control: borrowing ControlMessages = ControlMessages()
  ) throws(SocketError) {
    let control = copy control
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try append(span, to: address, control: control)
    }
  }

  /// Adds the bytes of a collection, which the kernel divides into datagrams; see
  /// ``append(_:inSegmentsOf:to:)-(RawSpan,_,_)``.
  ///
  /// - Parameters:
  ///   - bytes: all the datagrams one after the other.
  ///   - size: the size of each in bytes.
  ///   - address: who they are for, or `nil` for the peer that the socket is connected to.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C constant is `UDP_SEGMENT`.
  public mutating func append(
    _ bytes: some Collection<UInt8>, inSegmentsOf size: Int, to address: SocketAddress? = nil
  ) throws(SocketError) {
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try append(span, inSegmentsOf: size, to: address)
    }
  }
}
