// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The same calls for those who hold an array or a string's bytes instead of a span. They move the bytes in
// place; only a collection without storage of its own in one piece is copied first.

extension DataSocket where Self: ~Copyable {
  /// Reads what has come over the array's elements; see ``read(into:deadline:)-(MutableRawSpan,_)``.
  ///
  /// The array keeps its count: it is the room, and the result says how much of it was filled.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of a stream, and for an empty datagram.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `read`.
  public func read(
    into buffer: inout [UInt8],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    var span = buffer.mutableSpan
    // SAFETY: every byte of an array of bytes may be read and written.
    var bytes = unsafe span.mutableBytes
    return try read(into: &bytes, deadline: deadline)
  }

  /// Reads exactly as many bytes as the array has; see ``read(exactlyInto:deadline:)-(MutableRawSpan,_)``.
  ///
  /// - Parameters:
  ///   - buffer: is filled to its end.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `read`, repeated.
  public func read(
    exactlyInto buffer: inout [UInt8],
    deadline: Deadline = .never
  ) throws(SocketError) {
    var span = buffer.mutableSpan
    // SAFETY: as above.
    var bytes = unsafe span.mutableBytes
    try read(exactlyInto: &bytes, deadline: deadline)
  }

  /// Receives by one call, with flags; see ``receive(into:flags:deadline:)-(MutableRawSpan,_,_)``.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - flags: the flags.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `recv`.
  public func receive(
    into buffer: inout [UInt8],
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    var span = buffer.mutableSpan
    // SAFETY: as above.
    var bytes = unsafe span.mutableBytes
    return try receive(into: &bytes, flags: flags, deadline: deadline)
  }

  /// Receives one datagram or record; see ``receiveDatagram(into:flags:deadline:)-(MutableRawSpan,_,_)``.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - flags: the flags.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts and the sender.
  /// - Throws: ``SocketError`` as the form with a span does.
  ///
  /// The corresponding C function is `recvfrom` with `MSG_TRUNC`.
  public func receiveDatagram(
    into buffer: inout [UInt8],
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> ReceivedDatagram {
    var span = buffer.mutableSpan
    // SAFETY: as above.
    var bytes = unsafe span.mutableBytes
    return try receiveDatagram(into: &bytes, flags: flags, deadline: deadline)
  }

  /// Writes all the bytes of an array, a string's `utf8`, or another collection.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` as ``write(_:deadline:)-(RawSpan,_)`` does.
  ///
  /// The corresponding C function is `write`, done by `send` with `MSG_NOSIGNAL`, repeated.
  public func write(
    _ bytes: some Collection<UInt8>,
    deadline: Deadline = .never
  ) throws(SocketError) {
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try write(span, deadline: deadline)
    }
  }

  /// Sends the bytes of a collection by one call, with flags.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - flags: the flags.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes the kernel took; on a stream this may be fewer than given.
  /// - Throws: ``SocketError`` as ``send(_:flags:deadline:)-(RawSpan,_,_)`` does.
  ///
  /// The corresponding C function is `send`.
  public func send(
    _ bytes: some Collection<UInt8>,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try send(span, flags: flags, deadline: deadline)
    }
  }
}

extension MessageSocket {
  /// Sends the bytes of a collection as one datagram to an address.
  ///
  /// - Parameters:
  ///   - bytes: the datagram.
  ///   - address: who it is for.
  ///   - flags: the flags.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: ``SocketError`` as ``sendDatagram(_:to:flags:deadline:)-(RawSpan,_,_,_)`` does.
  ///
  /// The corresponding C function is `sendto`.
  public func sendDatagram(
    _ bytes: some Collection<UInt8>,
    to address: SocketAddress,
    flags: MessageFlags = [],
    deadline: Deadline = .never
  ) throws(SocketError) {
    try Contiguous.with(bytes) { (span) throws(SocketError) in
      try sendDatagram(span, to: address, flags: flags, deadline: deadline)
    }
  }
}

/// Lends the bytes of any collection in one piece.
enum Contiguous {
  static func with<R>(
    _ bytes: some Collection<UInt8>,
    _ body: (RawSpan) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    // The standard library's closure throws any error, so the typed one is carried through a result.
    let direct: Result<R, SocketError>? = bytes.withContiguousStorageIfAvailable { storage in
      // SAFETY: the storage lives until the closure returns, and the span with it.
      let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(storage))
      return Result { () throws(SocketError) in try body(span) }
    }
    if let direct { return try direct.get() }
    let copy = Array(bytes)
    return try unsafe body(copy.span.bytes)
  }
}
