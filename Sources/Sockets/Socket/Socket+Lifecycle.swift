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
    while true {
      let begun = Syscall.connect(owned.number, address)
      switch begun {
      case 0..., -Int(Errno.nowInProgress.rawValue):
        return ConnectingSocket(owned: owned, address: address)
      case -Int(Errno.interrupted.rawValue):
        // A Unix or vsock attempt that was interrupted has ended; any other goes on (connect(2), EINTR).
        let hasEnded = address.family == .unix || address.family == .vsock
        if !hasEnded { return ConnectingSocket(owned: owned, address: address) }
      default: throw SocketError(.connect, result: begun, subject: .address(address))
      }
    }
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
    guard address.family != .unix else {
      return try connectUnix(descriptor, address, deadline: deadline)
    }
    let changed =
      try deadline == .never
      ? 0 : control(Wait.setNonBlocking(descriptor, true), address)
    var status = Syscall.connect(descriptor, address)
    // Of vsock it has ended (net/vmw_vsock/af_vsock.c).
    while status == -Int(Errno.interrupted.rawValue), address.family == .vsock {
      status = Syscall.connect(descriptor, address)
    }
    if status < 0 {
      // An interrupted attempt goes on by itself (connect(2), EINTR); one that a send timeout cut short too.
      guard
        status == -Int(Errno.nowInProgress.rawValue)
          || status == -Int(Errno.interrupted.rawValue)
      else { throw SocketError(.connect, result: status, subject: .address(address)) }
      try finishConnecting(descriptor, address, deadline: deadline)
    }
    if changed != 0 { _ = try control(Wait.setNonBlocking(descriptor, false), address) }
  }

  /// A Unix attempt, which knows no "in progress".
  ///
  /// It waits for room in the backlog, or is EAGAIN when the descriptor is non-blocking or its send timeout has
  /// passed. An interrupted one has ended, and is made anew.
  private static func connectUnix(
    _ descriptor: Int32,
    _ address: SocketAddress,
    deadline: Deadline
  ) throws(SocketError) {
    while deadline == .never {
      let status = Syscall.connect(descriptor, address)
      if status >= 0 { return }
      if status == -Int(Errno.resourceTemporarilyUnavailable.rawValue) { break }
      guard status == -Int(Errno.interrupted.rawValue) else {
        throw SocketError(.connect, result: status, subject: .address(address))
      }
    }
    let changed = try control(Wait.setNonBlocking(descriptor, false), address)
    var timeout = Syscall.SendTimeout()
    _ = try control(Syscall.getSendTimeout(descriptor, &timeout), address)
    defer {
      _ = Syscall.setSendTimeout(descriptor, timeout)
      if changed != 0 { _ = Wait.setNonBlocking(descriptor, true) }
    }
    try connectUnixTimed(descriptor, address, deadline: deadline)
  }

  /// The wait is the kernel's own, limited by the send timeout (unix(7), socket(7)).
  private static func connectUnixTimed(
    _ descriptor: Int32, _ address: SocketAddress, deadline: Deadline
  ) throws(SocketError) {
    var retry = Retry()
    while true {
      let left = deadline.remainingNanoseconds
      // Zero would mean no limit.
      let limit = deadline == .never ? 0 : max(left, 1)
      _ = try control(
        Syscall.setSendTimeout(descriptor, Syscall.SendTimeout(nanoseconds: limit)), address)
      let status = Syscall.connect(descriptor, address)
      if status >= 0 { return }
      guard
        status == -Int(Errno.interrupted.rawValue)
          || status == -Int(Errno.resourceTemporarilyUnavailable.rawValue)
      else { throw SocketError(.connect, result: status, subject: .address(address)) }
      if deadline.hasPassed {
        throw SocketError(.connect, .deadlinePassed, subject: .address(address))
      }
      retry.pauseIfAgain(deadline)
    }
  }

  /// Waits for the end of an attempt and reads how it ended.
  package static func finishConnecting(
    _ descriptor: Int32,
    _ address: SocketAddress,
    deadline: Deadline
  ) throws(SocketError) {
    try Wait.until(
      Constants.pollOut, descriptor, deadline: deadline, operation: .connect,
      subject: .address(address))
    try readOutcome(descriptor, address)
  }

  /// After an attempt has ended somewhere else than here: how it ended, as all of this package's attempts end; the
  /// socket blocks again.
  package static func concludeConnecting(
    _ descriptor: Int32, _ address: SocketAddress
  ) throws(SocketError) {
    try readOutcome(descriptor, address)
    try refuseSelfConnection(descriptor, address)
    _ = try control(Wait.setNonBlocking(descriptor, false), address)
  }

  /// Reads how an attempt ended.
  private static func readOutcome(
    _ descriptor: Int32, _ address: SocketAddress
  ) throws(SocketError) {
    let pending: Int32
    do throws(SocketError) {
      pending = try Wait.pendingError(descriptor)
    } catch {
      throw SocketError(.connect, error.cause, subject: .address(address))
    }
    guard pending == 0 else {
      throw SocketError(
        .connect,
        .system(Errno(rawValue: pending)),
        subject: .address(address)
      )
    }
    // Somebody else may have taken the error: then there is no peer.
    var peer = SocketAddress()
    _ = try control(Syscall.getpeername(descriptor, &peer), address)
  }

  /// Local and peer are one address: nobody listened, and the socket's own port answered.
  package static func refuseSelfConnection(
    _ descriptor: Int32,
    _ address: SocketAddress
  ) throws(SocketError) {
    var local = SocketAddress()
    var peer = SocketAddress()
    // The peer is asked only where the ports are one: the address may have been the wildcard.
    guard let port = address.ip?.port, Syscall.getsockname(descriptor, &local) >= 0,
      let ours = local.ip, ours.port == port, Syscall.getpeername(descriptor, &peer) >= 0,
      let theirs = peer.ip, theirs.port == port, theirs.address == ours.address
    else { return }
    throw SocketError(.connect, .selfConnection, subject: .address(address))
  }

  private static func control(
    _ status: Int, _ address: SocketAddress
  ) throws(SocketError) -> Int {
    guard status >= 0 else {
      throw SocketError(.connect, result: status, subject: .address(address))
    }
    return status
  }
}
