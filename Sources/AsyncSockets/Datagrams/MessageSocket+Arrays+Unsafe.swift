// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: every byte of an array of bytes may be read and written.

internal import Sockets

extension MessageSocket {
  /// `tryReceiveDatagram` over an array's elements.
  func receiveIfAny(into buffer: inout [UInt8]) throws(SocketError) -> ReceivedDatagram? {
    var span = buffer.mutableSpan
    var bytes = unsafe span.mutableBytes
    return try tryReceiveDatagram(into: &bytes)
  }

  /// `trySend` or `trySendDatagram` of a collection's bytes: whether there was room.
  func sendIfRoom(
    _ bytes: some Collection<UInt8>, to address: SocketAddress?
  ) throws(SocketError) -> Bool {
    let bytes = bytes as? [UInt8] ?? Array(bytes)
    let span = unsafe bytes.span.bytes
    guard let address else { return try trySend(span) != nil }
    return try trySendDatagram(span, to: address) != nil
  }

  /// `trySendMessage` of a collection's bytes: whether there was room.
  func sendMessageIfRoom(
    _ bytes: some Collection<UInt8>, to address: SocketAddress?, control: ControlMessages
  ) throws(SocketError) -> Bool {
    let bytes = bytes as? [UInt8] ?? Array(bytes)
    return try trySendMessage(unsafe bytes.span.bytes, to: address, control: control) != nil
  }
}
