// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of netlink: netlink(7).

extension SocketOption where Value == Bool {
  /// A sender to a group is told when this socket missed its message.
  ///
  /// The corresponding C constant is `NETLINK_BROADCAST_ERROR`.
  public static var netlinkBroadcastErrors: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_BROADCAST_ERROR, cName: "NETLINK_BROADCAST_ERROR",
      coding: .flag)
  }

  /// Acknowledgements carry no copy of the request's payload.
  ///
  /// The corresponding C constant is `NETLINK_CAP_ACK`.
  public static var netlinkCappedAcknowledgements: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_CAP_ACK, cName: "NETLINK_CAP_ACK", coding: .flag)
  }

  /// Acknowledgements carry a message in words and the offending attribute.
  ///
  /// The corresponding C constant is `NETLINK_EXT_ACK`.
  public static var netlinkExtendedAcknowledgements: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_EXT_ACK, cName: "NETLINK_EXT_ACK", coding: .flag)
  }

  /// Requests for lists are checked in full, and filtered by the kernel.
  ///
  /// The corresponding C constant is `NETLINK_GET_STRICT_CHK`.
  public static var netlinkStrictRequests: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_GET_STRICT_CHK, cName: "NETLINK_GET_STRICT_CHK",
      coding: .flag)
  }

  /// Receives messages from all network namespaces that have a number here.
  ///
  /// Needs `CAP_NET_BROADCAST`.
  ///
  /// The corresponding C constant is `NETLINK_LISTEN_ALL_NSID`.
  public static var receivesAllNamespaces: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_LISTEN_ALL_NSID, cName: "NETLINK_LISTEN_ALL_NSID",
      coding: .flag)
  }

  /// Lost messages are not reported by `ENOBUFS`.
  ///
  /// The corresponding C constant is `NETLINK_NO_ENOBUFS`.
  public static var netlinkNoOverflowErrors: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_NO_ENOBUFS, cName: "NETLINK_NO_ENOBUFS", coding: .flag
    )
  }

  /// Receives with each message the number of the group it was sent to.
  ///
  /// The corresponding C constant is `NETLINK_PKTINFO`.
  public static var receivesNetlinkGroup: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_PKTINFO, cName: "NETLINK_PKTINFO", coding: .flag)
  }
}

extension SocketOption where Value == UInt32 {
  /// Joins a multicast group of the netlink family, by number.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `NETLINK_ADD_MEMBERSHIP`.
  public static var netlinkMembershipJoin: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_ADD_MEMBERSHIP, cName: "NETLINK_ADD_MEMBERSHIP",
      coding: .unsigned(unit: "group number"))
  }

  /// Leaves a multicast group of the netlink family.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `NETLINK_DROP_MEMBERSHIP`.
  public static var netlinkMembershipLeave: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_DROP_MEMBERSHIP, cName: "NETLINK_DROP_MEMBERSHIP",
      coding: .unsigned(unit: "group number"))
  }
}

extension SocketOption where Value == [UInt32] {
  /// The numbers of the groups that the socket has joined.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `NETLINK_LIST_MEMBERSHIPS`.
  public static var netlinkMemberships: SocketOption<[UInt32]> {
    SocketOption(
      level: CS_SOL_NETLINK, name: CS_NETLINK_LIST_MEMBERSHIPS, cName: "NETLINK_LIST_MEMBERSHIPS",
      coding: .netlinkGroups)
  }
}
