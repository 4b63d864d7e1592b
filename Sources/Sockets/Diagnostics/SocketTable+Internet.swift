// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Sockets of IP: `struct inet_diag_req_v2` asks, `struct inet_diag_msg` and its attributes answer.

internal import CSockets

extension SocketTable {
  static func internetRequest(
    _ part: Part, _ states: SocketStates, _ details: Details
  ) -> NetlinkRequest {
    var request = NetlinkRequest.all(CS_SOCK_DIAG_BY_FAMILY)
    // The byte has room for the first eight kinds of attribute; the others come unasked.
    let wanted =
      (details.contains(.tcp) ? [CS_INET_DIAG_INFO, CS_INET_DIAG_CONG, CS_INET_DIAG_TCLASS] : [])
      + (details.contains(.memory) ? [CS_INET_DIAG_SKMEMINFO] : [])
    let number = UInt32(bitPattern: part.protocolNumber.rawValue)
    request.append(
      UInt8(truncatingIfNeeded: part.family.rawValue),
      UInt8(truncatingIfNeeded: number),
      wanted.reduce(0) { $0 | 1 << UInt8($1 - 1) },
      0
    )
    request.append(states.rawValue)
    // Whichever addresses, interface and cookie.
    request.pad(48)
    // A protocol that a byte has no room for; Linux 5.9 or later.
    if number > 0xff { request.append(attribute: CS_INET_DIAG_REQ_PROTOCOL, number) }
    return request
  }
}

extension SocketTable.Entry {
  /// Reads what the kernel tells of a socket of IP.
  package init(
    internet message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>,
    _ part: SocketTable.Part
  ) throws(NetlinkMalformed) {
    let fixed = message.payload
    var attributes = try NetlinkAttributeCursor(message, after: 72)
    family = AddressFamily(rawValue: UInt16(try bytes.field(0, of: fixed, as: UInt8.self)))
    type = part.type
    protocolNumber = part.protocolNumber
    state = SocketState(rawValue: try bytes.field(1, of: fixed))
    interface = InterfaceIndex(rawValue: try bytes.field(40, of: fixed))
    let ports: (UInt16, UInt16) = (
      try bytes.networkField(4, of: fixed), try bytes.networkField(6, of: fixed)
    )
    guard
      let local = try bytes.ipAddress(8, of: fixed, family: family, zone: interface),
      let peer = try bytes.ipAddress(24, of: fixed, family: family, zone: interface)
    else { throw NetlinkMalformed(offset: fixed.lowerBound) }
    localAddress = .ip(local, port: Port(rawValue: ports.0))
    peerAddress =
      peer.isUnspecified && ports.1 == 0 ? nil : .ip(peer, port: Port(rawValue: ports.1))
    queues = SocketTable.Queues(
      state, try bytes.field(56, of: fixed), try bytes.field(60, of: fixed))
    timer = try SocketTable.Timer(internet: fixed, in: bytes)
    let owner = try bytes.field(64, of: fixed, as: UInt32.self)
    inode = try bytes.field(68, of: fixed)
    // What no process has any more has no owner: the kernel says zero, which is root.
    ownerUserID = inode == 0 ? nil : owner
    cookie = try bytes.field(44, of: fixed)
    while let attribute = try attributes.next(in: bytes) { try read(attribute, in: bytes) }
  }

  private mutating func read(
    _ attribute: NetlinkAttribute,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    let value = attribute.payload
    switch attribute.type {
    // Protocols have structures of their own in this attribute.
    case CS_INET_DIAG_INFO where protocolNumber == .tcp:
      var reader = FieldReader(bytes.array(value))
      tcp = TCPInformation(&reader)
    case CS_INET_DIAG_CONG: congestionControl = bytes.text(value)
    case CS_INET_DIAG_SKMEMINFO:
      var reader = FieldReader(bytes.array(value))
      memory = SocketMemory(&reader)
    case CS_INET_DIAG_SHUTDOWN:
      shutdown = SocketTable.Directions(rawValue: try bytes.field(0, of: value))
    case CS_INET_DIAG_PROTOCOL:
      protocolNumber = ProtocolNumber(
        rawValue: Int32(try bytes.field(0, of: value, as: UInt8.self)))
    case CS_INET_DIAG_SKV6ONLY: isIPv6Only = try bytes.field(0, of: value, as: UInt8.self) != 0
    case CS_INET_DIAG_MARK: mark = try bytes.field(0, of: value, as: UInt32.self)
    default: break
    }
  }
}

extension SocketTable.Timer {
  /// Reads the timer of `struct inet_diag_msg`; `nil` when none runs.
  init?(internet fixed: Range<Int>, in bytes: borrowing Span<UInt8>) throws(NetlinkMalformed) {
    kind = Kind(rawValue: try bytes.field(2, of: fixed))
    retransmitCount = try bytes.field(3, of: fixed)
    expiry = .milliseconds(Int64(try bytes.field(52, of: fixed, as: UInt32.self)))
    if kind.rawValue == 0 { return nil }
  }
}
