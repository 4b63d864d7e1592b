// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets

/// The next record or datagram, or the next bytes of a stream, waited for a bounded time.
///
/// - Parameter socket: what to read from.
/// - Returns: the bytes, none at the end of a stream.
/// - Throws: the error of the read.
package func nextBytes(
  of socket: borrowing some DataSocket & ~Copyable
) throws(SocketError) -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: 65536)
  let count = try socket.read(into: &buffer, deadline: .patience)
  return Array(buffer[..<count])
}

/// As many bytes of a stream as a count, however they come.
///
/// - Parameters:
///   - count: how many.
///   - socket: what to read from.
/// - Returns: the bytes.
/// - Throws: the error of the read; the end of the stream is one.
package func bytes(
  _ count: Int,
  of socket: borrowing some DataSocket & ~Copyable
) throws(SocketError) -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: count)
  try socket.read(exactlyInto: &buffer, deadline: .patience)
  return buffer
}

/// Whether nothing waits to be read, and the stream has not ended.
///
/// - Parameter socket: what to ask.
/// - Returns: whether a read would have to wait.
/// - Throws: the error of the read.
package func isEmpty(
  _ socket: borrowing some DataSocket & ~Copyable
) throws(SocketError) -> Bool {
  var buffer: [UInt8] = [0]
  var span = buffer.mutableSpan
  // SAFETY: every byte of an array of bytes may be read and written.
  var bytes = unsafe span.mutableBytes
  return try socket.tryReceive(into: &bytes, flags: .peek) == nil
}
