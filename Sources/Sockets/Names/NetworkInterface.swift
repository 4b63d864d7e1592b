// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

/// A network interface of this machine, as it was when the kernel was asked.
///
///     for interface in try NetworkInterface.all() where interface.flags.contains(.up) {
///       print(interface.name, interface.addresses.map(\.description))
///     }
///
/// "This machine" is the network namespace of the calling thread.
///
/// The corresponding C types are `struct ifinfomsg` of rtnetlink(7) and `struct ifaddrs`.
public struct NetworkInterface: Hashable, Sendable {
  /// The interface's number, unique while it exists.
  public var index: InterfaceIndex
  /// The name, at most 15 bytes; bytes that are not UTF-8 are replaced.
  public var name: String
  /// What kind of link it is, 1 for Ethernet, 772 for loopback.
  ///
  /// The corresponding C constants are `ARPHRD_…`.
  public var hardwareType: UInt16
  /// The address on the link; empty where links have none, as a tunnel has none.
  public var hardwareAddress: HardwareAddress
  /// The address of all stations on the link; empty where there is none.
  public var broadcastHardwareAddress: HardwareAddress
  /// The largest packet that goes through the interface, in bytes, without the link's header.
  public var mtu: UInt32
  /// What the interface is and can do.
  public var flags: Flags
  /// Whether it could carry packets now.
  public var operationalState: OperationalState
  /// The IP addresses, in the kernel's order: IPv4 first, the primary one before the secondary ones.
  public var addresses: [InterfaceAddress]

  /// All interfaces of this machine.
  ///
  /// Links and addresses are two lists, read one after the other; where one of them changes while it is read,
  /// both are read again.
  ///
  /// - Returns: the interfaces in the order of their numbers, those that are down too; each with its
  ///   addresses.
  /// - Throws: ``SocketError`` with `EAGAIN` when the interfaces changed during each of several readings,
  ///   `EPROTONOSUPPORT` or `EAFNOSUPPORT` when this kernel has no rtnetlink, `EMFILE`, `ENFILE`, `ENOBUFS`
  ///   or `ENOMEM` when the process or the system has no more sockets or memory; cause
  ///   ``SocketError/Cause/malformed`` when the answer makes no sense.
  ///
  /// The corresponding C function is `getifaddrs`; the messages are `RTM_GETLINK` and `RTM_GETADDR`.
  public static func all() throws(SocketError) -> [NetworkInterface] {
    try InterfaceList.read(.all(CS_RTM_GETLINK)) { _ in }
  }

  /// The interface of a name.
  ///
  /// - Parameter name: the name, 1 to 15 bytes, for example `eth0`.
  /// - Returns: the interface with its addresses, or `nil` when none has the name.
  /// - Throws: ``SocketError`` as ``all()`` does.
  ///
  /// The corresponding C function is `if_nametoindex`; the message is `RTM_GETLINK`.
  public static func named(_ name: String) throws(SocketError) -> NetworkInterface? {
    let bytes = Array(name.utf8)
    guard !bytes.isEmpty, bytes.count <= InterfaceIndex.maximumNameByteCount, !bytes.contains(0)
    else { return nil }
    return try InterfaceList.readOne { $0.append(attribute: CS_IFLA_IFNAME, bytes + [0]) }
  }

  /// The interface of a number.
  ///
  /// - Parameter index: the number.
  /// - Returns: the interface with its addresses, or `nil` when there is none.
  /// - Throws: ``SocketError`` as ``all()`` does.
  ///
  /// The corresponding C function is `if_indextoname`; the message is `RTM_GETLINK`.
  public static func withIndex(_ index: InterfaceIndex) throws(SocketError) -> NetworkInterface? {
    guard index != .any, index.rawValue <= UInt32(Int32.max) else { return nil }
    return try InterfaceList.readOne(index) { _ in }
  }
}

/// An IP address of an interface.
///
/// The corresponding C type is `struct ifaddrmsg` of rtnetlink(7).
public struct InterfaceAddress: Hashable, Sendable {
  /// The address; a link-local one of IPv6 has its interface for a zone.
  public var address: IPAddress
  /// How many bits of it name the network: 24 for a netmask of 255.255.255.0.
  public var prefixLength: Int
  /// The address of the other end; `nil` where a link has more than two ends.
  public var peer: IPAddress?
  /// The address of all hosts on the network, of IPv4; `nil` where there is none.
  public var broadcast: IPv4Address?
  /// How far away the address means something.
  public var scope: Scope
  /// What the address is, and in which state.
  public var flags: Flags

  /// The version of IP.
  public var family: AddressFamily { address.family }

  /// The network that the address is in, which is the peer's where there is one.
  ///
  /// It is `nil` only when the length is none of the family's.
  public var network: IPPrefix? { IPPrefix(containing: peer ?? address, length: prefixLength) }
}

extension InterfaceAddress: CustomStringConvertible {
  /// The address and its prefix length, for example `192.0.2.1/24`; with a peer as `ip` writes it.
  public var description: String {
    if let peer { return "\(address) peer \(peer)/\(prefixLength)" }
    return "\(address)/\(prefixLength)"
  }
}
