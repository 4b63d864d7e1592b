// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A socket whose connection is on its way: it can be waited for or given up, and nothing else.
///
/// It is made by ``Socket/beginConnecting(to:)``. To wait for several at once, poll their descriptors for
/// writability. Ending it drops the attempt.
public struct ConnectingSocket: ~Copyable, SocketOwner {
  package var owned: OwnedDescriptor
  /// The address that is being connected to.
  public let address: SocketAddress

  package init(owned: consuming OwnedDescriptor, address: SocketAddress) {
    self.owned = owned
    self.address = address
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
  public consuming func close() throws(SocketError) { try owned.close() }

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor { FileDescriptor(rawValue: owned.release()) }

  /// Whether the attempt has ended, well or badly, so that ``finish(deadline:)`` would not wait.
  public var hasEnded: Bool { Wait.isReady(Constants.pollOut, owned.number) }

  /// Waits for the end of the attempt.
  ///
  /// The socket blocks again afterwards.
  ///
  /// - Parameter deadline: when to give up; the attempt is dropped then.
  /// - Returns: the socket in its next phase.
  /// - Throws: ``SocketError`` as ``Socket/connect(to:deadline:)`` does. The socket is closed then.
  ///
  /// The corresponding C functions are `poll` and `getsockopt` with `SO_ERROR`.
  public consuming func finish(
    deadline: Deadline = .never
  ) throws(SocketError) -> ConnectedSocket {
    try Lifecycle.finishConnecting(owned.number, address, deadline: deadline)
    if owned.type == .stream { try Lifecycle.refuseSelfConnection(owned.number, address) }
    let status = Wait.setNonBlocking(owned.number, false)
    guard status >= 0 else {
      throw SocketError(.connect, result: status, subject: .address(address))
    }
    return ConnectedSocket(owned: owned)
  }
}
