// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of IPv4: multicast: ip(7).

extension SocketOption where Value == Bool {
  /// Takes packets of all groups that any socket of the system has joined, as is the default.
  ///
  /// The corresponding C constant is `IP_MULTICAST_ALL`.
  public static var multicastAllIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MULTICAST_ALL, cName: "IP_MULTICAST_ALL", coding: .flag)
  }

  /// Own multicast packets come back to this machine's members, as is the default.
  ///
  /// The corresponding C constant is `IP_MULTICAST_LOOP`.
  public static var multicastLoopIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MULTICAST_LOOP, cName: "IP_MULTICAST_LOOP", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// How many hops a multicast packet may take; 1 unless set, -1 sets that.
  ///
  /// From 0 to 255; `EINVAL` on a stream.
  ///
  /// The corresponding C constant is `IP_MULTICAST_TTL`.
  public static var multicastTimeToLive: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MULTICAST_TTL, cName: "IP_MULTICAST_TTL",
      coding: .integer(unit: "hops"))
  }
}

extension SocketOption where Value == IPv4Membership {
  /// Joins a multicast group on one interface.
  ///
  /// `EADDRINUSE` when it is joined already, `ENODEV` without a fitting interface.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_ADD_MEMBERSHIP`.
  public static var membershipJoinIPv4: SocketOption<IPv4Membership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_ADD_MEMBERSHIP, cName: "IP_ADD_MEMBERSHIP",
      coding: .membershipIPv4)
  }

  /// Leaves a multicast group.
  ///
  /// `EADDRNOTAVAIL` when it was not joined.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_DROP_MEMBERSHIP`.
  public static var membershipLeaveIPv4: SocketOption<IPv4Membership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_DROP_MEMBERSHIP, cName: "IP_DROP_MEMBERSHIP",
      coding: .membershipIPv4)
  }
}

extension SocketOption where Value == IPv4SourceMembership {
  /// Joins a multicast group for what one sender sends to it.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_ADD_SOURCE_MEMBERSHIP`.
  public static var sourceMembershipJoinIPv4: SocketOption<IPv4SourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_ADD_SOURCE_MEMBERSHIP, cName: "IP_ADD_SOURCE_MEMBERSHIP",
      coding: .sourceMembershipIPv4)
  }

  /// Takes no more from one sender of a group that was joined.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_BLOCK_SOURCE`.
  public static var sourceBlockIPv4: SocketOption<IPv4SourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_BLOCK_SOURCE, cName: "IP_BLOCK_SOURCE",
      coding: .sourceMembershipIPv4)
  }

  /// Leaves one sender of a multicast group.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_DROP_SOURCE_MEMBERSHIP`.
  public static var sourceMembershipLeaveIPv4: SocketOption<IPv4SourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_DROP_SOURCE_MEMBERSHIP, cName: "IP_DROP_SOURCE_MEMBERSHIP",
      coding: .sourceMembershipIPv4)
  }

  /// Takes again from a sender that was blocked.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_UNBLOCK_SOURCE`.
  public static var sourceUnblockIPv4: SocketOption<IPv4SourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_UNBLOCK_SOURCE, cName: "IP_UNBLOCK_SOURCE",
      coding: .sourceMembershipIPv4)
  }
}

extension SocketOption where Value == IPv4SourceFilter {
  /// The senders of a group that are taken, or left out.
  ///
  /// - Parameters:
  ///   - group: the group, which must have been joined.
  ///   - interface: an address of the interface that it was joined on; `0.0.0.0` lets the routes decide.
  /// - Returns: the option.
  ///
  /// The corresponding C constant is `IP_MSFILTER`.
  public static func sourceFilterIPv4(
    group: IPv4Address, interface: IPv4Address = .any
  ) -> SocketOption<IPv4SourceFilter> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MSFILTER, cName: "IP_MSFILTER",
      coding: .sourceFilter(group: group, interface: interface))
  }
}

extension SocketOption where Value == IPv4Address {
  /// The interface by which multicast packets leave, by its address; zero lets the routes decide.
  ///
  /// The corresponding C constant is `IP_MULTICAST_IF`.
  public static var multicastInterfaceIPv4: SocketOption<IPv4Address> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MULTICAST_IF, cName: "IP_MULTICAST_IF", coding: .ipv4Address)
  }
}

extension SocketOption where Value == InterfaceIndex {
  /// The interface by which multicast packets leave, by its index.
  ///
  /// It cannot be read by index: ``multicastInterfaceIPv4`` gives the address.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_MULTICAST_IF`.
  public static var multicastInterfaceIndexIPv4: SocketOption<InterfaceIndex> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MULTICAST_IF, cName: "IP_MULTICAST_IF",
      coding: .multicastInterfaceIndex)
  }
}

extension SocketOption where Value == GroupSourceMembership {
  /// Takes no more from one sender of a group that was joined, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_BLOCK_SOURCE`.
  public static var groupSourceBlockIPv4: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_BLOCK_SOURCE, cName: "MCAST_BLOCK_SOURCE",
      coding: .groupSourceMembership)
  }

  /// Joins a multicast group for what one sender sends to it, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_JOIN_SOURCE_GROUP`.
  public static var groupSourceJoinIPv4: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_JOIN_SOURCE_GROUP, cName: "MCAST_JOIN_SOURCE_GROUP",
      coding: .groupSourceMembership)
  }

  /// Leaves one sender of a multicast group, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_LEAVE_SOURCE_GROUP`.
  public static var groupSourceLeaveIPv4: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_LEAVE_SOURCE_GROUP, cName: "MCAST_LEAVE_SOURCE_GROUP",
      coding: .groupSourceMembership)
  }

  /// Takes again from a sender that was blocked, by interface index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_UNBLOCK_SOURCE`.
  public static var groupSourceUnblockIPv4: SocketOption<GroupSourceMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_UNBLOCK_SOURCE, cName: "MCAST_UNBLOCK_SOURCE",
      coding: .groupSourceMembership)
  }
}

extension SocketOption where Value == GroupMembership {
  /// Joins a multicast group on an interface, by its index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_JOIN_GROUP`.
  public static var groupJoinIPv4: SocketOption<GroupMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_JOIN_GROUP, cName: "MCAST_JOIN_GROUP",
      coding: .groupMembership)
  }

  /// Leaves a multicast group on an interface, by its index.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `MCAST_LEAVE_GROUP`.
  public static var groupLeaveIPv4: SocketOption<GroupMembership> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_LEAVE_GROUP, cName: "MCAST_LEAVE_GROUP",
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
  public static func groupSourceFilterIPv4(
    _ membership: GroupMembership
  ) -> SocketOption<GroupSourceFilter> {
    SocketOption(
      level: CS_SOL_IP, name: CS_MCAST_MSFILTER, cName: "MCAST_MSFILTER",
      coding: .groupSourceFilter(membership))
  }
}
