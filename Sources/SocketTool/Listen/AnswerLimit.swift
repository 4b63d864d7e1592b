// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Whom a datagram server answers, and how often: whoever forges a sender can set two such servers on each other.
///
/// A service at a port below 1024 may be one that answers everything (RFC 862 and 864 have ports 7 and 19), and gets none. Two
/// servers elsewhere that answer each other come to the limit, lose a datagram, and are done.
struct AnswerLimit {
  /// The most answers for one sender in a second.
  static let most = 1000
  /// How many senders are known at once.
  private static let room = 4096

  private var counts: [SocketAddress: Int] = [:]
  private var end = Deadline.now

  /// Whether a sender gets an answer now.
  mutating func allows(_ sender: SocketAddress) -> Bool {
    if let port = sender.ip?.port, port.rawValue < 1024 { return false }
    // Nobody forges the sender of a Unix datagram.
    guard sender.family != .unix else { return true }
    if end.hasPassed {
      end = .seconds(1)
      counts.removeAll(keepingCapacity: true)
    }
    guard let count = counts[sender] else {
      guard counts.count < Self.room else { return false }
      counts[sender] = 1
      return true
    }
    guard count < Self.most else { return false }
    counts[sender] = count + 1
    return true
  }
}
