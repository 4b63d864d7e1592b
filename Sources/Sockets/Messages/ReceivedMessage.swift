// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What is known of a received message besides its bytes and its control messages.
public struct ReceivedMessage: Hashable, Sendable {
  /// How many bytes are in the buffer; zero is an empty datagram, or the end of a stream.
  public var byteCount: Int
  /// How many bytes the message had, where the kernel tells: on datagram, raw, netlink and sequenced-packet
  /// sockets.
  ///
  /// Elsewhere, and for messages of the error queue, it is the same as ``byteCount``.
  public var originalByteCount: Int
  /// Who sent it; empty where there is no address.
  ///
  /// For a message of the error queue it is the address that the
  /// failed message was sent to.
  public var sender: SocketAddress
  /// The flags of the answer.
  public var flags: MessageFlags

  /// Whether the message did not fit, and its rest is lost.
  ///
  /// The corresponding C constant is `MSG_TRUNC`.
  public var isTruncated: Bool { flags.contains(.truncated) }

  /// Whether the control messages did not fit, and the rest is lost.
  ///
  /// Descriptors that did not fit have been closed by the kernel; those that came are in the control buffer.
  ///
  /// The corresponding C constant is `MSG_CTRUNC`.
  public var isControlTruncated: Bool { flags.contains(.controlTruncated) }

  /// Whether the bytes end a record.
  ///
  /// The corresponding C constant is `MSG_EOR`.
  public var isEndOfRecord: Bool { flags.contains(.endOfRecord) }
}
