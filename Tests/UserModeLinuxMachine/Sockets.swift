// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// The next record or datagram, or the next bytes of a stream.
func record(from socket: borrowing some DataSocket & ~Copyable) throws -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: 8192)
  let count = try socket.read(into: &buffer, deadline: .seconds(5))
  return Array(buffer[..<count])
}

/// Whether nothing waits to be read.
func nothing(at socket: borrowing some DataSocket & ~Copyable) throws -> Bool {
  var buffer = [UInt8](repeating: 0, count: 16)
  var span = buffer.mutableSpan
  // SAFETY: every byte of an array of bytes may be read and written.
  var bytes = unsafe span.mutableBytes
  return try socket.tryRead(into: &bytes) == nil
}

/// Throws unless the body fails by this operation with this C error.
func expectError(
  _ operation: SocketError.Operation,
  _ cause: Errno,
  _ body: () throws -> Void
) throws {
  do {
    try body()
  } catch let error as SocketError {
    guard error.operation == operation, error.errno == cause else {
      throw Failure("the error is \(error) and not \(operation) with \(cause)")
    }
    return
  }
  throw Failure("there was no error: \(cause)")
}
