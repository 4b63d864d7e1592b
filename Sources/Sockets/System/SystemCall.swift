// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The system calls that the package makes, by their C names.
///
/// A closed list that we own: the observer, the recorded-call tests and `sockets tour` speak of calls
/// by these names.
package enum SystemCall: String, CaseIterable, Sendable {
  case socket, socketpair, bind, listen, accept4, connect, shutdown, close
  case getsockname, getpeername, getsockopt, setsockopt
  case read, readv, recv, recvfrom, recvmsg, recvmmsg
  case write, send, sendto, sendmsg, sendmmsg
  case sendfile, splice, pipe2
  case poll, fcntl, ioctl
  case posix_spawn, pidfd_open, kill, waitpid
  case open, openat, openat2, flock, unlink, fstatat, fchmod, fchmodat, fchownat
  case if_nametoindex, if_indextoname
  case io_uring_setup, io_uring_register, io_uring_enter
  case epoll_create1, epoll_ctl, epoll_pwait2, eventfd2
  // What is asked of the kernel in a ring, by one call for all of them.
  case ringPoll = "IORING_OP_POLL_ADD"
  case ringAccept = "IORING_OP_ACCEPT"
  case ringCancel = "IORING_OP_ASYNC_CANCEL"
  case ringRead = "IORING_OP_READ"
  case ringSend = "IORING_OP_SEND"
  case ringReceive = "IORING_OP_RECV"

  /// Whether it is an operation in a ring, and no call.
  package var isRingOperation: Bool { rawValue.hasPrefix("IORING") }
}

/// One performed system call, as an observer is told of it.
package struct SystemCallRecord: Sendable {
  /// Which call.
  package var call: SystemCall
  /// The arguments, the descriptor first where the call has one, in the order of the C function.
  package var arguments: [SystemCallArgument]
  /// What the call returned; a failed call has the negated errno.
  package var result: Int
  /// How long the call took, in nanoseconds.
  package var nanoseconds: Int64

  package init(
    call: SystemCall, arguments: [SystemCallArgument], result: Int, nanoseconds: Int64
  ) {
    self.call = call
    self.arguments = arguments
    self.result = result
    self.nanoseconds = nanoseconds
  }
}

/// An argument of a system call in a form that can be printed.
package enum SystemCallArgument: Sendable, CustomStringConvertible {
  /// A plain number: a count, a backlog.
  case number(Int)
  /// A C constant or a set of them, as written in C.
  case constant(String)
  /// A socket address.
  case address(SocketAddress)
  /// The first bytes of a buffer, and the buffer's count.
  case bytes([UInt8], count: Int)
  /// Anything else, already as text.
  case text(String)

  package var description: String {
    switch self {
    case .number(let value): String(value)
    case .constant(let text), .text(let text): text
    case .address(let address): "{\(address)}"
    case .bytes(let prefix, let count):
      "\"" + prefix.map(Self.escaped).joined() + "\"" + (count > prefix.count ? "..." : "")
    }
  }

  /// One byte as C would write it inside a string literal.
  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case 0x0a: return "\\n"
    case 0x0d: return "\\r"
    case 0x09: return "\\t"
    case 0x22: return "\\\""
    case 0x5c: return "\\\\"
    case 0x20...0x7e: return String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16)
      return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
  }
}

/// Someone who watches the system calls of one thread, and may answer them in the kernel's place.
///
/// This is the package's one seam below every socket call: the recorded-call tests force errors and short
/// counts through it, and `sockets tour` shows through it what really was called.
package protocol SystemCallObserver: AnyObject {
  /// Called before the kernel is asked.
  ///
  /// - Parameters:
  ///   - call: which call is about to be made.
  ///   - descriptor: the descriptor it is made on, or -1.
  ///   - count: how many bytes or items the call may move; make it smaller to force a short count.
  /// - Returns: the result to report without asking the kernel (an errno negated), or `nil` to ask it.
  func willPerform(_ call: SystemCall, descriptor: CInt, count: inout Int) -> Int?
  /// Called when the kernel has answered: what to report, for a call that is to happen and to fail all the same,
  /// as an interrupted `connect` or `close` does.
  func answer(of call: SystemCall, descriptor: CInt, _ result: Int) -> Int
  /// Called after the call, whoever answered it.
  func didPerform(_ record: SystemCallRecord)
  /// Called before an operation is put into a ring, with the same parameters as for a call.
  ///
  /// - Returns: what to report, or `nil` to ask the kernel.
  func willSubmit(_ operation: SystemCall, descriptor: CInt, count: inout Int) -> RingAnswer?
}

/// What an observer answers to an operation in a ring.
package enum RingAnswer: Sendable {
  /// The kernel is not asked; this is its result.
  case instead(Int)
  /// The kernel is asked, and this is the result when it has failed: as when it was cancelled and says that it was interrupted.
  case insteadOfFailure(Int)
}

extension SystemCallObserver {
  package func willPerform(_ call: SystemCall, descriptor: CInt, count: inout Int) -> Int? { nil }
  package func answer(of call: SystemCall, descriptor: CInt, _ result: Int) -> Int { result }
  package func didPerform(_ record: SystemCallRecord) {}
  package func willSubmit(
    _ operation: SystemCall, descriptor: CInt, count: inout Int
  ) -> RingAnswer? { nil }

  /// Runs `body` with this observer watching the calling thread, in place of any other, then puts the
  /// other back.
  package func observing<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    let previous = Syscall.installObserver(self)
    defer { Syscall.restoreObserver(previous) }
    return try body()
  }
}
