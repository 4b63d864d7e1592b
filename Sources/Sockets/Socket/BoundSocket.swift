// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A socket with an address of its own: it can listen there, or connect from there.
public struct BoundSocket: ~Copyable, SocketOwner {
  package var owned: OwnedDescriptor

  package init(owned: consuming OwnedDescriptor) { self.owned = owned }

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
  public consuming func close() throws(SocketError) { try owned.close() }

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor { FileDescriptor(rawValue: owned.release()) }

  /// Begins to listen, and ends this phase.
  ///
  /// From here on the kernel completes connections by itself and keeps them in a queue, the backlog, until
  /// they are accepted. When the queue is full, a TCP client's attempt is not answered and repeats itself; a
  /// Unix client waits.
  ///
  /// - Parameter backlog: how many connections may wait; `nil` for as many as the system allows,
  ///   `net.core.somaxconn`, to which the kernel also cuts a larger number silently.
  /// - Returns: the socket in its next phase.
  /// - Throws: ``SocketError`` with `EADDRINUSE` when another socket listens on the same address,
  ///   `EOPNOTSUPP` when this type of socket cannot listen. The socket is closed then.
  ///
  /// The corresponding C function is `listen`.
  public consuming func listen(backlog: Int? = nil) throws(SocketError) -> ListeningSocket {
    try Lifecycle.listen(owned.number, backlog: backlog)
    return ListeningSocket(owned: owned)
  }

  /// Connects to a peer from this address; see ``Socket/connect(to:deadline:)``.
  ///
  /// - Parameters:
  ///   - address: the peer's address.
  ///   - deadline: when to give up; the attempt is dropped then.
  /// - Returns: the socket in its next phase.
  /// - Throws: ``SocketError`` as ``Socket/connect(to:deadline:)`` does. The socket is closed then.
  ///
  /// The corresponding C function is `connect`.
  public consuming func connect(
    to address: SocketAddress,
    deadline: Deadline = .never
  ) throws(SocketError) -> ConnectedSocket {
    try Socket(owned: owned).connect(to: address, deadline: deadline)
  }
}

extension Lifecycle {
  /// `listen`, and the non-blocking flag that ``ListeningSocket`` relies on.
  package static func listen(_ descriptor: Int32, backlog: Int?) throws(SocketError) {
    // The kernel cuts the number to somaxconn (listen(2)), so the largest one means just that.
    let length = Int32(clamping: max(0, backlog ?? Int(Int32.max)))
    let status = Syscall.listen(descriptor, backlog: length)
    guard status >= 0 else {
      var address = SocketAddress()
      _ = Syscall.getsockname(descriptor, &address)
      throw SocketError(.listen, result: status, subject: .address(address))
    }
    let flagged = Wait.setNonBlocking(descriptor, true)
    guard flagged >= 0 else { throw SocketError(.listen, result: flagged) }
  }
}
