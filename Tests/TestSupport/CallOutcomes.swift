// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets

/// What reaches the caller when a system call fails.
package enum Outcome: String, Sendable {
  /// The error, with the form's operation and subject; a socket that was only lent can still be used.
  case thrown
  /// Nothing: the call is made again at once.
  case repeated
  /// Nothing: the call is made again when the descriptor is ready. `nil` from a form that never waits.
  case waited
  /// Nothing on a stream: the call is made again after a pause. The error otherwise, and from a form that never waits.
  case paused
  /// Nothing: that connection is passed over, and the next one is taken.
  case passedOver
  /// Nothing: what was asked for is so.
  case succeeded
  /// Nothing: the attempt goes on in the kernel, and is waited for.
  case goesOn
}

/// The decided outcome of each pair of system call and error (figure F1); a form may differ, and says so itself.
package enum CallOutcomes {
  package static let decided: [SystemCall: [(Outcome, String)]] = [
    .socket: [
      (
        .thrown,
        """
        EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT EPERM ESOCKTNOSUPPORT \
        EPROTOTYPE EOPNOTSUPP
        """
      )
    ],
    .socketpair: [
      (
        .thrown,
        "EAFNOSUPPORT EFAULT EMFILE ENFILE EOPNOTSUPP EPROTONOSUPPORT ESOCKTNOSUPPORT ENOMEM"
      )
    ],
    .bind: [
      (
        .thrown,
        """
        EACCES EADDRINUSE EBADF EINVAL ENOTSOCK EADDRNOTAVAIL EFAULT ELOOP ENAMETOOLONG ENOENT ENOMEM \
        ENOTDIR EROFS EPERM EAFNOSUPPORT ENODEV
        """
      )
    ],
    .listen: [(.thrown, "EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP")],
    .accept4: [
      (.waited, "EAGAIN"), (.repeated, "EINTR"),
      (
        .passedOver,
        """
        ECONNABORTED EPERM EPROTO ENETDOWN ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH ENETUNREACH ENOSR \
        ESOCKTNOSUPPORT EPROTONOSUPPORT ETIMEDOUT
        """
      ),
      // EOPNOTSUPP is no connection's error on Linux: the descriptor cannot accept at all.
      (.thrown, "EBADF EFAULT EINVAL EMFILE ENFILE ENOBUFS ENOMEM ENOTSOCK EOPNOTSUPP"),
    ],
    .connect: [
      (.goesOn, "EINTR EINPROGRESS"),
      (
        .thrown,
        """
        EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF ECONNREFUSED EFAULT \
        EISCONN ENETUNREACH ENOTSOCK EPROTOTYPE ETIMEDOUT EHOSTUNREACH ENETDOWN ENOENT EINVAL ENOMEM \
        ENOBUFS ECONNRESET EOPNOTSUPP
        """
      ),
    ],
    .shutdown: [(.succeeded, "ENOTCONN"), (.thrown, "EBADF EINVAL ENOTSOCK")],
    .close: [(.succeeded, "EINTR"), (.thrown, "EBADF EIO ENOSPC EDQUOT")],
    .getsockname: [(.thrown, "EBADF EFAULT EINVAL ENOBUFS ENOTSOCK EOPNOTSUPP")],
    .getpeername: [(.thrown, "EBADF EFAULT EINVAL ENOBUFS ENOTCONN ENOTSOCK EOPNOTSUPP")],
    .getsockopt: [(.thrown, "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK EOPNOTSUPP ENOPKG")],
    .setsockopt: [
      (
        .thrown,
        """
        EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK EPERM ENOMEM ENOBUFS ENODEV EADDRNOTAVAIL EADDRINUSE \
        EOPNOTSUPP ENOENT
        """
      )
    ],
    .read: [(.waited, "EAGAIN"), (.repeated, "EINTR"), (.thrown, "EISDIR EIO " + received)],
    .readv: [
      (.waited, "EAGAIN"), (.repeated, "EINTR"), (.thrown, "EISDIR EIO EOPNOTSUPP " + received),
    ],
    .recv: [(.waited, "EAGAIN"), (.repeated, "EINTR"), (.thrown, received)],
    .recvfrom: [(.waited, "EAGAIN"), (.repeated, "EINTR"), (.thrown, received)],
    .recvmsg: [(.waited, "EAGAIN"), (.repeated, "EINTR"), (.thrown, received)],
    .recvmmsg: [(.waited, "EAGAIN"), (.repeated, "EINTR"), (.thrown, received)],
    .send: sent, .sendto: sent, .sendmsg: sent, .sendmmsg: sent,
    .sendfile: [
      (.waited, "EAGAIN"), (.paused, "ENOMEM ENOBUFS"),
      (.thrown, "EBADF EFAULT EINVAL EIO EOVERFLOW ESPIPE EPIPE ECONNRESET ETIMEDOUT"),
    ],
    .splice: [
      (.waited, "EAGAIN"), (.paused, "ENOMEM ENOBUFS"),
      (.thrown, "EBADF EINVAL ESPIPE EPIPE ECONNRESET ETIMEDOUT"),
    ],
    .pipe2: [(.thrown, "EFAULT EINVAL EMFILE ENFILE ENOPKG")],
    .poll: [(.repeated, "EINTR"), (.thrown, "EFAULT EINVAL ENOMEM")],
    .fcntl: [
      (.repeated, "EINTR"),
      (
        .thrown,
        "EACCES EAGAIN EBADF EBUSY EDEADLK EFAULT EINVAL EMFILE ENOLCK ENOTDIR EPERM"
      ),
    ],
    .ioctl: [(.thrown, "EBADF EFAULT EINVAL ENOTTY ENOPKG EPERM EOPNOTSUPP")],
  ]

  private static let received = """
    EBADF ECONNREFUSED EFAULT EINVAL ENOMEM ENOTCONN ENOTSOCK ECONNRESET ETIMEDOUT EHOSTUNREACH ENETDOWN
    """

  private static let sent: [(Outcome, String)] = [
    (.waited, "EAGAIN"), (.repeated, "EINTR"), (.paused, "ENOBUFS ENOMEM"),
    (
      .thrown,
      """
      EACCES EALREADY EBADF ECONNRESET EDESTADDRREQ EFAULT EINVAL EISCONN EMSGSIZE ENOTCONN ENOTSOCK \
      EOPNOTSUPP EPIPE EHOSTUNREACH ENETUNREACH ENETDOWN ETIMEDOUT ECONNREFUSED EPERM ENOENT \
      EADDRNOTAVAIL ETOOMANYREFS
      """
    ),
  ]

  /// The decided outcome of a pair, or `nil` when nobody has decided.
  package static func outcome(of call: SystemCall, _ error: String) -> Outcome? {
    decided[call]?.first { $0.1.split(separator: " ").contains(Substring(error)) }?.0
  }

  /// What is decided of the operations in a ring otherwise than of the calls that they stand for.
  private static let decidedInRings: [SystemCall: [(Outcome, String)]] = [
    .ringAccept: [(.thrown, "EACCES ECANCELED")],
    .ringReceive: [(.thrown, "EACCES EOPNOTSUPP ECANCELED")],
    .ringSend: [(.thrown, "ECANCELED")],
    // Of a wait for readiness, and of the wait in a read or write that could not be done at once.
    .ringPoll: [(.thrown, "EACCES EBADF EOPNOTSUPP ECANCELED")],
    // The loop's own, by which it is woken: nobody else is to know.
    .ringRead: [
      (
        .repeated,
        """
        EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR ECONNRESET ETIMEDOUT EHOSTUNREACH ENETDOWN EACCES \
        EOPNOTSUPP ECANCELED ENOMEM
        """
      )
    ],
    // What was to be cancelled has ended or is about to, or it is told again.
    .ringCancel: [(.succeeded, "ENOENT EALREADY"), (.repeated, "EACCES EINVAL EINTR ENOMEM")],
    .io_uring_enter: [
      (
        .repeated,
        """
        EAGAIN EBADF EBADFD EBADR EBUSY EEXIST EFAULT EINVAL ENXIO EOPNOTSUPP EINTR EOWNERDEAD ETIME
        """
      )
    ],
  ]

  /// The decided outcome of a pair of an operation in a ring, or the call that submits it, and an error.
  package static func outcome(inRing operation: SystemCall, _ error: String) -> Outcome? {
    let own = decidedInRings[operation]?.first {
      $0.1.split(separator: " ").contains(Substring(error))
    }
    return own?.0 ?? operation.standsFor.flatMap { outcome(of: $0, error) }
  }
}
