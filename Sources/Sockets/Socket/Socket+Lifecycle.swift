// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

extension Socket {
  /// Gives the socket an address of its own, and ends this phase.
  ///
  /// Port zero asks the system for a free port of its ephemeral range; ``SocketOwner/localAddress()`` tells
  /// which one it was.
  ///
  /// - Parameter address: the address, of the socket's family.
  /// - Returns: the socket in its next phase.
  /// - Throws: ``SocketError`` with `EADDRINUSE` when the address is taken, `EADDRNOTAVAIL` when it is not of
  ///   this machine, `EACCES` when a port below 1024 or a directory is closed to the caller, `EINVAL` when
  ///   the address is not of the socket's family. The socket is closed then.
  ///
  /// The corresponding C function is `bind`.
  public consuming func bind(to address: SocketAddress) throws(SocketError) -> BoundSocket {
    try Lifecycle.bind(owned.number, to: address)
    return BoundSocket(owned: owned)
  }

  /// Tries to bind, and gives the socket back when the address cannot be had.
  ///
  /// For those who have another address to try, for example the next port of a range.
  ///
  /// - Parameter address: the address, of the socket's family.
  /// - Returns: the bound socket, or this one with the error.
  ///
  /// The corresponding C function is `bind`.
  public consuming func attemptBind(to address: SocketAddress) -> BindAttempt {
    do {
      try Lifecycle.bind(owned.number, to: address)
      return .bound(BoundSocket(owned: owned))
    } catch {
      return .refused(self, error)
    }
  }

  /// Connects to a peer, and ends this phase.
  ///
  /// An interrupted attempt goes on in the kernel and is waited for. A TCP socket that was joined to itself, as
  /// can happen when the peer's port is ephemeral and nobody listens, is an error (RFC 9293, section 3.5).
  ///
  /// - Parameters:
  ///   - address: the peer's address.
  ///   - deadline: when to give up; the attempt is dropped then.
  /// - Returns: the socket in its next phase.
  /// - Throws: ``SocketError`` with `ECONNREFUSED` when nobody listens there, `ETIMEDOUT` when nobody
  ///   answers, `ENETUNREACH` or `EHOSTUNREACH` when there is no way there, `EADDRNOTAVAIL` when all
  ///   ephemeral ports are taken, `ENOENT` when a Unix path does not exist; cause
  ///   ``SocketError/Cause/deadlinePassed`` or ``SocketError/Cause/selfConnection``. The socket is closed
  ///   then.
  ///
  /// The corresponding C function is `connect`.
  public consuming func connect(
    to address: SocketAddress,
    deadline: Deadline = .never
  ) throws(SocketError) -> ConnectedSocket {
    try Lifecycle.connect(owned.number, to: address, deadline: deadline)
    if owned.type == .stream { try Lifecycle.refuseSelfConnection(owned.number, address) }
    return ConnectedSocket(owned: owned)
  }

  /// Begins to connect and does not wait.
  ///
  /// The socket is non-blocking from here to the end of the attempt. Poll it for writability, or call
  /// ``ConnectingSocket/finish(deadline:)``.
  ///
  /// - Parameter address: the peer's address.
  /// - Returns: the socket while it connects.
  /// - Throws: ``SocketError`` when the attempt failed at once, as `connect` does; on a Unix socket also with
  ///   `EAGAIN` when the listener's backlog is full. The socket is closed then.
  ///
  /// The corresponding C function is `connect` on a socket with `O_NONBLOCK`.
  public consuming func beginConnecting(
    to address: SocketAddress
  ) throws(SocketError) -> ConnectingSocket {
    let status = Wait.setNonBlocking(owned.number, true)
    guard status >= 0 else {
      throw SocketError(.connect, result: status, subject: .address(address))
    }
    let begun = Syscall.connect(owned.number, address)
    switch begun {
    case 0...: break
    case -Int(Errno.nowInProgress.rawValue), -Int(Errno.interrupted.rawValue): break
    default: throw SocketError(.connect, result: begun, subject: .address(address))
    }
    return ConnectingSocket(owned: owned, address: address)
  }
}

/// What became of an attempt to bind.
public enum BindAttempt: ~Copyable {
  /// The address is ours.
  case bound(BoundSocket)
  /// The address cannot be had; the socket is as it was.
  case refused(Socket, SocketError)
}

