// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// Unix sockets: `struct unix_diag_req` asks, `struct unix_diag_msg` and its attributes answer.

internal import CSockets

extension SocketTable {
  static func unixRequest(_ states: SocketStates, _ details: Details) -> NetlinkRequest {
    var request = NetlinkRequest.all(CS_SOCK_DIAG_BY_FAMILY)
    let wanted =
      CS_UDIAG_SHOW_NAME | CS_UDIAG_SHOW_PEER | CS_UDIAG_SHOW_RQLEN | CS_UDIAG_SHOW_UID
      | (details.contains(.memory) ? CS_UDIAG_SHOW_MEMINFO : 0)
    request.append(UInt8(truncatingIfNeeded: AddressFamily.unix.rawValue), 0)
    request.pad(2)
    // Whichever inode and cookie.
    request.append(states.rawValue, 0, UInt32(wanted))
    request.pad(8)
    return request
  }
}

extension SocketTable.Entry {
  /// Reads what the kernel tells of a Unix socket.
  package init(
    unix message: NetlinkMessage,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) {
    let fixed = message.payload
    var attributes = try NetlinkAttributeCursor(message, after: 16)
    try self.init(.unix, fixed, .unix(.unnamed), in: bytes)
    state = SocketState(rawValue: try bytes.field(2, of: fixed))
    queues = SocketTable.Queues(state, 0, 0)
    inode = try bytes.field(4, of: fixed)
    cookie = try bytes.field(8, of: fixed)
    while let attribute = try attributes.next(in: bytes) {
      let value = attribute.payload
      switch attribute.type {
      case CS_UNIX_DIAG_NAME: localAddress = try Self.name(value, in: bytes)
      case CS_UNIX_DIAG_PEER: peerInode = try bytes.field(0, of: value, as: UInt32.self)
      case CS_UNIX_DIAG_RQLEN:
        queues = SocketTable.Queues(
          state, try bytes.field(0, of: value), try bytes.field(4, of: value))
      case CS_UNIX_DIAG_MEMINFO:
        var reader = FieldReader(bytes.array(value))
        memory = SocketMemory(&reader)
      case CS_UNIX_DIAG_SHUTDOWN:
        shutdown = SocketTable.Directions(rawValue: try bytes.field(0, of: value))
      case CS_UNIX_DIAG_UID: ownerUserID = try bytes.field(0, of: value, as: UInt32.self)
      default: break
      }
    }
  }

  /// The address of a name, which is `sun_path` as `getsockname` tells it.
  private static func name(
    _ value: Range<Int>,
    in bytes: borrowing Span<UInt8>
  ) throws(NetlinkMalformed) -> SocketAddress {
    var field: [UInt8] = []
    field.appendNumber(AddressFamily.unix.rawValue)
    field += bytes.array(value)
    guard let address = SocketAddress(bytes: field) else {
      throw NetlinkMalformed(offset: value.lowerBound)
    }
    return address
  }
}
