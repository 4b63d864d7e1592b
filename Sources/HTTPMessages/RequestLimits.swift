// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a client may send; each limit has an answer of its own.
package struct RequestLimits: Hashable, Sendable {
  /// Bytes of a line, without its end; a longer request line is 414, a longer field line 431.
  package var lineByteCount: Int
  /// Field lines of a request, those of a trailer included.
  package var fieldCount: Int
  /// Bytes of a head, line ends included.
  package var headByteCount: Int
  /// Bytes of a body, which is read and thrown away.
  package var bodyByteCount: Int

  package init(
    lineByteCount: Int = 8192, fieldCount: Int = 100, headByteCount: Int = 32768,
    bodyByteCount: Int = 1 << 20
  ) {
    self.lineByteCount = lineByteCount
    self.fieldCount = fieldCount
    self.headByteCount = headByteCount
    self.bodyByteCount = bodyByteCount
  }
}
