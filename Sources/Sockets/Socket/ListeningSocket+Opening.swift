// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

// From an address to a listening or connected socket in one call, with the defaults that a server wants.
extension ListeningSocket {
  /// Makes a socket, binds it to an address and listens there.
  ///
  /// On the way it does what every server of the kind should:
  ///
  /// - An IP socket gets `SO_REUSEADDR`, so that a restart need not wait for old connections in `TIME_WAIT`. It
  ///   does not allow two listeners on one address.
  /// - `[::]` takes IPv4 clients as well, whatever `net.ipv6.bindv6only` says, unless `onlyIPv6` is set.
  /// - A Unix path is claimed: a socket that nobody listens on any more is replaced, one with a live listener is
  ///   an error that says so, anything that is not a socket is never touched. Mode and owner are as asked for
  ///   before the first client can connect. The path is removed when the listening socket ends, if it is
  ///   still this socket's.
  ///
  /// - Parameters:
  ///   - address: where to listen; port zero for one that the system chooses.
  ///   - type: what connections carry.
  ///   - protocolNumber: the protocol.
  ///   - backlog: how many connections may wait; `nil` for as many as the system allows.
  ///   - onlyIPv6: whether an IPv6 socket refuses IPv4 clients.
  ///   - access: the mode and owner of a Unix path.
  /// - Returns: the socket.
  /// - Throws: ``SocketError`` as making, ``Socket/bind(to:)`` and ``BoundSocket/listen(backlog:)`` do; cause
  ///   ``SocketError/Cause/pathInUse`` or ``SocketError/Cause/pathIsNotASocket``.
  ///
  /// The corresponding C functions are `socket`, `bind` and `listen`.
  public static func bound(
    to address: SocketAddress,
    _ type: SocketType = .stream,
    _ protocolNumber: ProtocolNumber = .automatic,
    backlog: Int? = nil,
    onlyIPv6: Bool = false,
    access: UnixPathAccess = UnixPathAccess()
  ) throws(SocketError) -> ListeningSocket {
    let owned = try OwnedDescriptor.made(address.family, type, protocolNumber)
    if let unix = address.unix, let path = unix.path {
      let claim = try UnixPathClaim.bind(owned, to: unix, path: path, access: access)
      try Lifecycle.listen(owned.number, backlog: backlog)
      try claim.confirm(path, address)
      return ListeningSocket(owned: owned, claim: claim)
    }
    if address.family == .ipv4 || address.family == .ipv6 {
      try Options.set(
        SocketOption(level: 1, name: 2, cName: "SO_REUSEADDR", coding: .flag),
        to: true,
        of: owned.number
      )
    }
    if address.family == .ipv6 {
      try Options.set(
        SocketOption(level: 41, name: 26, cName: "IPV6_V6ONLY", coding: .flag),
        to: onlyIPv6,
        of: owned.number
      )
    }
    try Lifecycle.bind(owned.number, to: address)
    try Lifecycle.listen(owned.number, backlog: backlog)
    return ListeningSocket(owned: owned)
  }
}

/// Who may connect to a Unix path: the mode and owner that its file gets.
///
/// On Linux, connecting needs write permission on the path, and search permission on the directories.
public struct UnixPathAccess: Hashable, Sendable {
  /// The mode, exactly, or `nil` for all that the process's umask allows.
  public var permissions: FilePermissions?
  /// The owner's user number, or `nil` for the process's own.
  public var owner: UInt32?
  /// The group's number, or `nil` for the process's own.
  public var group: UInt32?

  /// Names a mode and an owner.
  ///
  /// - Parameters:
  ///   - permissions: the mode.
  ///   - owner: the user number; another than the process's own needs `CAP_CHOWN`.
  ///   - group: the group number.
  public init(permissions: FilePermissions? = nil, owner: UInt32? = nil, group: UInt32? = nil) {
    self.permissions = permissions
    self.owner = owner
    self.group = group
  }
}

extension ConnectedSocket {
  /// Makes a socket of the address's family and connects it.
  ///
  /// - Parameters:
  ///   - address: the peer's address.
  ///   - type: what the connection carries.
  ///   - protocolNumber: the protocol.
  ///   - deadline: when to give up.
  /// - Returns: the socket.
  /// - Throws: ``SocketError`` as making and ``Socket/connect(to:deadline:)`` do.
  ///
  /// The corresponding C functions are `socket` and `connect`.
  public static func connected(
    to address: SocketAddress,
    _ type: SocketType = .stream,
    _ protocolNumber: ProtocolNumber = .automatic,
    deadline: Deadline = .never
  ) throws(SocketError) -> ConnectedSocket {
    try Socket(address.family, type, protocolNumber).connect(to: address, deadline: deadline)
  }
}
