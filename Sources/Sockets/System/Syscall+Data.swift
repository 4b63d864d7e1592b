// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each pointer and count are of one buffer that the caller lends for the time of
// the call; the kernel writes no further than the count, and keeps nothing once the call has returned.

package import CSockets
internal import Glibc

// The calls that move bytes. Each retries EINTR; each may move fewer bytes than it was asked to.
extension Syscall {
  package static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    performRetrying(
      .read,
      descriptor,
      count: buffer.count,
      arguments: { read in
        [
          .number(Int(descriptor)), unsafe .filled(UnsafeRawBufferPointer(buffer), read),
          .number(buffer.count),
        ]
      },
      body: { count in unsafe result(Glibc.read(descriptor, buffer.baseAddress, count)) }
    )
  }

  package static func recv(
    _ descriptor: Int32,
    into buffer: UnsafeMutableRawBufferPointer,
    flags: Int32
  ) -> Int {
    performRetrying(
      .recv,
      descriptor,
      count: buffer.count,
      arguments: { received in
        [
          .number(Int(descriptor)), unsafe .filled(UnsafeRawBufferPointer(buffer), received),
          .number(buffer.count), .constant(MessageFlags(rawValue: flags).description),
        ]
      },
      body: { count in unsafe cs_recv(descriptor, buffer.baseAddress, count, flags) }
    )
  }

  package static func recvfrom(
    _ descriptor: Int32,
    into buffer: UnsafeMutableRawBufferPointer,
    flags: Int32,
    sender: inout SocketAddress
  ) -> Int {
    var address = SocketAddress()
    let received = performRetrying(
      .recvfrom,
      descriptor,
      count: buffer.count,
      arguments: { received in
        [
          .number(Int(descriptor)), unsafe .filled(UnsafeRawBufferPointer(buffer), received),
          .number(buffer.count), .constant(MessageFlags(rawValue: flags).description),
          .address(address),
        ]
      },
      body: { count in
        unsafe SocketAddress.filled(&address) { pointer, length in
          unsafe result(
            Glibc.recvfrom(
              descriptor,
              buffer.baseAddress,
              count,
              flags,
              pointer.assumingMemoryBound(to: sockaddr.self),
              &length
            )
          )
        }
      }
    )
    sender = address
    return received
  }

  package static func send(
    _ descriptor: Int32,
    _ bytes: UnsafeRawBufferPointer,
    flags: Int32
  ) -> Int {
    performRetrying(
      .send,
      descriptor,
      count: bytes.count,
      arguments: { _ in
        [
          .number(Int(descriptor)), unsafe .filled(bytes, bytes.count), .number(bytes.count),
          .constant(MessageFlags(rawValue: flags).description),
        ]
      },
      body: { count in unsafe cs_send(descriptor, bytes.baseAddress, count, flags) }
    )
  }

  /// `send` for families that know no `MSG_NOSIGNAL`: the thread's SIGPIPE is held back instead.
  package static func sendGuarded(
    _ descriptor: Int32,
    _ bytes: UnsafeRawBufferPointer,
    flags: Int32
  ) -> Int {
    performRetrying(
      .send,
      descriptor,
      count: bytes.count,
      arguments: { _ in
        [
          .number(Int(descriptor)), unsafe .filled(bytes, bytes.count), .number(bytes.count),
          .constant(MessageFlags(rawValue: flags).description),
        ]
      },
      body: { count in
        unsafe result(cs_send_guarded(descriptor, bytes.baseAddress, count, flags))
      }
    )
  }

  package static func sendto(
    _ descriptor: Int32,
    _ bytes: UnsafeRawBufferPointer,
    flags: Int32,
    to address: SocketAddress
  ) -> Int {
    performRetrying(
      .sendto,
      descriptor,
      count: bytes.count,
      arguments: { _ in
        [
          .number(Int(descriptor)), unsafe .filled(bytes, bytes.count), .number(bytes.count),
          .constant(MessageFlags(rawValue: flags).description), .address(address),
        ]
      },
      body: { count in
        unsafe address.withUnsafeAddress { pointer, length in
          unsafe result(
            Glibc.sendto(
              descriptor,
              bytes.baseAddress,
              count,
              flags,
              pointer.assumingMemoryBound(to: sockaddr.self),
              length
            )
          )
        }
      }
    )
  }

  package static func sendmsg(
    _ descriptor: Int32,
    _ message: UnsafePointer<cs_msghdr>,
    flags: Int32
  ) -> Int {
    unsafe performMessage(.sendmsg, descriptor, message, flags) { message in
      unsafe result(cs_sendmsg(descriptor, message, flags))
    }
  }

  /// `sendmsg` with the thread's SIGPIPE held back; see ``sendGuarded(_:_:flags:)``.
  package static func sendmsgGuarded(
    _ descriptor: Int32,
    _ message: UnsafePointer<cs_msghdr>,
    flags: Int32
  ) -> Int {
    unsafe performMessage(.sendmsg, descriptor, message, flags) { message in
      unsafe result(cs_sendmsg_guarded(descriptor, message, flags))
    }
  }

  package static func recvmsg(
    _ descriptor: Int32,
    _ message: UnsafeMutablePointer<cs_msghdr>,
    flags: Int32
  ) -> Int {
    unsafe performMessage(.recvmsg, descriptor, message, flags) { shortened in
      var header = unsafe shortened.pointee
      let received = unsafe result(cs_recvmsg(descriptor, &header, flags))
      // What the kernel sets is the caller's; the parts may be those of a forced short count.
      unsafe message.pointee.name_length = header.name_length
      unsafe message.pointee.control_length = header.control_length
      unsafe message.pointee.flags = header.flags
      return received
    }
  }

  /// Makes a call with a message header, whose parts a watching test may shorten.
  @inline(__always)
  private static func performMessage(
    _ call: SystemCall, _ descriptor: Int32, _ message: UnsafePointer<cs_msghdr>, _ flags: Int32,
    body: (UnsafePointer<cs_msghdr>) -> Int
  ) -> Int {
    // The sum is made only while somebody watches: nothing else asks for it.
    let total =
      unsafe cs_observing() == 0
      ? 0 : byteCount(message.pointee.parts, message.pointee.part_count)
    return performRetrying(
      call, descriptor, count: total,
      arguments: { _ in
        unsafe [
          .number(Int(descriptor)), .text("\(message.pointee.part_count) parts"),
          .text("\(message.pointee.control_length) control bytes"),
          .constant(MessageFlags(rawValue: flags).description),
        ]
      },
      body: { count in
        guard count < total else { return unsafe body(message) }
        var parts = unsafe shortened(
          UnsafeBufferPointer(start: message.pointee.parts, count: message.pointee.part_count),
          to: count)
        return unsafe parts.withUnsafeMutableBufferPointer { parts in
          var header = unsafe message.pointee
          unsafe header.parts = parts.baseAddress
          unsafe header.part_count = parts.count
          return unsafe body(&header)
        }
      })
  }

  private static func byteCount(_ parts: UnsafePointer<cs_iovec>?, _ count: Int) -> Int {
    unsafe UnsafeBufferPointer(start: parts, count: count).reduce(0) { unsafe $0 + $1.count }
  }

  /// The first parts, of so many bytes in all.
  private static func shortened(
    _ parts: UnsafeBufferPointer<cs_iovec>, to count: Int
  ) -> [cs_iovec] {
    var left = count
    var short: [cs_iovec] = unsafe []
    for index in parts.indices where left > 0 {
      let length = unsafe min(parts[index].count, left)
      unsafe short.append(cs_iovec(base: parts[index].base, count: length))
      left -= length
    }
    return unsafe short
  }

  /// `sendmmsg`: returns how many messages went.
  package static func sendmmsg(
    _ descriptor: Int32,
    _ messages: UnsafeMutableBufferPointer<cs_mmsghdr>,
    flags: Int32
  ) -> Int {
    performRetrying(
      .sendmmsg,
      descriptor,
      count: messages.count,
      arguments: { _ in
        [
          .number(Int(descriptor)), .number(messages.count),
          .constant(MessageFlags(rawValue: flags).description),
        ]
      },
      body: { count in
        unsafe result(cs_sendmmsg(descriptor, messages.baseAddress, UInt32(count), flags))
      }
    )
  }

  /// `recvmmsg`: returns how many messages came.
  package static func recvmmsg(
    _ descriptor: Int32,
    _ messages: UnsafeMutableBufferPointer<cs_mmsghdr>,
    flags: Int32
  ) -> Int {
    performRetrying(
      .recvmmsg,
      descriptor,
      count: messages.count,
      arguments: { _ in
        [
          .number(Int(descriptor)), .number(messages.count),
          .constant(MessageFlags(rawValue: flags).description),
        ]
      },
      body: { count in
        unsafe result(cs_recvmmsg(descriptor, messages.baseAddress, UInt32(count), flags))
      }
    )
  }

  package static func readv(
    _ descriptor: Int32,
    _ parts: UnsafeBufferPointer<cs_iovec>
  ) -> Int {
    let total = unsafe cs_observing() == 0 ? 0 : byteCount(parts.baseAddress, parts.count)
    return performRetrying(
      .readv,
      descriptor,
      count: total,
      arguments: { _ in [.number(Int(descriptor)), .text("\(parts.count) parts")] },
      body: { count in
        guard count < total else {
          return unsafe result(
            cs_readv(descriptor, parts.baseAddress, Int32(clamping: parts.count)))
        }
        return unsafe shortened(parts, to: count).withUnsafeBufferPointer { parts in
          unsafe result(cs_readv(descriptor, parts.baseAddress, Int32(clamping: parts.count)))
        }
      }
    )
  }

  /// `sendfile`; a negative offset uses and moves the file's own position.
  package static func sendfile(
    _ descriptor: Int32,
    from file: Int32,
    offset: inout Int64,
    count: Int
  ) -> Int {
    unsafe withUnsafeMutablePointer(to: &offset) { pointer in
      performRetrying(
        .sendfile,
        descriptor,
        count: count,
        arguments: { _ in
          [
            .number(Int(descriptor)), .number(Int(file)), .number(unsafe Int(pointer.pointee)),
            .number(count),
          ]
        },
        body: { count in
          unsafe result(cs_sendfile(descriptor, file, pointer.pointee < 0 ? nil : pointer, count))
        }
      )
    }
  }

  /// `splice`; towards a socket with `SIGPIPE` held back, which a pipe of one's own never raises.
  package static func splice(
    from: Int32, to: Int32, count: Int, flags: UInt32, isToSocket: Bool
  ) -> Int {
    performRetrying(
      .splice,
      from,
      count: count,
      arguments: { _ in [.number(Int(from)), .number(Int(to)), .number(count), .number(Int(flags))]
      },
      body: { count in
        result(
          isToSocket
            ? cs_splice_guarded(from, to, count, flags) : cs_splice(from, to, count, flags))
      }
    )
  }
}

