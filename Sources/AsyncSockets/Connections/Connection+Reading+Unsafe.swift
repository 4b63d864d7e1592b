// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, a span's memory is used while the call that was lent it is suspended. That is sound because the
// borrow lasts until the call returns, and the call returns only after the engine has completed the operation, cancelled or
// not.

public import Sockets

extension Connection {
  /// Reads what has come, at most as many bytes as there is room for, waiting for the first.
  ///
  /// Fewer bytes than asked for are no sign of anything: a stream has no borders. With no room at all it returns zero
  /// without waiting.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of the stream.
  /// - Throws: `SocketError` with `ECONNRESET` when the peer has reset the connection; cause
  ///   `cancelled`, `deadlinePassed` or `closed`. No
  ///   byte has been taken from the stream then.
  ///
  /// The corresponding C function is `recv`.
  public func read(
    into buffer: inout MutableRawSpan, deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    let count = buffer.byteCount
    guard count > 0 else { return 0 }
    let pointer = unsafe buffer.withUnsafeMutableBytes { $0.baseAddress }
    let result = await unsafe receive(pointer, count, deadline)
    guard result >= 0 else { throw SocketError(.read, loopResult: result) }
    return result
  }

  /// Reads what has come and appends it, at most as many bytes as there is free room for.
  ///
  /// - Parameters:
  ///   - buffer: is appended to; the room need not be initialized.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of the stream.
  /// - Throws: `SocketError` as ``read(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `recv`.
  public func read(
    into buffer: inout OutputRawSpan, deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    let free = buffer.freeCapacity
    guard free > 0 else { return 0 }
    let place = unsafe buffer.withUnsafeMutableBytes { bytes, initialized in
      unsafe bytes.baseAddress.map { unsafe $0 + initialized }
    }
    let result = await unsafe receive(place, free, deadline)
    guard result >= 0 else { throw SocketError(.read, loopResult: result) }
    unsafe buffer.withUnsafeMutableBytes { _, initialized in initialized += result }
    return result
  }

  /// Reads exactly as many bytes as there is room for.
  ///
  /// - Parameters:
  ///   - buffer: is filled to its end.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` with cause `endOfStream` when the stream ended first;
  ///   otherwise as ``read(into:deadline:)-(MutableRawSpan,_)`` does. In all cases
  ///   `SocketError.bytesTransferred` says how many bytes had come: they are at the buffer's beginning.
  ///
  /// The corresponding C function is `recv`, repeated.
  public func read(
    exactlyInto buffer: inout MutableRawSpan, deadline: Deadline = .never
  ) async throws(SocketError) {
    let count = buffer.byteCount
    guard let pointer = unsafe buffer.withUnsafeMutableBytes({ $0.baseAddress }) else { return }
    var filled = 0
    while filled < count {
      let result = await unsafe receive(pointer + filled, count - filled, deadline)
      guard result > 0 else {
        throw result == 0
          ? SocketError(.read, .endOfStream, bytesTransferred: filled)
          : SocketError(.read, loopResult: result, bytesTransferred: filled)
      }
      filled += result
    }
  }

  /// Waits until a read would not wait: for bytes, the end of the stream or an error.
  ///
  /// A connection that is idle for long needs a buffer only after this has returned. Another task may be faster to read
  /// what came; a read may have to wait all the same then.
  ///
  ///     try await connection.waitUntilReadable()
  ///     var buffer = [UInt8](repeating: 0, count: 65536)
  ///
  /// - Parameter deadline: when to give up waiting.
  /// - Throws: `SocketError` with cause `cancelled`, `deadlinePassed` or `closed`.
  ///
  /// The corresponding C function is `poll` with `POLLIN`.
  public func waitUntilReadable(deadline: Deadline = .never) async throws(SocketError) {
    let status = await unsafe socket.perform(
      .readable, nil, byteCount: 0, flags: Operation.looksFirst, deadline: deadline)
    guard status >= 0 else { throw SocketError(.read, loopResult: status) }
  }

  /// Reads what has come over the array's elements from a place on.
  @inline(__always)
  func read(
    into buffer: inout [UInt8], from start: Int, deadline: Deadline
  ) async throws(SocketError) -> Int {
    let count = buffer.count - start
    guard count > 0 else { return 0 }
    var span = buffer.mutableSpan
    var bytes = unsafe span.mutableBytes
    let pointer = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe bytes.baseAddress.map { unsafe $0 + start }
    }
    let result = await unsafe receive(pointer, count, deadline)
    guard result >= 0 else { throw SocketError(.read, loopResult: result) }
    return result
  }

  /// Reads what has come over the array's elements, on the loop's thread, waiting for the first byte until the waiter is stopped.
  ///
  /// Unlike `shutdown(.read)`, stopping leaves the connection as it is: what comes later is no reason for the kernel to reset it.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning; it keeps its count.
  ///   - deadline: when to give up waiting.
  ///   - waiter: what others stop; from then on, what has come is read, and nothing is waited for.
  /// - Returns: how many bytes came; zero at the end of the stream.
  /// - Throws: `SocketError` as ``read(into:deadline:)-(MutableRawSpan,_)`` does; cause `cancelled` also when the waiter was stopped.
  package func read(
    into buffer: inout [UInt8], deadline: Deadline, until waiter: Waiter
  ) async throws(SocketError) -> Int {
    let count = buffer.count
    guard count > 0 else { return 0 }
    var span = buffer.mutableSpan
    var bytes = unsafe span.mutableBytes
    let pointer = unsafe bytes.withUnsafeMutableBytes { $0.baseAddress }
    let result = await unsafe socket.receive(pointer, count, deadline, waiter)
    guard result >= 0 else { throw SocketError(.read, loopResult: result) }
    if result == 0 { socket.noteEnd() }
    return result
  }

  /// Reads what has come and drops it.
  ///
  /// - Returns: how many bytes; zero at the end of the stream.
  func drop(_ deadline: Deadline) async throws(SocketError) -> Int {
    var scrap = InlineArray<2048, UInt8>(repeating: 0)
    var span = scrap.mutableSpan
    var buffer = unsafe span.mutableBytes
    return try await read(into: &buffer, deadline: deadline)
  }

  private func receive(
    _ pointer: UnsafeMutableRawPointer?, _ count: Int, _ deadline: Deadline
  ) async -> Int {
    let result = await unsafe socket.perform(
      .receive, pointer, byteCount: count, deadline: deadline)
    if result == 0 { socket.noteEnd() }
    return result
  }
}
