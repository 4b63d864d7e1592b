// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each pointer and count are of one buffer that the caller lends for the time of
// the call; the kernel writes no further than the count, and keeps nothing once the call has returned.

package import CSockets
internal import Glibc

// The calls that make sockets, name them, join them and end them.
extension Syscall {
  package static func socket(_ family: Int32, _ type: Int32, _ protocolNumber: Int32) -> Int {
    perform(
      .socket,
      -1,
      arguments: { _ in SystemCallArgument.socket(family, type, protocolNumber) },
      body: { _ in result(Glibc.socket(family, type, protocolNumber)) }
    )
  }

  package static func socketpair(
    _ family: Int32,
    _ type: Int32,
    _ protocolNumber: Int32,
    _ ends: inout (Int32, Int32)
  ) -> Int {
    unsafe withUnsafeMutableBytes(of: &ends) { pair in
      perform(
        .socketpair,
        -1,
        arguments: { _ in SystemCallArgument.socket(family, type, protocolNumber) },
        body: { _ in
          // SAFETY: a tuple of two Int32 has the layout of int[2].
          unsafe result(
            Glibc.socketpair(
              family,
              type,
              protocolNumber,
              pair.baseAddress?.assumingMemoryBound(to: Int32.self)
            )
          )
        }
      )
    }
  }

  package static func bind(_ descriptor: Int32, _ address: SocketAddress) -> Int {
    perform(
      .bind,
      descriptor,
      arguments: { _ in [.number(Int(descriptor)), .address(address), .number(address.byteCount)] },
      body: { _ in
        unsafe address.withUnsafeAddress { pointer, length in
          // SAFETY: the pointer and the length are of one address.
          unsafe result(
            Glibc.bind(descriptor, pointer.assumingMemoryBound(to: sockaddr.self), length)
          )
        }
      }
    )
  }

  package static func listen(_ descriptor: Int32, backlog: Int32) -> Int {
    perform(
      .listen,
      descriptor,
      arguments: { _ in [.number(Int(descriptor)), .number(Int(backlog))] },
      body: { _ in result(Glibc.listen(descriptor, backlog)) }
    )
  }

  /// `accept4`; EINTR is retried.
  package static func accept(
    _ descriptor: Int32,
    address: inout SocketAddress,
    flags: Int32
  ) -> Int {
    var peer = SocketAddress()
    let number = performRetrying(
      .accept4,
      descriptor,
      arguments: { _ in
        [
          .number(Int(descriptor)), .address(peer),
          .constant(SystemCallArgument.socketFlags(flags)),
        ]
      },
      body: { _ in
        unsafe SocketAddress.filled(&peer) { pointer, length in
          unsafe result(cs_accept4(descriptor, pointer, &length, flags))
        }
      }
    )
    address = peer
    return number
  }

  /// `connect`; EINTR is the caller's to handle, since the attempt goes on by itself.
  package static func connect(_ descriptor: Int32, _ address: SocketAddress) -> Int {
    perform(
      .connect,
      descriptor,
      arguments: { _ in [.number(Int(descriptor)), .address(address), .number(address.byteCount)] },
      body: { _ in
        unsafe address.withUnsafeAddress { pointer, length in
          // SAFETY: the pointer and the length are of one address.
          unsafe result(
            Glibc.connect(descriptor, pointer.assumingMemoryBound(to: sockaddr.self), length)
          )
        }
      }
    )
  }

  package static func shutdown(_ descriptor: Int32, _ how: Int32) -> Int {
    perform(
      .shutdown,
      descriptor,
      arguments: { _ in
        [
          .number(Int(descriptor)),
          .constant(["SHUT_RD", "SHUT_WR", "SHUT_RDWR"][max(0, min(2, Int(how)))]),
        ]
      },
      body: { _ in result(Glibc.shutdown(descriptor, how)) }
    )
  }

  /// `close`; never retried, since the descriptor is gone whatever is answered.
  package static func close(_ descriptor: Int32) -> Int {
    perform(
      .close,
      descriptor,
      arguments: { _ in [.number(Int(descriptor))] },
      body: { _ in result(Glibc.close(descriptor)) }
    )
  }

  package static func getsockname(_ descriptor: Int32, _ address: inout SocketAddress) -> Int {
    var name = SocketAddress()
    let status = perform(
      .getsockname,
      descriptor,
      arguments: { _ in [.number(Int(descriptor)), .address(name)] },
      body: { _ in
        unsafe SocketAddress.filled(&name) { pointer, length in
          unsafe result(
            Glibc.getsockname(descriptor, pointer.assumingMemoryBound(to: sockaddr.self), &length)
          )
        }
      }
    )
    address = name
    return status
  }

  package static func getpeername(_ descriptor: Int32, _ address: inout SocketAddress) -> Int {
    var name = SocketAddress()
    let status = perform(
      .getpeername,
      descriptor,
      arguments: { _ in [.number(Int(descriptor)), .address(name)] },
      body: { _ in
        unsafe SocketAddress.filled(&name) { pointer, length in
          unsafe result(
            Glibc.getpeername(descriptor, pointer.assumingMemoryBound(to: sockaddr.self), &length)
          )
        }
      }
    )
    address = name
    return status
  }

