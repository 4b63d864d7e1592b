// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// What a table can be sorted by: text upwards, amounts downwards, so that what is most wanted stands first.
enum ListSort: String, CaseIterable, Sendable {
  case proto, state, recv, send, local, peer, timer, process, pid, user, inode
  case rtt, cwnd, retransmits, sent, received, rate

  /// Whether it needs what the kernel tells only when asked for details.
  var needsDetails: Bool {
    switch self {
    case .rtt, .cwnd, .retransmits, .sent, .received, .rate: true
    default: false
    }
  }

  /// The rows in order; those that are equal in it are as they were.
  func sorted(_ rows: [SocketRow], _ text: ListText) -> [SocketRow] {
    switch self {
    case .proto: by(rows) { text.kind($0) }
    case .state: by(rows) { StateWords.place($0.state) }
    case .recv: by(rows) { -$0.receiveQueue }
    case .send: by(rows) { -$0.sendQueue }
    case .local: by(rows) { SocketOrder($0.local, $0.inode, text.local($0)) }
    case .peer: by(rows) { SocketOrder($0.peer, $0.peerInode ?? 0, text.peer($0)) }
    // Those without a timer stand last.
    case .timer: by(rows) { $0.timer?.expiry ?? .seconds(Int64(Int32.max)) }
    case .process:
      by(rows) { row in row.holders.first.map { "0" + $0.process.name.lowercased() } ?? "1" }
    case .pid: by(rows) { $0.holders.first.map { Int($0.process.processID) } ?? .max }
    case .user: by(rows) { row in row.userID == nil ? "~" : text.user(row) }
    case .inode: by(rows) { $0.inode }
    case .rtt: byAmount(rows) { UInt64(clamping: Int64($0.roundTripTime / .microseconds(1))) }
    case .cwnd: byAmount(rows) { UInt64($0.congestionWindowSegmentCount) }
    case .retransmits: byAmount(rows) { UInt64($0.totalRetransmittedSegmentCount) }
    case .sent: byAmount(rows) { $0.sentByteCount }
    case .received: byAmount(rows) { $0.receivedByteCount }
    case .rate: byAmount(rows) { $0.deliveryRate }
    }
  }

  private func byAmount(
    _ rows: [SocketRow], _ amount: (TCPInformation) -> UInt64
  ) -> [SocketRow] {
    // Those that have none stand behind those that have zero.
    by(rows) { row in row.details?.tcp.map { UInt64.max - min(amount($0), .max - 1) - 1 } ?? .max }
  }

  /// Sorts by a key that is made once a row; `sorted` keeps the order of equals.
  private func by<Key: Comparable>(
    _ rows: [SocketRow], _ key: (SocketRow) -> Key
  ) -> [SocketRow] {
    let keys = rows.map(key)
    return rows.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { rows[$0] }
  }

  /// The order when nobody asks for another: by protocol, listeners first, then by address.
  static func usual(_ rows: [SocketRow]) -> [SocketRow] {
    let keys = rows.map { row in
      (
        row.kind.place, row.type.rawValue, StateWords.place(row.state),
        SocketOrder(row.local, row.inode, nil)
      )
    }
    let peers = rows.map { SocketOrder($0.peer, $0.peerInode ?? 0, nil) }
    return rows.indices.sorted { left, right in
      if keys[left] != keys[right] { return keys[left] < keys[right] }
      return (peers[left], left) < (peers[right], right)
    }.map { rows[$0] }
  }
}

/// The order of addresses: IPv4 before IPv6, by number and then by port; others by their text.
struct SocketOrder: Comparable {
  private let rank: Int
  private let high: UInt128
  private let port: UInt16
  private let text: String

  init(_ address: SocketAddress?, _ inode: UInt32, _ text: String?) {
    guard let address else {
      rank = inode == 0 ? 9 : 4
      high = UInt128(inode)
      port = 0
      self.text = ""
      return
    }
    guard let ip = address.ip else {
      let isUnnamed = address.unix?.kind == .unnamed
      rank = isUnnamed ? 4 : 3
      high = isUnnamed ? UInt128(inode) : 0
      port = 0
      self.text = isUnnamed ? "" : text ?? address.description
      return
    }
    switch ip.address {
    case .ipv4(let inner):
      rank = 1
      high = UInt128(inner.bits)
    case .ipv6(let inner):
      rank = 2
      high = inner.bits
    }
    port = ip.port.rawValue
    self.text = ""
  }

  static func < (left: SocketOrder, right: SocketOrder) -> Bool {
    (left.rank, left.high, left.port, left.text) < (right.rank, right.high, right.port, right.text)
  }
}
