// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc

/// The family of a socket's addresses: the *domain*, C's first argument of `socket`.
///
/// An open set, since the kernel owns the list: a family without a name here is made from its number.
///
/// The corresponding C type is the `int domain` of `socket(2)`, the constants are `AF_…`.
public struct AddressFamily: RawRepresentable, Hashable, Sendable {
  /// The kernel's number.
  public var rawValue: UInt16

  /// Makes a family from the kernel's number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// No family: the address of an unnamed peer.
  ///
  /// The corresponding C constant is `AF_UNSPEC`.
  public static let unspecified = AddressFamily(rawValue: 0)
  /// Processes of one machine, by path or abstract name.
  ///
  /// The corresponding C constant is `AF_UNIX`.
  public static let unix = AddressFamily(rawValue: 1)
  /// IP version 4.
  ///
  /// The corresponding C constant is `AF_INET`.
  public static let ipv4 = AddressFamily(rawValue: 2)
  /// X.25 packet switching.
  ///
  /// The corresponding C constant is `AF_X25`.
  public static let x25 = AddressFamily(rawValue: 9)
  /// IP version 6.
  ///
  /// The corresponding C constant is `AF_INET6`.
  public static let ipv6 = AddressFamily(rawValue: 10)
  /// Messages to and from the kernel.
  ///
  /// The corresponding C constant is `AF_NETLINK`.
  public static let netlink = AddressFamily(rawValue: 16)
  /// Frames of a link, below IP.
  ///
  /// The corresponding C constant is `AF_PACKET`.
  public static let packet = AddressFamily(rawValue: 17)
  /// A virtual machine and its host.
  ///
  /// The corresponding C constant is `AF_VSOCK`.
  public static let vsock = AddressFamily(rawValue: 40)

  /// The families that have a name here, in the order of their numbers.
  public static let known: [AddressFamily] = [
    .unix, .ipv4, .x25, .ipv6, .netlink, .packet, .vsock,
  ]

  /// The C constant, for example `AF_INET`; a nameless family prints as `AF_(29)`.
  public var cName: String {
    switch self {
    case .unspecified: "AF_UNSPEC"
    case .unix: "AF_UNIX"
    case .ipv4: "AF_INET"
    case .x25: "AF_X25"
    case .ipv6: "AF_INET6"
    case .netlink: "AF_NETLINK"
    case .packet: "AF_PACKET"
    case .vsock: "AF_VSOCK"
    default: "AF_(\(rawValue))"
    }
  }
}

extension AddressFamily: CustomStringConvertible {
  /// The C constant.
  public var description: String { cName }
}