  /// `getsockopt`: fills `buffer` and returns how many bytes of it count.
  package static func getsockopt(
    _ descriptor: Int32,
    level: Int32,
    name: Int32,
    cName: String,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Int {
    perform(
      .getsockopt,
      descriptor,
      count: buffer.count,
      arguments: { _ in
        [
          .number(Int(descriptor)), .constant(SystemCallArgument.optionLevel(level)),
          .constant(cName),
        ]
      },
      body: { count in
        var length = socklen_t(count)
        let status = unsafe result(
          Glibc.getsockopt(descriptor, level, name, buffer.baseAddress, &length)
        )
        return status < 0 ? status : Int(length)
      }
    )
  }

  package static func setsockopt(
    _ descriptor: Int32,
    level: Int32,
    name: Int32,
    cName: String,
    _ bytes: UnsafeRawBufferPointer
  ) -> Int {
    perform(
      .setsockopt,
      descriptor,
      arguments: { _ in
        [
          .number(Int(descriptor)), .constant(SystemCallArgument.optionLevel(level)),
          .constant(cName),
          .bytes(unsafe Array(bytes.prefix(16)), count: bytes.count),
        ]
      },
      body: { _ in
        unsafe result(
          Glibc.setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
        )
      }
    )
  }

  /// A `struct timeval`: the value of `SO_SNDTIMEO`; zero is no limit.
  package struct SendTimeout {
    private var seconds: Int64 = 0
    private var microseconds: Int64 = 0

    /// No limit.
    package init() {}

    /// A limit; one under a microsecond would be read as none, and so is made one.
    package init(nanoseconds: Int64) {
      seconds = nanoseconds / 1_000_000_000
      microseconds =
        nanoseconds == 0 ? 0 : max(seconds == 0 ? 1 : 0, nanoseconds % 1_000_000_000 / 1000)
    }
  }

  package static func setSendTimeout(_ descriptor: Int32, _ timeout: SendTimeout) -> Int {
    unsafe withUnsafeBytes(of: timeout) { bytes in
      unsafe setsockopt(
        descriptor,
        level: Constants.socketLevel,
        name: Constants.sendTimeout,
        cName: "SO_SNDTIMEO",
        bytes
      )
    }
  }

  package static func getSendTimeout(_ descriptor: Int32, _ timeout: inout SendTimeout) -> Int {
    unsafe withUnsafeMutableBytes(of: &timeout) { bytes in
      unsafe getsockopt(
        descriptor, level: Constants.socketLevel, name: Constants.sendTimeout,
        cName: "SO_SNDTIMEO", into: bytes)
    }
  }

  /// The number of the protocol that a socket was made with.
  package static func protocolNumber(_ descriptor: Int32) -> Int {
    var number: Int32 = 0
    let status = unsafe withUnsafeMutableBytes(of: &number) { bytes in
      unsafe getsockopt(
        descriptor, level: Constants.socketLevel, name: CS_SO_PROTOCOL, cName: "SO_PROTOCOL",
        into: bytes)
    }
    return status < 0 ? status : Int(number)
  }

  /// `ioctl` with a pointer to a structure.
  package static func ioctl(
    _ descriptor: Int32,
    request: UInt,
    cName: String,
    _ argument: UnsafeMutableRawPointer?
  ) -> Int {
    perform(
      .ioctl,
      descriptor,
      arguments: { _ in [.number(Int(descriptor)), .constant(cName)] },
      body: { _ in unsafe result(cs_ioctl(descriptor, request, argument)) }
    )
  }

  /// `ioctl` that answers one C `int`; the result is that number.
  package static func ioctlNumber(_ descriptor: Int32, request: UInt, cName: String) -> Int {
    var answer: Int32 = 0
    let status = unsafe withUnsafeMutablePointer(to: &answer) { pointer in
      unsafe ioctl(descriptor, request: request, cName: cName, UnsafeMutableRawPointer(pointer))
    }
    return status < 0 ? status : Int(answer)
  }

  package static func fcntl(_ descriptor: Int32, command: Int32, argument: Int32) -> Int {
    performRetrying(
      .fcntl,
      descriptor,
      arguments: { _ in SystemCallArgument.control(descriptor, command, argument) },
      body: { _ in result(cs_fcntl(descriptor, command, argument)) }
    )
  }

  /// Makes the call `ppoll` with a time in nanoseconds; a negative one waits for ever.
  ///
  /// EINTR is the caller's, who knows the deadline.
  package static func poll(
    _ items: UnsafeMutableBufferPointer<cs_pollfd>,
    nanoseconds: Int64
  ) -> Int {
    let first = unsafe items.first?.descriptor ?? -1
    return perform(
      .poll,
      first,
      arguments: { _ in [.number(items.count), .text("\(nanoseconds) ns")] },
      body: { _ in
        unsafe result(cs_poll(items.baseAddress, UInt(items.count), nanoseconds))
      }
    )
  }

  /// `poll` of one descriptor.
  package static func pollOne(_ descriptor: Int32, events: Int16, nanoseconds: Int64) -> Int {
    var item = cs_pollfd(descriptor: descriptor, events: events, returned_events: 0)
    return unsafe withUnsafeMutablePointer(to: &item) { pointer in
      unsafe poll(UnsafeMutableBufferPointer(start: pointer, count: 1), nanoseconds: nanoseconds)
    }
  }

  /// `poll` of two descriptors for reading, a negative one left out; the result has bit 0 set when the first
  /// is ready and bit 1 when the second is.
  package static func pollTwo(_ first: Int32, _ second: Int32, nanoseconds: Int64) -> Int {
    var items = (
      cs_pollfd(descriptor: first, events: Constants.pollIn, returned_events: 0),
      cs_pollfd(descriptor: second, events: Constants.pollIn, returned_events: 0)
    )
    let status = unsafe withUnsafeMutableBytes(of: &items) { bytes in
      // SAFETY: a tuple of two equal structures has the layout of an array of them.
      unsafe poll(bytes.bindMemory(to: cs_pollfd.self), nanoseconds: nanoseconds)
    }
    guard status > 0 else { return status }
    return (items.0.returned_events != 0 ? 1 : 0) | (items.1.returned_events != 0 ? 2 : 0)
  }

  /// `poll` of many descriptors for reading; sets `ready` to the places of those that are.
  package static func pollMany(
    _ descriptors: [Int32],
    nanoseconds: Int64,
    ready: inout [Int]
  ) -> Int {
    var items = descriptors.map {
      cs_pollfd(descriptor: $0, events: Constants.pollIn, returned_events: 0)
    }
    // SAFETY: the array is lent for the length of the call.
    let status = unsafe items.withUnsafeMutableBufferPointer {
      unsafe poll($0, nanoseconds: nanoseconds)
    }
    ready = status > 0 ? items.indices.filter { items[$0].returned_events != 0 } : []
    return status
  }

  package static func pipe(_ ends: inout (Int32, Int32), flags: Int32) -> Int {
    unsafe withUnsafeMutableBytes(of: &ends) { pair in
      perform(
        .pipe2,
        -1,
        arguments: { _ in [.number(Int(flags))] },
        body: { _ in
          // SAFETY: a tuple of two Int32 has the layout of int[2].
          unsafe result(cs_pipe2(pair.baseAddress?.assumingMemoryBound(to: Int32.self), flags))
        }
      )
    }
  }
}

extension SystemCallArgument {
  /// The three arguments of `socket(2)` as C would write them.
  static func socket(_ family: Int32, _ type: Int32, _ number: Int32) -> [SystemCallArgument] {
    let plain = SocketType(rawValue: type & 0xf).cName
    let flags = socketFlags(type)
    return [
      .constant(AddressFamily(rawValue: UInt16(truncatingIfNeeded: family)).cName),
      .constant(flags == "0" ? plain : "\(plain)|\(flags)"),
      .constant(ProtocolNumber(rawValue: number).cName),
    ]
  }

