// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, a buffer is lent by the caller for the time of the call and handed on to
// the seam with its own count; nothing keeps a pointer.
//
// Where spans become pointers: the one path that bytes take between the public calls and the seam.

internal import SystemPackage

/// Moving bytes: one attempt, attempts until a deadline, and attempts until all is moved.
package enum Transfer {
  /// What one public call is about.
  package struct Call {
    let descriptor: Int32
    let family: AddressFamily
    let type: SocketType
    let operation: SocketError.Operation
    let deadline: Deadline
    /// Whom it is for.
    let address: SocketAddress?

    package init(
      _ socket: borrowing some DataSocket & ~Copyable,
      _ operation: SocketError.Operation,
      _ deadline: Deadline,
      to address: SocketAddress? = nil
    ) {
      descriptor = socket.descriptor.rawValue
      family = socket.family
      type = socket.type
      self.operation = operation
      self.deadline = deadline
      self.address = address
    }

    /// What an error is about; made only for one.
    var subject: SocketError.Subject { address.map { .address($0) } ?? .none }

    package func wait(_ events: Int16) throws(SocketError) {
      try Wait.until(
        events,
        descriptor,
        deadline: deadline,
        operation: operation,
        subject: subject
      )
    }

    /// The same, for a loop that may be told "ready" again and again in vain.
    package func wait(_ events: Int16, _ retry: inout Retry) throws(SocketError) {
      try retry.waitUntilReady(
        events, descriptor, deadline: deadline, operation: operation, subject: subject)
    }

    /// What to wait for before receiving: the error queue alone makes a socket neither readable nor urgent.
    package func receiveEvents(_ flags: MessageFlags) -> Int16 {
      if flags.contains(.errorQueue) { return 0 }
      return flags.contains(.outOfBand) ? Constants.pollPriority : Constants.pollIn
    }

    /// Waits after a refused attempt to send, or throws what is no reason to wait.
    package func waitToSend(after result: Int, _ retry: inout Retry) throws(SocketError) {
      if wouldBlock(result) { return try wait(Constants.pollOut, &retry) }
      guard type == .stream, isOutOfMemory(result), retry.pauseForMemory(deadline) else {
        throw error(result)
      }
    }

    package func error(_ result: Int) -> SocketError {
      SocketError(operation, result: result, subject: subject)
    }

    /// X.25 takes no other flags than its own, wants each message ended, and so is guarded against SIGPIPE
    /// by the seam (net/x25/af_x25.c); everything else gets `MSG_NOSIGNAL`.
    package func sendFlags(_ flags: MessageFlags) -> MessageFlags {
      family == .x25 ? flags.union(.endOfRecord) : flags.union(.noSignal)
    }
  }

  @inline(__always)
  package static func wouldBlock(_ result: Int) -> Bool {
    result == -Int(Errno.resourceTemporarilyUnavailable.rawValue)
  }

  /// No memory for the moment: on a stream it is a reason to wait and not to give the connection up.
  @inline(__always)
  package static func isOutOfMemory(_ result: Int) -> Bool {
    result == -Int(Errno.noBufferSpace.rawValue) || result == -Int(Errno.noMemory.rawValue)
  }

  // MARK: Receiving

  /// One `recv`, or `read` where there is nothing to say that `read` cannot.
  @inline(__always)
  private static func receiveOnce(
    _ call: Call,
    _ buffer: UnsafeMutableRawBufferPointer,
    _ flags: MessageFlags
  ) -> Int {
    flags.isEmpty
      ? unsafe Syscall.read(call.descriptor, into: buffer)
      : unsafe Syscall.recv(call.descriptor, into: buffer, flags: flags.rawValue)
  }

  private static func receive(
    _ call: Call,
    _ buffer: UnsafeMutableRawBufferPointer,
    flags: MessageFlags
  ) throws(SocketError) -> Int {
    // Without a deadline the kernel does the waiting; a descriptor made non-blocking by other code is
    // waited for all the same.
    let attempt = call.deadline == .never ? flags : flags.union(.doNotWait)
    var retry = Retry()
    while true {
      let count = unsafe receiveOnce(call, buffer, attempt)
      if count >= 0 { return count }
      guard wouldBlock(count) else { throw call.error(count) }
      try call.wait(call.receiveEvents(flags), &retry)
    }
  }

  package static func receive(
    _ call: Call,
    into buffer: inout MutableRawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> Int {
    // SAFETY: the span is lent exclusively until this call returns, and the kernel is done by then.
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(SocketError) in
      if bytes.count == 0 && call.type == .stream { return 0 }
      return try unsafe receive(call, bytes, flags: flags)
    }
  }

  package static func receive(
    _ call: Call,
    into buffer: inout OutputRawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> Int {
    // SAFETY: only the bytes that the kernel wrote are counted as initialized.
    try unsafe buffer.withUnsafeMutableBytes { (bytes, initialized) throws(SocketError) in
      let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[initialized...])
      if free.count == 0 && call.type == .stream { return 0 }
      let count = try unsafe receive(call, free, flags: flags)
      initialized += min(count, free.count)
      return count
    }
  }

  package static func receiveAll(
    _ call: Call,
    into buffer: inout MutableRawSpan
  ) throws(SocketError) {
    // SAFETY: as above; each turn is handed the part that is not yet filled.
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(SocketError) in
      var filled = 0
      while filled < bytes.count {
        let count: Int
        do throws(SocketError) {
          count = try unsafe receive(
            call,
            UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]),
            flags: []
          )
        } catch {
          var error = error
          error.bytesTransferred = filled
          throw error
        }
        guard count > 0 else {
          throw SocketError(call.operation, .endOfStream, bytesTransferred: filled)
        }
        filled += count
      }
    }
  }

  package static func tryReceive(
    _ call: Call,
    into buffer: inout MutableRawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> Int? {
    // SAFETY: as above.
    try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(SocketError) in
      if bytes.count == 0 && call.type == .stream { return 0 }
      let count = unsafe receiveOnce(call, bytes, flags.union(.doNotWait))
      if count >= 0 { return count }
      guard wouldBlock(count) else { throw call.error(count) }
      return nil
    }
  }

  /// One datagram, or `nil` when the call would have to wait.
  package static func receiveDatagram(
    _ call: Call,
    into buffer: inout MutableRawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> ReceivedDatagram? {
    if call.type != .stream, call.family == .x25 || call.family == .vsock {
      return try receiveFlagged(call, into: &buffer, flags: flags)
    }
    var sender = SocketAddress()
    let capacity = buffer.byteCount
    // On a TCP stream the flag would throw the bytes away (tcp(7), MSG_TRUNC).
    let flags = call.type == .stream ? flags : flags.union(.truncated)
    // SAFETY: as above.
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe Syscall.recvfrom(
        call.descriptor, into: bytes, flags: flags.rawValue, sender: &sender)
    }
    guard count >= 0 else {
      guard wouldBlock(count) else { throw call.error(count) }
      return nil
    }
    return ReceivedDatagram(
      byteCount: min(count, capacity),
      originalByteCount: count,
      sender: sender
    )
  }

  /// The same where the length is never told: that a message was cut stands in its flags alone.
  ///
  /// X.25 and vsock take no notice of `MSG_TRUNC` in the question.
  private static func receiveFlagged(
    _ call: Call,
    into buffer: inout MutableRawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> ReceivedDatagram? {
    var control = ControlBuffer(capacity: 0)
    guard
      let message = try receiveMessage(call, into: &buffer, control: &control, flags: flags)
    else { return nil }
    // One more than there was room for says that it was cut.
    return ReceivedDatagram(
      byteCount: message.byteCount,
      originalByteCount: message.byteCount + (message.isTruncated ? 1 : 0),
      sender: message.sender
    )
  }

  // MARK: Sending

  @inline(__always)
  private static func sendOnce(
    _ call: Call,
    _ bytes: UnsafeRawBufferPointer,
    _ flags: MessageFlags
  ) -> Int {
    call.family == .x25
      ? unsafe Syscall.sendGuarded(call.descriptor, bytes, flags: call.sendFlags(flags).rawValue)
      : unsafe Syscall.send(call.descriptor, bytes, flags: call.sendFlags(flags).rawValue)
  }

  private static func send(
    _ call: Call,
    _ bytes: UnsafeRawBufferPointer,
    flags: MessageFlags
  ) throws(SocketError) -> Int {
    let attempt = call.deadline == .never ? flags : flags.union(.doNotWait)
    var retry = Retry()
    while true {
      let count = unsafe sendOnce(call, bytes, attempt)
      if count >= 0 { return count }
      try call.waitToSend(after: count, &retry)
    }
  }

  package static func send(
    _ call: Call,
    _ bytes: RawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> Int {
    // SAFETY: the span is lent until this call returns, and the kernel has copied by then.
    try unsafe bytes.withUnsafeBytes { (bytes) throws(SocketError) in
      if bytes.count == 0 && call.type == .stream { return 0 }
      return try unsafe send(call, bytes, flags: flags)
    }
  }

  package static func sendAll(_ call: Call, _ bytes: RawSpan) throws(SocketError) {
    // SAFETY: as above; each turn is handed the part that has not gone.
    try unsafe bytes.withUnsafeBytes { (bytes) throws(SocketError) in
      guard call.type == .stream else {
        _ = try unsafe send(call, bytes, flags: [])
        return
      }
      var sent = 0
      while sent < bytes.count {
        do throws(SocketError) {
          sent += try unsafe send(
            call,
            UnsafeRawBufferPointer(rebasing: bytes[sent...]),
            flags: []
          )
        } catch {
          var error = error
          error.bytesTransferred = sent
          throw error
        }
      }
    }
  }

  package static func trySend(
    _ call: Call,
    _ bytes: RawSpan,
    flags: MessageFlags
  ) throws(SocketError) -> Int? {
    // SAFETY: as above.
    try unsafe bytes.withUnsafeBytes { (bytes) throws(SocketError) in
      if bytes.count == 0 && call.type == .stream { return 0 }
      let count = unsafe sendOnce(call, bytes, flags.union(.doNotWait))
      if count >= 0 { return count }
      guard wouldBlock(count) else { throw call.error(count) }
      return nil
    }
  }

  /// One datagram to an address; `false` when the call would have to wait.
  package static func sendDatagram(
    _ call: Call,
    _ bytes: RawSpan,
    to address: SocketAddress,
    flags: MessageFlags
  ) throws(SocketError) -> Bool {
    // SAFETY: as above.
    let count = unsafe bytes.withUnsafeBytes { bytes in
      unsafe Syscall.sendto(
        call.descriptor,
        bytes,
        flags: call.sendFlags(flags).rawValue,
        to: address
      )
    }
    guard count >= 0 else {
      guard wouldBlock(count) else { throw call.error(count) }
      return false
    }
    return true
  }
}
