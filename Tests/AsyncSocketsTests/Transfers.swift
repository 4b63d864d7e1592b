// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport

extension Connection {
  /// What one read brings, none at the end.
  func bytes(
    atMost count: Int = 65536, deadline: Deadline = .patience
  ) async throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let received = try await read(into: &buffer, deadline: deadline)
    return Array(buffer[..<received])
  }

  /// Exactly so many bytes.
  func bytes(
    exactly count: Int, deadline: Deadline = .patience
  ) async throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    try await read(exactlyInto: &buffer, deadline: deadline)
    return buffer
  }
}