  /// The arguments of `fcntl(2)` as C would write them.
  static func control(
    _ descriptor: Int32, _ command: Int32, _ argument: Int32
  ) -> [SystemCallArgument] {
    let number = SystemCallArgument.number(Int(descriptor))
    switch command {
    case Constants.getFlags: return [number, .constant("F_GETFL")]
    case Constants.setFlags:
      // Access modes cannot be changed and are passed over: 2 is O_RDWR, which every socket has.
      let isNonBlocking = argument & Constants.nonBlocking != 0
      let flags = "O_RDWR" + (isNonBlocking ? "|O_NONBLOCK" : "")
      let isKnown = argument & ~Constants.nonBlocking == 2
      return [
        number, .constant("F_SETFL"), isKnown ? .constant(flags) : .number(Int(argument)),
      ]
    case Constants.setDescriptorFlags:
      let flag = SystemCallArgument.number(Int(argument))
      return [number, .constant("F_SETFD"), argument == 1 ? .constant("FD_CLOEXEC") : flag]
    case Constants.duplicateCloseOnExec:
      return [number, .constant("F_DUPFD_CLOEXEC"), .number(Int(argument))]
    default: return [number, .number(Int(command)), .number(Int(argument))]
    }
  }

  /// The level of an option as C would write it.
  static func optionLevel(_ level: Int32) -> String {
    switch level {
    case 0: "IPPROTO_IP"
    case 1: "SOL_SOCKET"
    case 6: "IPPROTO_TCP"
    case 17: "IPPROTO_UDP"
    case 41: "IPPROTO_IPV6"
    case 58: "IPPROTO_ICMPV6"
    case 255: "IPPROTO_RAW"
    case 263: "SOL_PACKET"
    case 270: "SOL_NETLINK"
    default: String(level)
    }
  }

  /// The flags of `socket` and `accept4`.
  static func socketFlags(_ flags: Int32) -> String {
    var names: [String] = []
    if flags & Constants.socketNonBlocking != 0 { names.append("SOCK_NONBLOCK") }
    if flags & Constants.socketCloseOnExec != 0 { names.append("SOCK_CLOEXEC") }
    return names.isEmpty ? "0" : names.joined(separator: "|")
  }
}