extension Syscall {
  /// Writes one byte to a pipe of the package's own; a full pipe has said enough already.
  @discardableResult
  package static func writeByte(_ descriptor: Int32, _ byte: UInt8 = 0) -> Int {
    // SAFETY: one byte is lent for the length of the call.
    unsafe withUnsafeBytes(of: byte) { bytes in
      performRetrying(.write, descriptor, count: 1, arguments: { _ in [] }) { _ in
        unsafe result(Glibc.write(descriptor, bytes.baseAddress, 1))
      }
    }
  }

  /// Sends one byte on a socket of the package's own, without SIGPIPE.
  package static func sendByte(_ descriptor: Int32, _ byte: UInt8) -> Int {
    // SAFETY: one byte is lent for the length of the call.
    unsafe withUnsafeBytes(of: byte) { bytes in
      unsafe send(descriptor, bytes, flags: MessageFlags.noSignal.rawValue)
    }
  }

  /// Receives one byte without waiting.
  package static func receiveByte(_ descriptor: Int32, _ byte: inout UInt8) -> Int {
    // SAFETY: one byte is lent for the length of the call.
    unsafe withUnsafeMutableBytes(of: &byte) {
      unsafe recv(descriptor, into: $0, flags: MessageFlags.doNotWait.rawValue)
    }
  }

  /// Reads one byte from a pipe of the package's own, or `nil`.
  package static func readByte(_ descriptor: Int32) -> UInt8? {
    var byte: UInt8 = 0
    let count = unsafe withUnsafeMutableBytes(of: &byte) { unsafe read(descriptor, into: $0) }
    return count == 1 ? byte : nil
  }
}

extension SystemCallArgument {
  /// At most the first 32 of the bytes that a call moved; none when it failed.
  static func filled(_ buffer: UnsafeRawBufferPointer, _ result: Int) -> SystemCallArgument {
    let moved = max(0, min(result, buffer.count))
    return unsafe .bytes(Array(buffer.prefix(min(moved, 32))), count: moved)
  }
}
