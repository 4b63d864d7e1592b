// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the span is of an array that is held until the call has returned.

import AsyncSockets
import Sockets

/// Sends what the kernel takes at once, saying that more follows, so that it may wait to fill a packet.
///
/// - Returns: how many bytes went.
func trySend(_ bytes: [UInt8], on connection: Connection) throws(SocketError) -> Int {
  try connection.withSocket { socket throws(SocketError) in
    try unsafe socket.trySend(bytes.span.bytes, flags: .more) ?? 0
  }
}
