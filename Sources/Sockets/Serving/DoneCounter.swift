// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Tells a server's loop how many of its threads have ended: a pipe with a byte for each.
final class DoneCounter: Sendable {
  private let reader: OwnedDescriptor
  private let writer: OwnedDescriptor

  init() throws(SocketError) {
    var ends: (Int32, Int32) = (-1, -1)
    let status = Syscall.pipe(&ends, flags: Constants.socketCloseOnExec)
    guard status >= 0 else { throw SocketError(.serve, result: status) }
    reader = OwnedDescriptor(owning: ends.0, family: .unspecified, type: .stream)
    writer = OwnedDescriptor(owning: ends.1, family: .unspecified, type: .stream)
  }

  /// One thread has ended.
  func signal(failed: Bool) { Syscall.writeByte(writer.number, failed ? 1 : 0) }

  /// Counts the threads that have ended, waiting for one.
  func wait(_ failed: inout Int) -> Int {
    guard let byte = Syscall.readByte(reader.number) else { return 0 }
    failed += Int(byte)
    return 1
  }

  /// Counts the threads that have ended, without waiting.
  func collect(_ failed: inout Int) -> Int {
    var ended = 0
    while Wait.isReady(Constants.pollIn, reader.number) { ended += wait(&failed) }
    return ended
  }
}
