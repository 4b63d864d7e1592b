// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

extension Connection {
  /// What one read brings, none at the end.
  func bytes(
    atMost count: Int = 65536, deadline: Deadline = .seconds(10)
  ) async throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    var span = buffer.mutableSpan
    // SAFETY: every byte of an array of bytes may be read and written.
    var bytes = unsafe span.mutableBytes
    let received = try await read(into: &bytes, deadline: deadline)
    return Array(buffer[..<received])
  }

  /// Exactly so many bytes.
  func bytes(
    exactly count: Int, deadline: Deadline = .seconds(10)
  ) async throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    var span = buffer.mutableSpan
    // SAFETY: every byte of an array of bytes may be read and written.
    var bytes = unsafe span.mutableBytes
    try await read(exactlyInto: &bytes, deadline: deadline)
    return buffer
  }

  /// Writes all the bytes.
  func write(_ bytes: [UInt8], deadline: Deadline = .seconds(10)) async throws(SocketError) {
    // SAFETY: every byte of an array of bytes may be read.
    try await unsafe write(bytes.span.bytes, deadline: deadline)
  }
}
