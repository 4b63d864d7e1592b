// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

// Messages with control data: where spans and buffers become one `struct msghdr`.
extension Transfer {
  /// Whether a call's failure means that it would have had to wait.
  @inline(__always)
  static func mustWait(_ result: Int) -> Bool {
    result == -Int(Errno.resourceTemporarilyUnavailable.rawValue)
  }

  /// One `recvmsg`, or `nil` when it would have to wait.
  ///
  /// What was in the control buffer is dropped first, its descriptors closed, whatever comes of the call.
  package static func receiveMessage(
    _ call: Call,
    into buffer: inout MutableRawSpan,
    control: inout ControlBuffer,
    flags: MessageFlags
  ) throws(SocketError) -> ReceivedMessage? {
    control.removeAll()
    if flags.contains(.errorQueue) && ErrorQueue.isMissing(call.family) {
      throw call.error(-Int(Errno.notSupportedOnSocket.rawValue))
    }
    // On a stream MSG_TRUNC would throw bytes away (tcp(7)); in the error queue it is not taken.
    let tellsLength = call.type != .stream && !flags.contains(.errorQueue)
    var asked = flags.union(.closeOnExec)
    if tellsLength { asked.insert(.truncated) }
    var sender = SocketAddress()
    let room = buffer.byteCount
    var filled = 0
    var answer = MessageFlags()
    // SAFETY: buffer, control and address are lent exclusively for the length of the one call, and each
    // pointer goes with the count of its own memory.
    let result = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe control.storage.withUnsafeMutableBytes { items in
        unsafe SocketAddress.filled(&sender) { name, length in
          var part = unsafe cs_iovec(base: bytes.baseAddress, count: bytes.count)
          return unsafe withUnsafeMutablePointer(to: &part) { part in
            var header = unsafe cs_msghdr(
              name: name,
              name_length: length,
              parts: part,
              part_count: 1,
              control: items.count == 0 ? nil : items.baseAddress,
              control_length: items.count,
              flags: 0
            )
            let result = unsafe Syscall.recvmsg(
              call.descriptor,
              &header,
              flags: asked.rawValue
            )
            unsafe length = result < 0 ? 0 : header.name_length
            unsafe filled = result < 0 ? 0 : header.control_length
            answer = unsafe MessageFlags(rawValue: header.flags)
            return result
          }
        }
      }
    }
    guard result >= 0 else {
      guard mustWait(result) else { throw call.error(result) }
      return nil
    }
    control.setFilled(filled)
    return ReceivedMessage(
      byteCount: min(result, room),
      originalByteCount: result,
      sender: sender,
      flags: answer
    )
  }

  /// One `sendmsg`, or `nil` when it would have to wait.
  package static func sendMessage(
    _ call: Call,
    _ bytes: RawSpan,
    to address: SocketAddress?,
    control: borrowing ControlMessages,
    flags: MessageFlags
  ) throws(SocketError) -> Int? {
    let result = try sendMessageOnce(call, bytes, to: address, control: control, flags: flags)
    if result >= 0 { return result }
    guard mustWait(result) else { throw call.error(result) }
    return nil
  }

  /// One `sendmsg`: how many bytes went, or an errno negated.
  ///
  /// - Throws: ``SocketError`` for what is not sent at all, since the kernel would drop a part of it without a word.
  static func sendMessageOnce(
    _ call: Call,
    _ bytes: RawSpan,
    to address: SocketAddress?,
    control: borrowing ControlMessages,
    flags: MessageFlags
  ) throws(SocketError) -> Int {
    guard control.areRead(by: call.family) else {
      throw SocketError(call.operation, .wrongAddressFamily, subject: call.subject)
    }
    if bytes.isEmpty && call.type == .stream {
      // The kernel would drop the control data, descriptors included, without a word.
      guard control.isEmpty else { throw call.error(-Int(Errno.invalidArgument.rawValue)) }
      return 0
    }
    let asked = call.sendFlags(flags).rawValue
    let name = address ?? SocketAddress()
    // SAFETY: everything is lent for the length of the one call, and the kernel only reads it; each pointer
    // goes with the count of its own memory.
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe control.bytes.withUnsafeBytes { items in
        unsafe name.withUnsafeAddress { name, length in
          var part = unsafe cs_iovec(
            base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            count: bytes.count
          )
          return unsafe withUnsafeMutablePointer(to: &part) { part in
            var header = unsafe cs_msghdr(
              name: length == 0 ? nil : UnsafeMutableRawPointer(mutating: name),
              name_length: length,
              parts: part,
              part_count: 1,
              control: items.count == 0
                ? nil : UnsafeMutableRawPointer(mutating: items.baseAddress),
              control_length: items.count,
              flags: 0
            )
            return call.family == .x25
              ? unsafe Syscall.sendmsgGuarded(call.descriptor, &header, flags: asked)
              : unsafe Syscall.sendmsg(call.descriptor, &header, flags: asked)
          }
        }
      }
    }
  }
}
