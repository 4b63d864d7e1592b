// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, a span's memory is used while the call that was lent it is suspended. That is sound because the
// borrow lasts until the call returns, and the call returns only after the engine has completed the operation, cancelled or
// not.

public import Sockets
internal import SystemPackage

extension Connection {
  /// Writes all the bytes, in as many calls as it takes, waiting while the peer is slow to read.
  ///
  /// Success means that the kernel has taken the bytes, not that the peer has read them. With no bytes nothing is done. The bytes of
  /// two tasks that write at once may be mixed.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` with `EPIPE` or `ECONNRESET` when the peer is gone (what it had sent can still be read);
  ///   cause `cancelled`, `deadlinePassed` or
  ///   `closed`. `SocketError.bytesTransferred` says how many bytes the kernel had taken.
  ///
  /// The corresponding C function is `send` with `MSG_NOSIGNAL`, repeated.
  public func write(_ bytes: RawSpan, deadline: Deadline = .never) async throws(SocketError) {
    try await writeAll(bytes, deadline)
  }

  /// The body of every form of `write`, in each of them: a call that waits costs a frame of its own.
  @inline(__always)
  func writeAll(_ bytes: RawSpan, _ deadline: Deadline) async throws(SocketError) {
    let count = bytes.byteCount
    guard let pointer = unsafe bytes.withUnsafeBytes({ $0.baseAddress }) else { return }
    var sent = 0
    var pauses = MemoryPauses()
    while sent < count {
      let result = await unsafe send(pointer + sent, count - sent, deadline)
      if result >= 0 {
        sent += result
        pauses = MemoryPauses()
      } else if LoopResult.isOutOfMemory(result), let pause = pauses.next() {
        let status = await socket.loop.sleep(nanoseconds: pause, deadline: deadline)
        guard status >= 0 else {
          throw SocketError(.write, loopResult: status, bytesTransferred: sent)
        }
      } else {
        throw SocketError(.write, loopResult: result, bytesTransferred: sent)
      }
    }
  }

  private func send(
    _ pointer: UnsafeRawPointer, _ count: Int, _ deadline: Deadline
  ) async -> Int {
    guard family != .x25 else { return await unsafe sendRecord(pointer, count, deadline) }
    return await unsafe socket.perform(
      .send, UnsafeMutableRawPointer(mutating: pointer), byteCount: count,
      flags: MessageFlags.noSignal.rawValue, deadline: deadline)
  }

  /// X.25 knows no `MSG_NOSIGNAL`: the core's own call guards against the signal.
  private func sendRecord(
    _ pointer: UnsafeRawPointer, _ count: Int, _ deadline: Deadline
  ) async -> Int {
    while true {
      do {
        let sent = try withSocket { socket throws(SocketError) in
          let bytes = unsafe RawSpan(_unsafeStart: pointer, byteCount: count)
          return try socket.trySend(bytes)
        }
        if let sent { return sent }
      } catch {
        return error.errno.map { -Int($0.rawValue) } ?? LoopResult.closed
      }
      let status = await socket.wait(for: .writable, deadline: deadline)
      guard status >= 0 else { return status }
    }
  }
}
