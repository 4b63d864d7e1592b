// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// A protocol as `sockets list` names it.
enum ListProtocol: String, CaseIterable, Comparable, Sendable {
  case tcp, mptcp, udp, udplite, raw, vsock, unix, packet, netlink

  /// Those that are listed when nobody asks for others: what speaks to other machines.
  static let usual: [ListProtocol] = [.tcp, .mptcp, .udp, .udplite, .raw, .vsock]

  /// The parts of the kernel's table in which its sockets are.
  var parts: [SocketTable.Part] {
    switch self {
    case .tcp: [.tcpIPv4, .tcpIPv6]
    case .mptcp: [.multipathIPv4, .multipathIPv6]
    case .udp: [.udpIPv4, .udpIPv6]
    case .udplite: [.udpLiteIPv4, .udpLiteIPv6]
    case .raw: [.rawIPv4, .rawIPv6]
    case .vsock: [.vsock]
    case .unix: [.unix]
    case .packet: [.packet]
    case .netlink: [.netlink]
    }
  }

  /// The place in the list above, by which tables are sorted.
  var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  static func < (left: ListProtocol, right: ListProtocol) -> Bool { left.place < right.place }
}

/// A socket of the list: what all outputs are made of, and no more, since there may be tens of thousands.
struct SocketRow: Sendable {
  var kind: ListProtocol
  var family: AddressFamily
  var type: SocketType
  var protocolNumber: ProtocolNumber
  var state: SocketState
  var local: SocketAddress
  var peer: SocketAddress?
  var interface: InterfaceIndex
  var queues: SocketTable.Queues
  var timer: SocketTable.Timer?
  var userID: UInt32?
  var inode: UInt32
  var cookie: UInt64
  /// Of a Unix socket: the peer's inode, and its address when it has a name.
  var peerInode: UInt32?
  var details: SocketDetails?
  /// The processes that have it open, in the order of their numbers.
  var holders: [SocketHolder] = []

  /// What waits to be read, or of a listener: connections to be accepted.
  var receiveQueue: Int {
    switch queues {
    case .bytes(let received, _): Int(received)
    case .connections(let waiting, _): Int(waiting)
    }
  }

  /// What waits to be sent, or of a listener: how many connections may wait.
  var sendQueue: Int {
    switch queues {
    case .bytes(_, let sent): Int(sent)
    case .connections(_, let backlog): Int(backlog)
    }
  }
}

extension SocketRow {
  /// Takes what the list needs of an entry of the kernel's table.
  init(_ entry: SocketTable.Entry, _ kind: ListProtocol, hasDetails: Bool) {
    self.kind = kind
    family = entry.family
    type = entry.type
    protocolNumber = entry.protocolNumber
    state =
      switch entry.state {
      case .newSynReceived: .synReceived
      // The kernel has TCP sockets in its table as soon as they are bound, and calls these closed.
      case .closed where kind == .tcp && entry.peerAddress == nil: .boundInactive
      default: entry.state
      }
    local = entry.localAddress
    peer = entry.peerAddress
    interface = entry.interface
    queues = entry.queues
    timer = entry.timer
    userID = entry.ownerUserID
    inode = entry.inode
    cookie = entry.cookie
    peerInode = entry.peerInode
    details = hasDetails ? SocketDetails(entry) : nil
  }
}

/// What the kernel tells of a socket when it is asked for more; outside of the row, which stays small without it.
final class SocketDetails: Sendable {
  let memory: SocketMemory?
  let tcp: TCPInformation?
  let congestionControl: String?
  let shutdown: SocketTable.Directions?
  let mark: UInt32?
  let isIPv6Only: Bool?

  init(_ entry: SocketTable.Entry) {
    memory = entry.memory
    tcp = entry.tcp
    congestionControl = entry.congestionControl
    shutdown = entry.shutdown
    mark = entry.mark
    isIPv6Only = entry.isIPv6Only
  }
}

/// A process that has a socket open.
struct SocketHolder: Sendable {
  let process: ListedProcess
  /// Its number for the socket.
  let descriptor: Int32
}

/// A process, as `/proc` shows it.
final class ListedProcess: Sendable {
  let processID: Int32
  /// What it calls itself: text of its own choice.
  let name: String
  let userID: UInt32?

  init(processID: Int32, name: String, userID: UInt32?) {
    self.processID = processID
    self.name = name
    self.userID = userID
  }
}
