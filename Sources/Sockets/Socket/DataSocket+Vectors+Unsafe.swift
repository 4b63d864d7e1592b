// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, the parts point into arrays that are held until the call has returned, and
// are only shortened from the front, by counts that the kernel reports of them.

internal import CSockets
internal import SystemPackage

// Several pieces of memory in one call: gathered for writing, scattered into for reading.
extension DataSocket where Self: ~Copyable {
  /// Writes several pieces one after the other, as if they were one.
  ///
  /// More than 1,024 pieces (`IOV_MAX`) go in turns on a stream; a call that was cut in the middle of a piece goes
  /// on there. On a datagram or record socket all the pieces together are one message. Empty pieces are fine.
  ///
  /// - Parameters:
  ///   - pieces: what to send, in order.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: ``SocketError`` as ``write(_:deadline:)-(RawSpan,_)`` does; `EMSGSIZE` also for a message
  ///   of more than 1,024 pieces. ``SocketError/bytesTransferred`` says how many bytes the kernel had taken.
  ///
  /// The corresponding C function is `writev`, done by `sendmsg` with `MSG_NOSIGNAL`, repeated.
  public func write(
    gathering pieces: [[UInt8]],
    deadline: Deadline = .never
  ) throws(SocketError) {
    try Transfer.sendAll(Transfer.Call(self, .write, deadline), gathering: pieces)
  }

  /// Reads what has come into several pieces of memory, filling each before the next.
  ///
  /// - Parameters:
  ///   - pieces: where the bytes go; their counts are the room and stay as they are. At most 1,024 pieces.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came in all; zero at the end of a stream, and for an empty datagram.
  /// - Throws: ``SocketError`` as ``read(into:deadline:)-(MutableRawSpan,_)`` does, and `EINVAL` for more than
  ///   1,024 pieces.
  ///
  /// The corresponding C function is `readv`, and `recvmsg` with a deadline.
  public func read(
    scatteringInto pieces: inout [[UInt8]],
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    try Transfer.receive(Transfer.Call(self, .read, deadline), scatteringInto: &pieces)
  }
}

extension Transfer {
  /// The most pieces that one call takes: `IOV_MAX`, `UIO_MAXIOV` of the kernel.
  package static let maximumPieces = 1024

  package static func sendAll(
    _ call: Call,
    gathering pieces: [[UInt8]]
  ) throws(SocketError) {
    // The pointers stay good because `pieces` holds every array until the end, and nothing writes to them.
    defer { withExtendedLifetime(pieces) {} }
    var parts: [cs_iovec] = unsafe []
    unsafe parts.reserveCapacity(pieces.count)
    for piece in pieces where !piece.isEmpty {
      // SAFETY: an array's storage does not move while the array is held and not written to.
      unsafe piece.withUnsafeBytes { bytes in
        unsafe parts.append(
          cs_iovec(base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), count: bytes.count)
        )
      }
    }
    if call.type == .stream {
      try unsafe sendStream(call, &parts)
    } else {
      guard unsafe parts.count <= maximumPieces else {
        throw SocketError(call.operation, .system(.messageTooLong), subject: call.subject)
      }
      _ = try unsafe sendOnce(call, &parts, from: 0)
    }
  }

  /// Sends the parts of a stream from the first to the last, whatever the kernel cuts.
  private static func sendStream(
    _ call: Call,
    _ parts: inout [cs_iovec]
  ) throws(SocketError) {
    var first = 0
    var sent = 0
    while unsafe first < parts.count {
      var count: Int
      do throws(SocketError) {
        count = try unsafe sendOnce(call, &parts, from: first)
      } catch {
        var error = error
        error.bytesTransferred = sent
        throw error
      }
      sent += count
      while unsafe first < parts.count && count >= parts[first].count {
        unsafe count -= parts[first].count
        first += 1
      }
      if unsafe first < parts.count {
        // SAFETY: count is less than the part's own, so the pointer stays inside it.
        unsafe parts[first].base = parts[first].base?.advanced(by: count)
        unsafe parts[first].count -= count
      }
    }
  }

  /// One `sendmsg` of at most ``maximumPieces`` parts, waited for.
  private static func sendOnce(
    _ call: Call,
    _ parts: inout [cs_iovec],
    from first: Int
  ) throws(SocketError) -> Int {
    var flags = call.sendFlags([])
    if call.deadline != .never { flags.insert(.doNotWait) }
    var retry = Retry()
    while true {
      // SAFETY: the header points at the parts for the length of the call.
      let result = unsafe parts.withUnsafeMutableBufferPointer { buffer in
        var header = unsafe cs_msghdr()
        unsafe header.parts = buffer.baseAddress?.advanced(by: first)
        unsafe header.part_count = min(buffer.count - first, maximumPieces)
        return call.family == .x25
          ? unsafe Syscall.sendmsgGuarded(call.descriptor, &header, flags: flags.rawValue)
          : unsafe Syscall.sendmsg(call.descriptor, &header, flags: flags.rawValue)
      }
      if result >= 0 { return result }
      try call.waitToSend(after: result, &retry)
    }
  }

  package static func receive(
    _ call: Call,
    scatteringInto pieces: inout [[UInt8]]
  ) throws(SocketError) -> Int {
    var parts: [cs_iovec] = unsafe []
    unsafe parts.reserveCapacity(pieces.count)
    for index in pieces.indices {
      // SAFETY: writing through the array makes its storage ours alone; it does not move until written again.
      unsafe pieces[index].withUnsafeMutableBytes { bytes in
        unsafe parts.append(cs_iovec(base: bytes.baseAddress, count: bytes.count))
      }
    }
    defer { withExtendedLifetime(pieces) {} }
    // With a deadline the kernel would call it EMSGSIZE.
    guard unsafe parts.count <= maximumPieces else {
      throw SocketError(call.operation, .system(.invalidArgument), subject: call.subject)
    }
    if call.type == .stream, unsafe parts.allSatisfy({ unsafe $0.count == 0 }) { return 0 }
    var retry = Retry()
    while true {
      let result = unsafe receiveOnce(call, &parts)
      if result >= 0 { return result }
      guard wouldBlock(result) else { throw call.error(result) }
      try call.wait(Constants.pollIn, &retry)
    }
  }

  /// One `readv`; with a deadline one `recvmsg`, since only that can be told not to wait.
  private static func receiveOnce(_ call: Call, _ parts: inout [cs_iovec]) -> Int {
    // SAFETY: the parts point into memory that the caller holds exclusively until the call returns.
    unsafe parts.withUnsafeMutableBufferPointer { buffer in
      if call.deadline == .never {
        return unsafe Syscall.readv(call.descriptor, UnsafeBufferPointer(buffer))
      }
      var header = unsafe cs_msghdr()
      unsafe header.parts = buffer.baseAddress
      unsafe header.part_count = buffer.count
      return unsafe Syscall.recvmsg(
        call.descriptor, &header, flags: MessageFlags.doNotWait.rawValue)
    }
  }
}
