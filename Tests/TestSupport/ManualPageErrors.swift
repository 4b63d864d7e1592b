// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets
package import SystemPackage

/// The errors that the manual pages list for each system call, as data: a pair (call, error) of these that has no
/// decided outcome fails a test.
///
/// Source: the ERRORS sections of section 2 of the Linux man-pages project, release 6.03, in the order of the page.
/// `readv` has those of read(2), `recvmmsg` those of recvmsg(2), `sendmmsg` those of sendmsg(2), as their pages say;
/// `accept4` has also the network errors that accept(2) names under "Error handling".
package enum ManualPageErrors {
  package static let section2: [SystemCall: String] = [
    .socket: "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT",
    .socketpair: "EAFNOSUPPORT EFAULT EMFILE ENFILE EOPNOTSUPP EPROTONOSUPPORT",
    .bind: """
    EACCES EADDRINUSE EBADF EINVAL ENOTSOCK EADDRNOTAVAIL EFAULT ELOOP ENAMETOOLONG ENOENT \
    ENOMEM ENOTDIR EROFS
    """,
    .listen: "EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP",
    .accept4: """
    EAGAIN EWOULDBLOCK EBADF ECONNABORTED EFAULT EINTR EINVAL EMFILE ENFILE ENOBUFS ENOMEM \
    ENOTSOCK EOPNOTSUPP EPERM EPROTO ENETDOWN ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH \
    ENETUNREACH ENOSR ESOCKTNOSUPPORT EPROTONOSUPPORT ETIMEDOUT
    """,
    .connect: """
    EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF ECONNREFUSED EFAULT \
    EINPROGRESS EINTR EISCONN ENETUNREACH ENOTSOCK EPROTOTYPE ETIMEDOUT
    """,
    .shutdown: "EBADF EINVAL ENOTCONN ENOTSOCK",
    .close: "EBADF EINTR EIO ENOSPC EDQUOT",
    .getsockname: "EBADF EFAULT EINVAL ENOBUFS ENOTSOCK",
    .getpeername: "EBADF EFAULT EINVAL ENOBUFS ENOTCONN ENOTSOCK",
    .getsockopt: "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
    .setsockopt: "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
    .read: "EAGAIN EWOULDBLOCK EBADF EFAULT EINTR EINVAL EIO EISDIR",
    .readv: "EAGAIN EWOULDBLOCK EBADF EFAULT EINTR EINVAL EIO EISDIR EOPNOTSUPP",
    .recv: receiving, .recvfrom: receiving, .recvmsg: receiving, .recvmmsg: receiving,
    .send: sending, .sendto: sending, .sendmsg: sending, .sendmmsg: sending,
    .sendfile: "EAGAIN EBADF EFAULT EINVAL EIO ENOMEM EOVERFLOW ESPIPE",
    .splice: "EAGAIN EBADF EINVAL ENOMEM ESPIPE",
    .pipe2: "EFAULT EINVAL EMFILE ENFILE ENOPKG",
    .poll: "EFAULT EINTR EINVAL ENOMEM",
    .fcntl: "EACCES EAGAIN EBADF EBUSY EDEADLK EFAULT EINTR EINVAL EMFILE ENOLCK ENOTDIR EPERM",
    .ioctl: "EBADF EFAULT EINVAL ENOTTY",
  ]

  /// Those of recv(2).
  private static let receiving = """
    EAGAIN EWOULDBLOCK EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK
    """

  /// Those of send(2).
  private static let sending = """
    EACCES EAGAIN EWOULDBLOCK EALREADY EBADF ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EISCONN \
    EMSGSIZE ENOBUFS ENOMEM ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE
    """

  /// What the protocols add: the ERRORS sections of ip(7), tcp(7), udp(7), unix(7), packet(7), raw(7).
  package static let section7: [SystemCall: String] = [
    .socket: "EPERM ESOCKTNOSUPPORT EPROTOTYPE EOPNOTSUPP",
    .socketpair: "ESOCKTNOSUPPORT ENOMEM",
    .bind: "EPERM EAFNOSUPPORT ENODEV",
    .connect: "EHOSTUNREACH ENETDOWN ENOENT EINVAL ENOMEM ENOBUFS ECONNRESET EOPNOTSUPP",
    .getsockopt: "EOPNOTSUPP ENOPKG",
    .setsockopt: "EPERM ENOMEM ENOBUFS ENODEV EADDRNOTAVAIL EADDRINUSE EOPNOTSUPP ENOENT",
    .read: connectionEnds, .readv: connectionEnds, .recv: connectionEnds,
    .recvfrom: connectionEnds, .recvmsg: connectionEnds,
    .send: unreachable, .sendto: unreachable, .sendmsg: unreachable,
    .sendfile: "EPIPE ECONNRESET ETIMEDOUT ENOBUFS",
    .splice: "EPIPE ECONNRESET ETIMEDOUT ENOBUFS",
    .getsockname: "EOPNOTSUPP", .getpeername: "EOPNOTSUPP",
    .ioctl: "ENOPKG EPERM EOPNOTSUPP",
  ]

  private static let connectionEnds = "ECONNRESET ETIMEDOUT EHOSTUNREACH ENETDOWN"
  private static let unreachable = """
    EHOSTUNREACH ENETUNREACH ENETDOWN ETIMEDOUT ECONNREFUSED EPERM ENOENT EADDRNOTAVAIL ETOOMANYREFS
    """

  /// What the operations of io_uring add to the errors of the call that each stands for: io_uring_enter(2), section "CQE
  /// ERRORS", and io_uring_cancelation(7), of liburing 2.9; for the call itself those of its section "ERRORS".
  private static let section2OfRings: [SystemCall: String] = [
    .ringAccept: inRings, .ringReceive: inRings, .ringSend: inRings, .ringPoll: inRings,
    .ringRead: inRings, .ringCancel: "EACCES EINVAL EINTR ENOMEM ENOENT EALREADY",
    .io_uring_enter: """
    EAGAIN EBADF EBADFD EBADR EBUSY EEXIST EFAULT EINVAL ENXIO EOPNOTSUPP EINTR EOWNERDEAD ETIME
    """,
  ]

  private static let inRings = "EACCES EBADF EFAULT EINVAL EOPNOTSUPP ECANCELED EINTR ENOMEM"

  /// All the errors of an operation in a ring, or of the call that submits it, each once.
  package static func errors(inRing operation: SystemCall) -> [String] {
    var names = operation.standsFor.map { errors(of: $0) } ?? []
    for word in (section2OfRings[operation] ?? "").split(separator: " ")
    where !names.contains(String(word)) {
      names.append(String(word))
    }
    return names
  }

  /// All the errors of a call, each once: `EWOULDBLOCK` is `EAGAIN` on Linux.
  package static func errors(of call: SystemCall) -> [String] {
    let words = ((section2[call] ?? "") + " " + (section7[call] ?? "")).split(separator: " ")
    var names: [String] = []
    for word in words where word != "EWOULDBLOCK" && !names.contains(String(word)) {
      names.append(String(word))
    }
    return names
  }

  package static let calls = SystemCall.allCases.filter { section2[$0] != nil }
}

extension SystemCall {
  /// The call that an operation in a ring does, if there is one.
  package var standsFor: SystemCall? {
    switch self {
    case .ringAccept: .accept4
    case .ringReceive: .recv
    case .ringSend: .send
    case .ringPoll: .poll
    case .ringRead: .read
    default: nil
    }
  }
}

/// The error with a C name.
package func errno(named name: String) -> Errno? {
  ErrorTable.rows.first { $0.cName == name }?.errno
}
