// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// The words in which a socket is shown.
final class ListText: Sendable {
  /// Whether ports are shown by their names.
  let showsNames: Bool
  let users: UserNames
  private let services = Guarded<[String: String]>([:])

  init(showsNames: Bool, users: UserNames) {
    self.showsNames = showsNames
    self.users = users
  }

  /// The protocol; a Unix socket by its type too, in the words of endpoints.
  func kind(_ row: SocketRow) -> String {
    guard row.kind == .unix else { return row.kind.rawValue }
    switch row.type {
    case .datagram: return "unix-datagram"
    case .sequencedPacket: return "unix-packet"
    default: return "unix"
    }
  }

  /// Where the socket is bound.
  func local(_ row: SocketRow) -> String { end(row, row.local, inode: row.inode) }

  /// To whom it is connected; `*` for nobody.
  func peer(_ row: SocketRow) -> String {
    guard let peer = row.peer else {
      // A peer that nobody has accepted yet is no file, and so has no number.
      return row.peerInode.map { $0 == 0 ? "(not accepted)" : "#\($0)" } ?? "*"
    }
    return end(row, peer, inode: row.peerInode ?? 0)
  }

  private func end(_ row: SocketRow, _ address: SocketAddress, inode: UInt32) -> String {
    if let ip = address.ip { return internet(row, ip) }
    if let unix = address.unix { return unix.kind == .unnamed ? "#\(inode)" : unix.description }
    if let netlink = address.netlink {
      let who = netlink.portID == 0 ? "kernel" : String(netlink.portID)
      return Self.netlinkName(row.protocolNumber) + ":" + who
    }
    // The protocol, which stands before the address, is a column of its own.
    let text = address.description
    let prefix = row.kind.rawValue + ":"
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }

  private func internet(_ row: SocketRow, _ end: IPSocketAddress) -> String {
    var host = end.address.description
    if row.interface != .any, !host.contains("%"), end.address != row.peer?.ip?.address {
      host += "%" + (row.interface.name ?? String(row.interface.rawValue))
    }
    if case .ipv6 = end.address { host = "[" + host + "]" }
    return host + ":" + port(row, end.port)
  }

  private func port(_ row: SocketRow, _ port: Port) -> String {
    if port == .any && row.kind != .raw { return "*" }
    let number = String(port.rawValue)
    guard showsNames else { return number }
    if row.kind == .raw { return Self.protocolNames[port.rawValue] ?? number }
    let protocolName = row.kind == .udp || row.kind == .udplite ? "udp" : "tcp"
    let key = number + "/" + protocolName
    if let name = services.withLock({ $0[key] }) { return name }
    let found = try? Resolver.system.service(at: port, protocolName: protocolName)
    let name = found.map { ForeignText.shown($0.name) } ?? number
    services.withLock { $0[key] = name }
    return name
  }

  private static let protocolNames: [UInt16: String] = [
    1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah",
    58: "ipv6-icmp", 89: "ospf", 132: "sctp", 255: "raw",
  ]

  /// The protocols of netlink(7), by number.
  static func netlinkName(_ number: ProtocolNumber) -> String {
    let names = [
      0: "route", 2: "usersock", 4: "sock_diag", 5: "nflog", 6: "xfrm", 7: "selinux", 8: "iscsi",
      9: "audit", 10: "fib_lookup", 11: "connector", 12: "netfilter", 15: "uevent", 16: "generic",
      18: "scsi", 19: "ecryptfs", 20: "rdma", 21: "crypto", 22: "smc",
    ]
    return names[Int(number.rawValue)] ?? String(number.rawValue)
  }

  /// The timer that runs and when it runs out; behind it, how often it did without an answer.
  func timer(_ row: SocketRow) -> String {
    guard let timer = row.timer else { return "" }
    let count = timer.retransmitCount > 0 ? " (\(timer.retransmitCount))" : ""
    return Self.name(of: timer.kind) + " " + Self.length(timer.expiry) + count
  }

  static func name(of kind: SocketTable.Timer.Kind) -> String {
    switch kind {
    case .retransmission: "retransmit"
    case .keepAlive: "keep-alive"
    case .timeWait: "time-wait"
    case .windowProbe: "probe"
    default: "timer-\(kind.rawValue)"
    }
  }

  /// A length of time in one number.
  static func length(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    if seconds < 0.001 { return DecimalText.text(seconds * 1000, digits: 3) + " ms" }
    if seconds < 1 {
      return DecimalText.text(seconds * 1000, digits: seconds < 0.01 ? 2 : 0) + " ms"
    }
    if seconds < 120 { return DecimalText.text(seconds, digits: seconds < 10 ? 1 : 0) + " s" }
    if seconds < 7200 { return DecimalText.text(seconds / 60, digits: 0) + " min" }
    return DecimalText.text(seconds / 3600, digits: 0) + " h"
  }

  /// The first process that has the socket, and how many more there are: `1234/nginx +3`.
  func process(_ row: SocketRow) -> String {
    guard let first = row.holders.first?.process else { return "" }
    let others = Set(row.holders.map(\.process.processID)).count - 1
    let name = "\(first.processID)/" + ForeignText.shown(first.name)
    return others > 0 ? name + " +\(others)" : name
  }

  /// The user of the process, or who made the socket.
  func user(_ row: SocketRow) -> String {
    guard let userID = row.holders.first?.process.userID ?? row.userID else { return "" }
    return ForeignText.shown(users.text(of: userID))
  }
}
