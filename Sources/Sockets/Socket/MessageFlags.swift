// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The flags of one call that sends or receives.
///
/// The corresponding C constants are `MSG_…` of `send(2)` and `recv(2)`.
public struct MessageFlags: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: Int32

  /// Makes a set from the kernel's bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Urgent data of TCP.
  ///
  /// The corresponding C constant is `MSG_OOB`.
  public static let outOfBand = MessageFlags(rawValue: 0x1)
  /// Receive without taking the bytes out of the queue.
  ///
  /// The corresponding C constant is `MSG_PEEK`.
  public static let peek = MessageFlags(rawValue: 0x2)
  /// Send on the local link only, past the routing table.
  ///
  /// The corresponding C constant is `MSG_DONTROUTE`.
  public static let doNotRoute = MessageFlags(rawValue: 0x4)
  /// The control buffer was too small (in an answer).
  ///
  /// The corresponding C constant is `MSG_CTRUNC`.
  public static let controlTruncated = MessageFlags(rawValue: 0x8)
  /// The message was longer than the room for it (in an answer), or: return its true length (in a
  /// request).
  ///
  /// The corresponding C constant is `MSG_TRUNC`.
  public static let truncated = MessageFlags(rawValue: 0x20)
  /// Do not wait, once.
  ///
  /// The corresponding C constant is `MSG_DONTWAIT`.
  public static let doNotWait = MessageFlags(rawValue: 0x40)
  /// This ends a record, on the kinds of socket that have records.
  ///
  /// The corresponding C constant is
  /// `MSG_EOR`.
  public static let endOfRecord = MessageFlags(rawValue: 0x80)
  /// Wait until all the bytes have come: without a deadline, and where the descriptor is not non-blocking.
  ///
  /// With a deadline the call returns what has come first; to read exactly so many, there is `read(exactly:deadline:)`.
  ///
  /// The corresponding C constant is `MSG_WAITALL`.
  public static let waitForAll = MessageFlags(rawValue: 0x100)
  /// Tell the link layer that the peer is alive.
  ///
  /// The corresponding C constant is `MSG_CONFIRM`.
  public static let confirm = MessageFlags(rawValue: 0x800)
  /// Receive from the error queue.
  ///
  /// The corresponding C constant is `MSG_ERRQUEUE`.
  public static let errorQueue = MessageFlags(rawValue: 0x2000)
  /// No SIGPIPE when the peer is gone; every send of this package has it.
  ///
  /// The corresponding C constant is
  /// `MSG_NOSIGNAL`.
  public static let noSignal = MessageFlags(rawValue: 0x4000)
  /// More will follow, so hold back a part-filled packet.
  ///
  /// The corresponding C constant is `MSG_MORE`.
  public static let more = MessageFlags(rawValue: 0x8000)
  /// Wait for the first message of a batch only.
  ///
  /// The corresponding C constant is `MSG_WAITFORONE`.
  public static let waitForOne = MessageFlags(rawValue: 0x1_0000)
  /// Send without copying; the pages are the kernel's until it says so.
  ///
  /// The corresponding C constant is
  /// `MSG_ZEROCOPY`.
  public static let zeroCopy = MessageFlags(rawValue: 0x400_0000)
  /// Open with data (TCP fast open).
  ///
  /// The corresponding C constant is `MSG_FASTOPEN`.
  public static let fastOpen = MessageFlags(rawValue: 0x2000_0000)
  /// Received descriptors are closed on exec; always set here.
  ///
  /// The corresponding C constant is
  /// `MSG_CMSG_CLOEXEC`.
  public static let closeOnExec = MessageFlags(rawValue: 0x4000_0000)

  /// The named bits with their C names.
  static let names: [(MessageFlags, String)] = [
    (.outOfBand, "MSG_OOB"), (.peek, "MSG_PEEK"), (.doNotRoute, "MSG_DONTROUTE"),
    (.controlTruncated, "MSG_CTRUNC"), (.truncated, "MSG_TRUNC"), (.doNotWait, "MSG_DONTWAIT"),
    (.endOfRecord, "MSG_EOR"), (.waitForAll, "MSG_WAITALL"), (.confirm, "MSG_CONFIRM"),
    (.errorQueue, "MSG_ERRQUEUE"), (.noSignal, "MSG_NOSIGNAL"), (.more, "MSG_MORE"),
    (.waitForOne, "MSG_WAITFORONE"), (.zeroCopy, "MSG_ZEROCOPY"), (.fastOpen, "MSG_FASTOPEN"),
    (.closeOnExec, "MSG_CMSG_CLOEXEC"),
  ]
}

extension MessageFlags: CustomStringConvertible {
  /// The C constants joined by `|`, or `0`.
  public var description: String {
    var parts: [String] = []
    var rest = self
    for (flag, name) in Self.names where contains(flag) {
      parts.append(name)
      rest.subtract(flag)
    }
    if !rest.isEmpty { parts.append("0x" + String(rest.rawValue, radix: 16)) }
    return parts.isEmpty ? "0" : parts.joined(separator: "|")
  }
}
