// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, a span's memory is used while the call that was lent it is suspended. That is sound because the
// borrow lasts until the call returns, and the call returns only after the engine has completed the operation, cancelled or
// not.

public import Sockets

extension Connection {
  /// Reads what has come, at most as many bytes as there is room for, waiting for the first.
  public func read(
    into buffer: inout MutableRawSpan, deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    guard buffer.byteCount > 0 else { return 0 }
    let pointer = unsafe buffer.withUnsafeMutableBytes { $0.baseAddress }
    let result = await unsafe socket.perform(
      .receive, pointer, byteCount: buffer.byteCount, deadline: deadline)
    guard result >= 0 else { throw SocketError(.read, loopResult: result) }
    return result
  }

  /// Writes all the bytes, in as many calls as it takes.
  public func write(
    _ bytes: RawSpan, deadline: Deadline = .never
  ) async throws(SocketError) {
    let pointer = unsafe bytes.withUnsafeBytes { $0.baseAddress }
    guard let pointer = unsafe pointer else { return }
    var sent = 0
    while sent < bytes.byteCount {
      let result = await unsafe socket.perform(
        .send, UnsafeMutableRawPointer(mutating: pointer + sent), byteCount: bytes.byteCount - sent,
        flags: MessageFlags.noSignal.rawValue, deadline: deadline)
      guard result >= 0 else {
        throw SocketError(.write, loopResult: result, bytesTransferred: sent)
      }
      sent += result
    }
  }

  /// Closes the connection; whatever waits on it ends with cause ``SocketError/Cause/closed``.
  public func close() async throws(SocketError) {
    let result = await socket.close()
    guard result >= 0 else { throw SocketError(.close, loopResult: result) }
  }
}
