// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Ends a blocking `serve` from another thread, or from a signal handler's thread.
///
/// It may be used by several servers at once, and stays set: a server that begins with it ends at once.
public final class StopSignal: Sendable {
  private let reader: OwnedDescriptor
  private let writer: OwnedDescriptor

  /// Makes a signal that is not set.
  ///
  /// - Throws: ``SocketError`` with `EMFILE` or `ENFILE` when there are no two descriptors left.
  ///
  /// The corresponding C function is `pipe2`.
  public init() throws(SocketError) {
    var ends: (Int32, Int32) = (-1, -1)
    let flags = Constants.socketCloseOnExec | Constants.socketNonBlocking
    let status = Syscall.pipe(&ends, flags: flags)
    guard status >= 0 else { throw SocketError(.serve, result: status) }
    reader = OwnedDescriptor(owning: ends.0, family: .unspecified, type: .stream)
    writer = OwnedDescriptor(owning: ends.1, family: .unspecified, type: .stream)
  }

  /// Sets the signal: every server that waits with it stops accepting.
  ///
  /// The corresponding C function is `write`, of one byte into a pipe.
  public func stop() { Syscall.writeByte(writer.number) }

  /// Whether the signal is set.
  public var isSet: Bool { Wait.isReady(Constants.pollIn, reader.number) }

  /// Becomes readable when the signal is set, for a poll of one's own; never read from it.
  public var descriptor: SocketDescriptor { SocketDescriptor(rawValue: reader.number) }
}
