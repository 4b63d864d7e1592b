// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

extension ConnectedSocket {
  /// Whether the peer sends nothing more; what it has sent may still be waiting.
  var peerHasEnded: Bool { hasEvent(Constants.pollPeerHangUp) }

  /// Whether neither way is open any more.
  var isOver: Bool { hasEvent(0) }

  /// Whether there is one of these events, an error or the end of both ways.
  private func hasEvent(_ events: Int16) -> Bool {
    Syscall.pollOne(owned.number, events: events, nanoseconds: 0) > 0
  }
}

/// How empty records are told from an end, which looks the same: there can be only so many of them.
enum EmptyRecords {
  /// How many records may wait at a Unix socket, and one to spare (unix(7), `max_dgram_qlen`).
  static let most: Int = {
    let text = SmallFile.text("/proc/sys/net/unix/max_dgram_qlen") ?? ""
    return (Int(text.filter(\.isNumber)) ?? 512) + 2
  }()
}
