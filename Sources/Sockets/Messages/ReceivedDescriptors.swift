// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
public import SystemPackage

/// The descriptors that came with a message, in the order in which they were sent.
///
/// Take them one by one; those that are left are closed when the list ends. All are closed on exec.
///
///     var descriptors = control.takeDescriptors()
///     while let descriptor = descriptors.takeFirst() {
///       let connection = try descriptor.connectedSocket()
///       …
///     }
public struct ReceivedDescriptors: ~Copyable, Sendable {
  private var numbers: [Int32]
  private var taken = 0

  /// Takes over open descriptors that nobody else owns.
  init(owning numbers: [Int32]) { self.numbers = numbers }

  deinit {
    for number in numbers[taken...] { _ = Syscall.close(number) }
  }

  /// How many are left.
  public var count: Int { numbers.count - taken }

  /// Whether none is left.
  public var isEmpty: Bool { count == 0 }

  /// Takes the next one.
  ///
  /// - Returns: its owner, or `nil` when none is left.
  public mutating func takeFirst() -> ReceivedDescriptor? {
    guard taken < numbers.count else { return nil }
    let number = numbers[taken]
    taken += 1
    return ReceivedDescriptor(owning: number)
  }
}

/// The owner of one received descriptor, of whatever kind; it closes it at its end.
///
/// The sender decides what it sends: each conversion asks the kernel what the descriptor is.
public struct ReceivedDescriptor: ~Copyable, Sendable {
  private var owned: OwnedDescriptor

  init(owning number: Int32) {
    owned = OwnedDescriptor(
      owning: number,
      family: .unspecified,
      type: SocketType(rawValue: 0)
    )
  }

  /// The number, for printing; it owns nothing.
  public var rawValue: Int32 { owned.number }

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor { FileDescriptor(rawValue: owned.release()) }

  /// Closes and says what the kernel answered.
  ///
  /// - Throws: ``SocketError`` with `EIO` or another error of an earlier write.
  ///
  /// The corresponding C function is `close`.
  public consuming func close() throws(SocketError) { try owned.close() }

  /// The same descriptor as a connected socket.
  ///
  /// - Returns: the socket.
  /// - Throws: ``SocketError`` with `ENOTSOCK` when it is none; the descriptor is closed then.
  public consuming func connectedSocket() throws(SocketError) -> ConnectedSocket {
    ConnectedSocket(owned: try socket())
  }

  /// The same descriptor as a socket for messages.
  ///
  /// - Returns: the socket.
  /// - Throws: ``SocketError`` with `ENOTSOCK` when it is none; the descriptor is closed then.
  public consuming func messageSocket() throws(SocketError) -> MessageSocket {
    MessageSocket(owned: try socket())
  }

  /// The same descriptor as a listening socket.
  ///
  /// - Returns: the socket. Its Unix path, if it has one, is not removed at its end.
  /// - Throws: ``SocketError`` with `ENOTSOCK` when it is no socket, and `EINVAL` when it does not listen; the
  ///   descriptor is closed then.
  public consuming func listeningSocket() throws(SocketError) -> ListeningSocket {
    let socket = try socket()
    let listens = try Options.get(
      SocketOption<Bool>(
        level: CS_SOL_SOCKET,
        name: CS_SO_ACCEPTCONN,
        cName: "SO_ACCEPTCONN",
        coding: .flag
      ),
      of: socket.number
    )
    guard listens else { throw SocketError(.adopt, .system(.invalidArgument)) }
    let status = Wait.setNonBlocking(socket.number, true)
    guard status >= 0 else { throw SocketError(.adopt, result: status) }
    return ListeningSocket(owned: socket)
  }

  private consuming func socket() throws(SocketError) -> OwnedDescriptor {
    // A failure leaves the number with `owned`, which closes it.
    let socket = try OwnedDescriptor.adopted(FileDescriptor(rawValue: owned.number))
    _ = owned.release()
    return socket
  }
}
