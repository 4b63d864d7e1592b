// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A socket that hands out connections.
///
/// Each ``accept(deadline:)`` makes a new socket for one client; this one goes on listening, so any number of
/// clients can be served while others wait in the backlog.
///
/// The descriptor is non-blocking, so that a connection that vanishes between the signal and the call cannot
/// hold the caller (accept(2), NOTES); the calls here wait all the same. Several threads may accept from one
/// listening socket at once.
public struct ListeningSocket: ~Copyable, SocketOwner {
  // Before the descriptor, since it has to end first.
  package var claim: UnixPathClaim?
  package var owned: OwnedDescriptor

  package init(owned: consuming OwnedDescriptor, claim: consuming UnixPathClaim? = nil) {
    self.owned = owned
    self.claim = claim
  }

  /// The number of the socket; it owns nothing.
  public var descriptor: SocketDescriptor { SocketDescriptor(rawValue: owned.number) }
  /// The family that the socket was made with.
  public var family: AddressFamily { owned.family }
  /// The type that the socket was made with.
  public var type: SocketType { owned.type }

  /// Closes the socket and says what the kernel answered; see ``SocketOwner/close()``.
  ///
  /// - Throws: ``SocketError`` with an error of an earlier write; the descriptor is gone all the same.
  ///
  /// The corresponding C function is `close`.
  public consuming func close() throws(SocketError) {
    // The path goes first: as long as the socket is open, no other can look like it.
    claim = nil
    try owned.close()
  }

  /// Ends the ownership without closing; a Unix path that this socket claimed is left in place.
  public consuming func release() -> FileDescriptor {
    if let claim { claim.abandon() }
    return FileDescriptor(rawValue: owned.release())
  }

  /// Takes the socket apart: returns its descriptor, and hands over the path that it has claimed.
  package consuming func taken(claim: inout UnixPathClaim?) -> OwnedDescriptor {
    claim = self.claim
    return owned
  }

  /// Takes the next connection out of the backlog, waiting for one if there is none.
  ///
  /// A connection that died while it waited (`ECONNABORTED`, or an error of the network that accept(2) says to
  /// treat as no connection) is passed over, at most ``maximumPassedOver`` in a row.
  ///
  /// - Parameter deadline: when to give up.
  /// - Returns: the connection; its descriptor is closed on exec.
  /// - Throws: ``SocketError`` with `EMFILE`, `ENFILE`, `ENOBUFS` or `ENOMEM` when the process or the system
  ///   has no more: the client still waits, so pause and try again (see ``SocketError/acceptAdvice``);
  ///   cause ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `accept4`.
  public func accept(deadline: Deadline = .never) throws(SocketError) -> ConnectedSocket {
    var peer = SocketAddress()
    return try accept(from: &peer, deadline: deadline)
  }

  /// Takes the next connection, and says who it is from; see ``accept(deadline:)``.
  ///
  /// - Parameters:
  ///   - peer: is set to the client's address; a Unix client's is usually unnamed.
  ///   - deadline: when to give up.
  /// - Returns: the connection.
  /// - Throws: ``SocketError`` as ``accept(deadline:)`` does.
  ///
  /// The corresponding C function is `accept4`.
  public func accept(
    from peer: inout SocketAddress,
    deadline: Deadline = .never
  ) throws(SocketError) -> ConnectedSocket {
    while true {
      if let connection = try tryAccept(from: &peer) { return connection }
      try Wait.until(Constants.pollIn, owned.number, deadline: deadline, operation: .accept)
    }
  }

  /// Takes the next connection if there is one, and never waits.
  ///
  /// - Returns: the connection, or `nil` when the backlog is empty.
  /// - Throws: ``SocketError`` as ``accept(deadline:)`` does.
  ///
  /// The corresponding C function is `accept4` on a socket with `O_NONBLOCK`.
  public func tryAccept() throws(SocketError) -> ConnectedSocket? {
    var peer = SocketAddress()
    return try tryAccept(from: &peer)
  }

  /// Takes the next connection if there is one, says who it is from, and never waits.
  ///
  /// - Parameter peer: is set to the client's address.
  /// - Returns: the connection, or `nil` when the backlog is empty.
  /// - Throws: ``SocketError`` as ``accept(deadline:)`` does.
  ///
  /// The corresponding C function is `accept4` on a socket with `O_NONBLOCK`.
  public func tryAccept(
    from peer: inout SocketAddress
  ) throws(SocketError) -> ConnectedSocket? {
    // X.25 waits in accept whatever its descriptor says (net/x25/af_x25.c).
    if family == .x25, !Wait.isReady(Constants.pollIn, owned.number) { return nil }
    var passedOver = 0
    while true {
      let number = Syscall.accept(
        owned.number,
        address: &peer,
        flags: Constants.socketCloseOnExec
      )
      if number >= 0 {
        return ConnectedSocket(
          owned: OwnedDescriptor(
            owning: Int32(truncatingIfNeeded: number),
            family: owned.family,
            type: owned.type
          )
        )
      }
      if number == -Int(Errno.resourceTemporarilyUnavailable.rawValue) { return nil }
      let error = SocketError(.accept, result: number)
      guard error.acceptAdvice == .retryNow, passedOver < Self.maximumPassedOver else {
        throw error
      }
      passedOver += 1
    }
  }

  /// How many dead connections one accept passes over before it reports the last one's error.
  public static let maximumPassedOver = 128
}

extension SocketError {
  /// What a server does after a failed accept.
  public enum AcceptAdvice: Hashable, Sendable {
    /// Only that one connection died: accept the next.
    case retryNow
    /// The process or the system is out of something: pause, then accept again.
    case retryLater
    /// The listening socket is of no more use.
    case listenerDead
  }

  /// What a server does after this error of an accept (accept(2), ERRORS and "Error handling").
  public var acceptAdvice: AcceptAdvice {
    guard let errno else { return cause == .deadlinePassed ? .retryNow : .listenerDead }
    switch errno {
    case .connectionAbort, .interrupted, .resourceTemporarilyUnavailable, .networkDown,
      Errno(rawValue: 92), .hostIsDown, .noRouteToHost, .networkUnreachable, .notPermitted,
      Errno(rawValue: 71), Errno(rawValue: 64),  // ENOPROTOOPT, EPROTO, ENONET
      Errno(rawValue: 63), .socketTypeNotSupported, .protocolNotSupported, .timedOut:  // ENOSR
      return .retryNow
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory:
      return .retryLater
    default:
      return .listenerDead
    }
  }
}
