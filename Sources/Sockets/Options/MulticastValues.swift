// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A multicast group on one interface, which is named by index or by address.
///
/// The corresponding C type is `struct ip_mreqn`.
public struct IPv4Membership: Hashable, Sendable {
  /// The group.
  public var group: IPv4Address
  /// An address of the interface, where the index is zero; `0.0.0.0` lets the routes decide.
  public var interfaceAddress: IPv4Address
  /// The interface.
  public var interface: InterfaceIndex

  /// Puts a membership together.
  public init(
    group: IPv4Address, interface: InterfaceIndex = .any, interfaceAddress: IPv4Address = .any
  ) {
    self.group = group
    self.interface = interface
    self.interfaceAddress = interfaceAddress
  }
}

extension OptionCoding where Value == IPv4Membership {
  /// Two addresses and a C `int`.
  static var membershipIPv4: OptionCoding<IPv4Membership> {
    .writeOnly { value, writer in
      writer.put(value.group)
      writer.put(value.interfaceAddress)
      writer.put(value.interface.rawValue)
    }
  }
}

extension OptionCoding where Value == InterfaceIndex {
  /// `struct ip_mreqn` with the index alone.
  static var multicastInterfaceIndex: OptionCoding<InterfaceIndex> {
    .writeOnly { index, writer in
      writer.pad(8)
      writer.put(index.rawValue)
    }
  }
}

extension OptionCoding where Value == IPv4Address {
  /// `struct in_addr`.
  static var ipv4Address: OptionCoding<IPv4Address> {
    .structure(4, write: { $1.put($0) }, read: { $0.takeIPv4Address() })
  }
}

/// One sender of a multicast group on one interface, which is named by its address.
///
/// The corresponding C type is `struct ip_mreq_source`.
public struct IPv4SourceMembership: Hashable, Sendable {
  /// The group.
  public var group: IPv4Address
  /// The sender.
  public var source: IPv4Address
  /// An address of the interface; `0.0.0.0` lets the routes decide.
  public var interfaceAddress: IPv4Address

  /// Puts a membership together.
  public init(group: IPv4Address, source: IPv4Address, interfaceAddress: IPv4Address = .any) {
    self.group = group
    self.source = source
    self.interfaceAddress = interfaceAddress
  }
}

extension OptionCoding where Value == IPv4SourceMembership {
  /// Three addresses.
  static var sourceMembershipIPv4: OptionCoding<IPv4SourceMembership> {
    .writeOnly { value, writer in
      writer.put(value.group)
      writer.put(value.interfaceAddress)
      writer.put(value.source)
    }
  }
}

/// A multicast group on an interface.
///
/// The corresponding C type is `struct ipv6_mreq`.
public struct IPv6Membership: Hashable, Sendable {
  /// The group.
  public var group: IPv6Address
  /// The interface; zero is that of the group's zone, and without one lets the routes decide.
  public var interface: InterfaceIndex

  /// Puts a membership together.
  public init(group: IPv6Address, interface: InterfaceIndex = .any) {
    self.group = group
    self.interface = interface
  }
}

extension OptionCoding where Value == IPv6Membership {
  /// An address and a C `int`.
  static var membershipIPv6: OptionCoding<IPv6Membership> {
    .writeOnly { value, writer in
      writer.put(value.group)
      writer.put(value.interface.rawValue(orZoneOf: .ipv6(value.group)))
    }
  }
}

/// A multicast group of either family on an interface.
///
/// The corresponding C type is `struct group_req`.
public struct GroupMembership: Hashable, Sendable {
  /// The group.
  public var group: IPAddress
  /// The interface; zero is that of the group's zone, and without one lets the routes decide.
  public var interface: InterfaceIndex

  /// Puts a membership together.
  public init(group: IPAddress, interface: InterfaceIndex = .any) {
    self.group = group
    self.interface = interface
  }
}

extension OptionCoding where Value == GroupMembership {
  /// A C `int` and, at an offset of eight, an address of 128 bytes.
  static var groupMembership: OptionCoding<GroupMembership> {
    .writeOnly { value, writer in
      writer.put(value.interface.rawValue(orZoneOf: value.group))
      writer.pad(4)
      writer.put(storage: value.group)
    }
  }
}

/// One sender of a multicast group of either family on an interface.
///
/// The corresponding C type is `struct group_source_req`.
public struct GroupSourceMembership: Hashable, Sendable {
  /// The group.
  public var group: IPAddress
  /// The sender.
  public var source: IPAddress
  /// The interface; zero is that of the group's zone, and without one lets the routes decide.
  public var interface: InterfaceIndex

  /// Puts a membership together.
  public init(group: IPAddress, source: IPAddress, interface: InterfaceIndex = .any) {
    self.group = group
    self.source = source
    self.interface = interface
  }
}

extension OptionCoding where Value == GroupSourceMembership {
  /// A C `int` and, at an offset of eight, two addresses of 128 bytes.
  static var groupSourceMembership: OptionCoding<GroupSourceMembership> {
    .writeOnly { value, writer in
      writer.put(value.interface.rawValue(orZoneOf: value.group))
      writer.pad(4)
      writer.put(storage: value.group)
      writer.put(storage: value.source)
    }
  }
}

extension InterfaceIndex {
  /// The index, or where it is zero that of a group's zone: `ff02::fb%eth0` has said which one.
  fileprivate func rawValue(orZoneOf group: IPAddress) -> UInt32 {
    guard self == .any, case .ipv6(let group) = group else { return rawValue }
    return group.zone
  }
}
