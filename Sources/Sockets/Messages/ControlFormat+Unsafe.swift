// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension Span where Element == UInt8 {
  /// A socket address that fills a payload from an offset to its end; `nil` when there is none.
  func address(at offset: Int, in payload: Range<Int>) -> SocketAddress? {
    guard payload.count - offset >= 2 else { return nil }
    let part = extracting(payload.lowerBound + offset..<payload.upperBound)
    // SAFETY: bytes have no padding, and the span is bounded.
    return unsafe SocketAddress(bytes: part.bytes)
  }
}
