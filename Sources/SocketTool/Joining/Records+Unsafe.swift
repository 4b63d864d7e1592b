// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: every byte of an array of bytes may be read and written.

import Sockets

extension ConnectedSocket {
  /// Takes a record with its whole length, or nothing when none has come; never waits.
  func takeRecord(into buffer: inout [UInt8]) throws(SocketError) -> ReceivedDatagram? {
    var span = buffer.mutableSpan
    var bytes = unsafe span.mutableBytes
    return try tryReceiveDatagram(into: &bytes)
  }

  /// Sends a record without bytes; never waits.
  ///
  /// - Returns: whether there was room for it.
  func sendEmptyRecord() throws(SocketError) -> Bool {
    let nothing: [UInt8] = []
    return try unsafe trySend(nothing.span.bytes) != nil
  }
}
