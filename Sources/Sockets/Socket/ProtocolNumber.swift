// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The protocol of a socket: C's third argument of `socket`.
///
/// An open set. For the IP families it is the number of the Internet protocol (`IPPROTO_…`); for packet
/// sockets an Ethernet type, see ``etherType(_:)``; for netlink the netlink family.
public struct ProtocolNumber: RawRepresentable, Hashable, Sendable {
  /// The number that is handed to `socket(2)`.
  public var rawValue: Int32

  /// Makes a protocol from its number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The usual protocol of the family and type: TCP for an IP stream.
  ///
  /// The C value is 0.
  public static let automatic = ProtocolNumber(rawValue: 0)
  /// Internet control messages of IPv4.
  ///
  /// The corresponding C constant is `IPPROTO_ICMP`.
  public static let icmp = ProtocolNumber(rawValue: 1)
  /// The transmission control protocol.
  ///
  /// The corresponding C constant is `IPPROTO_TCP`.
  public static let tcp = ProtocolNumber(rawValue: 6)
  /// The user datagram protocol.
  ///
  /// The corresponding C constant is `IPPROTO_UDP`.
  public static let udp = ProtocolNumber(rawValue: 17)
  /// Internet control messages of IPv6.
  ///
  /// The corresponding C constant is `IPPROTO_ICMPV6`.
  public static let icmpv6 = ProtocolNumber(rawValue: 58)
  /// The stream control transmission protocol.
  ///
  /// The corresponding C constant is `IPPROTO_SCTP`.
  public static let sctp = ProtocolNumber(rawValue: 132)
  /// UDP with partial checksums.
  ///
  /// The corresponding C constant is `IPPROTO_UDPLITE`.
  public static let udpLite = ProtocolNumber(rawValue: 136)
  /// Any protocol, headers written by the sender.
  ///
  /// The corresponding C constant is `IPPROTO_RAW`.
  public static let raw = ProtocolNumber(rawValue: 255)
  /// TCP over several paths.
  ///
  /// The corresponding C constant is `IPPROTO_MPTCP`.
  public static let mptcp = ProtocolNumber(rawValue: 262)

  /// The protocol argument of a packet socket: an Ethernet type in network byte order.
  ///
  /// - Parameter type: the Ethernet type, for example `0x0800` for IPv4, `0x0003` for all frames.
  /// - Returns: the number with its two bytes exchanged, as `htons` would.
  ///
  /// The corresponding C constants are `ETH_P_…`.
  public static func etherType(_ type: UInt16) -> ProtocolNumber {
    ProtocolNumber(rawValue: Int32(type.bigEndian))
  }

  /// The C constant of an Internet protocol, or the number as text.
  public var cName: String {
    switch self {
    case .automatic: "0"
    case .icmp: "IPPROTO_ICMP"
    case .tcp: "IPPROTO_TCP"
    case .udp: "IPPROTO_UDP"
    case .icmpv6: "IPPROTO_ICMPV6"
    case .sctp: "IPPROTO_SCTP"
    case .udpLite: "IPPROTO_UDPLITE"
    case .raw: "IPPROTO_RAW"
    case .mptcp: "IPPROTO_MPTCP"
    default: String(rawValue)
    }
  }
}

extension ProtocolNumber: CustomStringConvertible {
  /// The C constant.
  public var description: String { cName }
}
