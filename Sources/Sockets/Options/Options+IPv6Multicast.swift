// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of IPv6: multicast: ipv6(7).

extension SocketOption where Value == Bool {
  /// Takes packets of all groups that any socket of the system has joined, as is the default.
  ///
  /// The corresponding C constant is `IPV6_MULTICAST_ALL`.
  public static var multicastAllIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MULTICAST_ALL, cName: "IPV6_MULTICAST_ALL", coding: .flag)
  }

  /// Own multicast packets come back to this machine's members, as is the default.
  ///
  /// The corresponding C constant is `IPV6_MULTICAST_LOOP`.
  public static var multicastLoopIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MULTICAST_LOOP, cName: "IPV6_MULTICAST_LOOP", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// How many hops a multicast packet may take; 1 unless set, -1 sets that.
  ///
  /// From 0 to 255; `ENOPROTOOPT` on a stream.
  ///
  /// The corresponding C constant is `IPV6_MULTICAST_HOPS`.
  public static var multicastHopLimit: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MULTICAST_HOPS, cName: "IPV6_MULTICAST_HOPS",
      coding: .integer(unit: "hops"))
  }
}

extension SocketOption where Value == GroupSourceMembership {
  /// Takes no more from one sender of a group that was joined, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_BLOCK_SOURCE`.
  public static var groupSourceBlockIPv6: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_BLOCK_SOURCE, cName: "MCAST_BLOCK_SOURCE",
      coding: .groupSourceMembership)
  }

  /// Joins a multicast group for what one sender sends to it, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_JOIN_SOURCE_GROUP`.
  public static var groupSourceJoinIPv6: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_JOIN_SOURCE_GROUP, cName: "MCAST_JOIN_SOURCE_GROUP",
      coding: .groupSourceMembership)
  }

  /// Leaves one sender of a multicast group, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_LEAVE_SOURCE_GROUP`.
  public static var groupSourceLeaveIPv6: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_LEAVE_SOURCE_GROUP, cName: "MCAST_LEAVE_SOURCE_GROUP",
      coding: .groupSourceMembership)
  }

  /// Takes again from a sender that was blocked, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_UNBLOCK_SOURCE`.
  public static var groupSourceUnblockIPv6: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_UNBLOCK_SOURCE, cName: "MCAST_UNBLOCK_SOURCE",
      coding: .groupSourceMembership)
  }
}

extension SocketOption where Value == GroupMembership {
  /// Joins a multicast group on an interface, by its index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_JOIN_GROUP`.
  public static var groupJoinIPv6: SocketOption<GroupMembership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_JOIN_GROUP, cName: "MCAST_JOIN_GROUP",
      coding: .groupMembership)
  }

  /// Leaves a multicast group on an interface, by its index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_LEAVE_GROUP`.
  public static var groupLeaveIPv6: SocketOption<GroupMembership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_LEAVE_GROUP, cName: "MCAST_LEAVE_GROUP",
      coding: .groupMembership)
  }
}

extension SocketOption where Value == GroupSourceFilter {
  /// The senders of a group that are taken, or left out, by interface index.
  ///
  /// - Parameter membership: the group, which must have been joined, and its interface.
  /// - Returns: the option.
  ///
  /// The corresponding C constant is `MCAST_MSFILTER`.
  public static func groupSourceFilterIPv6(
    _ membership: GroupMembership
  ) -> SocketOption<GroupSourceFilter> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_MCAST_MSFILTER, cName: "MCAST_MSFILTER",
      coding: .groupSourceFilter(membership))
  }
}

extension SocketOption where Value == IPv6Membership {
  /// Joins a multicast group on an interface; also called `IPV6_JOIN_GROUP`.
  ///
  /// `EADDRINUSE` when it is joined already, `ENODEV` without a fitting interface.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_ADD_MEMBERSHIP`.
  public static var membershipJoinIPv6: SocketOption<IPv6Membership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_ADD_MEMBERSHIP, cName: "IPV6_ADD_MEMBERSHIP",
      coding: .membershipIPv6)
  }

  /// Leaves a multicast group on an interface; also called `IPV6_LEAVE_GROUP`.
  ///
  /// `EADDRNOTAVAIL` when it was not joined.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_DROP_MEMBERSHIP`.
  public static var membershipLeaveIPv6: SocketOption<IPv6Membership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_DROP_MEMBERSHIP, cName: "IPV6_DROP_MEMBERSHIP",
      coding: .membershipIPv6)
  }

  /// Takes packets for an anycast address.
  ///
  /// Needs `CAP_NET_ADMIN`.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_JOIN_ANYCAST`.
  public static var anycastJoin: SocketOption<IPv6Membership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_JOIN_ANYCAST, cName: "IPV6_JOIN_ANYCAST",
      coding: .membershipIPv6)
  }

  /// Takes no more packets for an anycast address.
  ///
  /// `ENOENT` when it was not joined.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_LEAVE_ANYCAST`.
  public static var anycastLeave: SocketOption<IPv6Membership> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_LEAVE_ANYCAST, cName: "IPV6_LEAVE_ANYCAST",
      coding: .membershipIPv6)
  }
}

extension SocketOption where Value == InterfaceIndex {
  /// The interface by which multicast packets leave; zero lets the routes decide.
  ///
  /// The corresponding C constant is `IPV6_MULTICAST_IF`.
  public static var multicastInterfaceIPv6: SocketOption<InterfaceIndex> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MULTICAST_IF, cName: "IPV6_MULTICAST_IF",
      coding: .interfaceIndex)
  }
}