/// The steps of a socket's life on a bare descriptor, shared by the owner types.
package enum Lifecycle {
  package static func bind(_ descriptor: Int32, to address: SocketAddress) throws(SocketError) {
    let status = Syscall.bind(descriptor, address)
    guard status >= 0 else {
      throw SocketError(.bind, result: status, subject: .address(address))
    }
  }

  package static func connect(
    _ descriptor: Int32,
    to address: SocketAddress,
    deadline: Deadline
  ) throws(SocketError) {
    guard deadline != .never else { return try connectWaiting(descriptor, address) }
    guard address.family != .unix else {
      return try connectUnix(descriptor, address, deadline: deadline)
    }
    try control(Wait.setNonBlocking(descriptor, true), address)
    let status = Syscall.connect(descriptor, address)
    if status < 0 {
      guard
        status == -Int(Errno.nowInProgress.rawValue)
          || status == -Int(Errno.interrupted.rawValue)
      else { throw SocketError(.connect, result: status, subject: .address(address)) }
      try finishConnecting(descriptor, address, deadline: deadline)
    }
    try control(Wait.setNonBlocking(descriptor, false), address)
  }

  /// `connect` without a deadline; an interrupted one goes on by itself (connect(2), EINTR).
  private static func connectWaiting(
    _ descriptor: Int32,
    _ address: SocketAddress
  ) throws(SocketError) {
    let status = Syscall.connect(descriptor, address)
    switch status {
    case 0...: return
    case -Int(Errno.interrupted.rawValue) where address.family == .unix:
      // A Unix attempt that was interrupted while the backlog is full has ended; it is made anew.
      try connectWaiting(descriptor, address)
    case -Int(Errno.interrupted.rawValue), -Int(Errno.nowInProgress.rawValue):
      try finishConnecting(descriptor, address, deadline: .never)
    default: throw SocketError(.connect, result: status, subject: .address(address))
    }
  }

  /// A Unix attempt knows no "in progress": a full backlog is EAGAIN when non-blocking, so the wait is the
  /// kernel's own, limited by the send timeout (unix(7), socket(7)).
  private static func connectUnix(
    _ descriptor: Int32,
    _ address: SocketAddress,
    deadline: Deadline
  ) throws(SocketError) {
    defer { _ = Syscall.setSendTimeout(descriptor, nanoseconds: 0) }
    while true {
      let left = max(deadline.remainingNanoseconds, 1)
      try control(Syscall.setSendTimeout(descriptor, nanoseconds: left), address)
      let status = Syscall.connect(descriptor, address)
      switch status {
      case 0...: return
      case -Int(Errno.interrupted.rawValue), -Int(Errno.resourceTemporarilyUnavailable.rawValue):
        if deadline.hasPassed {
          throw SocketError(.connect, .deadlinePassed, subject: .address(address))
        }
      default: throw SocketError(.connect, result: status, subject: .address(address))
      }
    }
  }

  /// Waits for the end of an attempt and reads how it ended.
  package static func finishConnecting(
    _ descriptor: Int32,
    _ address: SocketAddress,
    deadline: Deadline
  ) throws(SocketError) {
    try Wait.until(
      Constants.pollOut,
      descriptor,
      deadline: deadline,
      operation: .connect,
      subject: .address(address)
    )
    let pending = try Wait.pendingError(descriptor)
    guard pending == 0 else {
      throw SocketError(
        .connect,
        .system(Errno(rawValue: pending)),
        subject: .address(address)
      )
    }
  }

  /// Local and peer are one address: nobody listened, and the socket's own port answered.
  package static func refuseSelfConnection(
    _ descriptor: Int32,
    _ address: SocketAddress
  ) throws(SocketError) {
    guard address.family == .ipv4 || address.family == .ipv6 else { return }
    var local = SocketAddress()
    guard Syscall.getsockname(descriptor, &local) >= 0, local == address else { return }
    throw SocketError(.connect, .selfConnection, subject: .address(address))
  }

  private static func control(_ status: Int, _ address: SocketAddress) throws(SocketError) {
    guard status >= 0 else {
      throw SocketError(.connect, result: status, subject: .address(address))
    }
  }
}
