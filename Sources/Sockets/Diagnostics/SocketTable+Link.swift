// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Packet, netlink and vsock sockets: `struct packet_diag_req`, `struct netlink_diag_req` and `struct vsock_diag_req`
// ask, the `_msg` of the same names and their attributes answer.

internal import CSockets

extension SocketTable {
  static func packetRequest() -> NetlinkRequest {
    var request = NetlinkRequest.all(CS_SOCK_DIAG_BY_FAMILY)
    // Whichever protocol, inode and cookie.
    request.append(UInt8(truncatingIfNeeded: AddressFamily.packet.rawValue), 0)
    request.pad(2)
    request.append(0, UInt32(CS_PACKET_SHOW_INFO | CS_PACKET_SHOW_MEMINFO))
    request.pad(8)
    return request
  }

  static func netlinkRequest() -> NetlinkRequest {
    var request = NetlinkRequest.all(CS_SOCK_DIAG_BY_FAMILY)
    request.append(
      UInt8(truncatingIfNeeded: AddressFamily.netlink.rawValue),
      UInt8(truncatingIfNeeded: CS_NDIAG_PROTO_ALL))
    request.pad(2)
    // Whichever inode and cookie.
    request.append(0, UInt32(CS_NDIAG_SHOW_MEMINFO | CS_NDIAG_SHOW_GROUPS))
    request.pad(8)
    return request
  }

  static func vsockRequest(_ states: SocketStates) -> NetlinkRequest {
    var request = NetlinkRequest.all(CS_SOCK_DIAG_BY_FAMILY)
    request.append(UInt8(truncatingIfNeeded: AddressFamily.vsock.rawValue), 0)
    request.pad(2)
    // Whichever inode and cookie, and nothing more to show.
    request.append(states.rawValue)
    request.pad(16)
    return request
  }
}

extension SocketTable.Entry {
  /// Reads what the kernel tells of a socket of some part.
  package init(
    _ message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>,
    _ part: SocketTable.Part
  ) throws(NetlinkMalformed) {
    switch part.family {
    case .unix: try self.init(unix: message, in: bytes)
    case .packet: try self.init(packet: message, in: bytes)
    case .netlink: try self.init(netlink: message, in: bytes)
    case .vsock: try self.init(vsock: message, in: bytes)
    default: try self.init(internet: message, in: bytes, part)
    }
  }

  /// Begins with what every answer of these families has: itself, and its type.
  init(
    _ family: AddressFamily,
    _ fixed: Range<Int>,
    _ localAddress: SocketAddress,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    guard try bytes.field(0, of: fixed, as: UInt8.self) == UInt8(family.rawValue) else {
      throw NetlinkMalformed(offset: fixed.lowerBound)
    }
    self.family = family
    type = SocketType(rawValue: Int32(try bytes.field(1, of: fixed, as: UInt8.self)))
    protocolNumber = .automatic
    state = .closed
    self.localAddress = localAddress
    queues = .bytes(received: 0, sent: 0)
    inode = 0
    cookie = 0
  }

  /// Reads what the kernel tells of a packet socket.
  package init(
    packet message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    let fixed = message.payload
    var attributes = try NetlinkAttributeCursor(message, after: 16)
    let etherType: UInt16 = try bytes.field(2, of: fixed)
    var link = LinkLayerAddress(interface: .any, etherType: etherType)
    try self.init(.packet, fixed, .packet(link), in: bytes)
    protocolNumber = ProtocolNumber(rawValue: Int32(etherType))
    inode = try bytes.field(4, of: fixed)
    cookie = try bytes.field(8, of: fixed)
    while let attribute = try attributes.next(in: bytes) {
      let value = attribute.payload
      switch attribute.type {
      case CS_PACKET_DIAG_INFO:
        interface = InterfaceIndex(rawValue: try bytes.field(0, of: value))
        link.interface = interface
        localAddress = .packet(link)
      case CS_PACKET_DIAG_UID: ownerUserID = try bytes.field(0, of: value, as: UInt32.self)
      case CS_PACKET_DIAG_MEMINFO: readMemory(bytes.array(value))
      default: break
      }
    }
  }

  /// Reads what the kernel tells of a netlink socket.
  package init(
    netlink message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    let fixed = message.payload
    var attributes = try NetlinkAttributeCursor(message, after: 28)
    var own = NetlinkAddress(portID: try bytes.field(4, of: fixed))
    try self.init(.netlink, fixed, .netlink(own), in: bytes)
    protocolNumber = ProtocolNumber(
      rawValue: Int32(try bytes.field(2, of: fixed, as: UInt8.self)))
    let peer = NetlinkAddress(
      portID: try bytes.field(8, of: fixed), group: try bytes.field(12, of: fixed))
    // The kernel's own two states: not connected, and connected.
    let isConnected = try bytes.field(3, of: fixed, as: UInt8.self) == 1
    state = isConnected ? .established : .closed
    if isConnected || peer != .kernel { peerAddress = .netlink(peer) }
    inode = try bytes.field(16, of: fixed)
    cookie = try bytes.field(20, of: fixed)
    while let attribute = try attributes.next(in: bytes) {
      let value = attribute.payload
      switch attribute.type {
      case CS_NETLINK_DIAG_MEMINFO: readMemory(bytes.array(value))
      // As many groups as the protocol has; an address has room for the first 32.
      case CS_NETLINK_DIAG_GROUPS:
        own.groups = try bytes.field(0, of: value)
        localAddress = .netlink(own)
      default: break
      }
    }
  }

  /// Reads what the kernel tells of a vsock socket.
  package init(
    vsock message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    let fixed = message.payload
    // The kernel adds no attributes yet; what is there must be whole all the same.
    var attributes = try NetlinkAttributeCursor(message, after: 32)
    while try attributes.next(in: bytes) != nil {}
    func address(_ place: Int) throws(NetlinkMalformed) -> SocketAddress {
      .vsock(
        cid: VsockAddress.ContextID(rawValue: try bytes.field(place, of: fixed)),
        port: try bytes.field(place + 4, of: fixed))
    }
    try self.init(.vsock, fixed, try address(4), in: bytes)
    state = SocketState(rawValue: try bytes.field(2, of: fixed))
    queues = SocketTable.Queues(state, 0, 0)
    shutdown = SocketTable.Directions(rawValue: try bytes.field(3, of: fixed))
    if state != .closed && state != .listening { peerAddress = try address(12) }
    inode = try bytes.field(20, of: fixed)
    cookie = try bytes.field(24, of: fixed)
  }

  /// Takes the memory of a socket whose queues are told by nothing else.
  private mutating func readMemory(_ bytes: [UInt8]) {
    var reader = FieldReader(bytes)
    let read = SocketMemory(&reader)
    memory = read
    queues = .bytes(received: read.receiveQueueByteCount, sent: read.sendQueueByteCount)
  }
}

extension NetlinkAddress {
  /// A peer: a number, and a group by its own number, of which an address has room for the first 32.
  fileprivate init(portID: UInt32, group: UInt32) {
    self.init(portID: portID, groups: group > 0 && group <= 32 ? 1 << (group - 1) : 0)
  }
}
