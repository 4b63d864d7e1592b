// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of every family: who the peer is: socket(7), unix(7).

extension SocketOption where Value == String {
  /// The security label of the peer.
  ///
  /// `ENOPROTOOPT` when no security module gives labels.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_PEERSEC`.
  public static var peerSecurityLabel: SocketOption<String> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PEERSEC, cName: "SO_PEERSEC", coding: .label)
  }
}

extension SocketOption where Value == ProcessCredentials {
  /// The process, user and group of the peer when it connected or listened.
  ///
  /// Unix streams and sequenced packets; on an unconnected socket the process is 0 and the
  /// identifiers are all ones.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_PEERCRED`.
  public static var peerCredentials: SocketOption<ProcessCredentials> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PEERCRED, cName: "SO_PEERCRED", coding: .peerCredentials)
  }
}

extension SocketOption where Value == [UInt32] {
  /// The supplementary groups of the peer when it connected or listened.
  ///
  /// `ENODATA` when there is no peer.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_PEERGROUPS`.
  public static var peerGroups: SocketOption<[UInt32]> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PEERGROUPS, cName: "SO_PEERGROUPS", coding: .groups)
  }
}
