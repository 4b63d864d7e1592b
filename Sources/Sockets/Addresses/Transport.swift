// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// How bytes travel to an endpoint: the part of its text before the colon; a closed list.
///
/// To add one: a case here and its row in each of the properties below.
public enum Transport: String, CaseIterable, Hashable, Sendable {
  /// TCP over either IP version.
  case tcp
  /// TCP over IPv4 only.
  case tcp4
  /// TCP over IPv6 only.
  case tcp6
  /// TCP over several paths (RFC 8684), either IP version.
  case mptcp
  /// SCTP in its one-to-one form (RFC 6458, section 4), either IP version.
  case sctp
  /// UDP over either IP version.
  case udp
  /// UDP over IPv4 only.
  case udp4
  /// UDP over IPv6 only.
  case udp6
  /// UDP-Lite (RFC 3828), either IP version.
  case udpLite = "udp-lite"
  /// Internet control messages, of the version that the address has.
  case icmp
  /// Internet control messages of IPv4.
  case icmp4
  /// Internet control messages of IPv6.
  case icmp6
  /// A Unix stream.
  case unix
  /// Unix datagrams.
  case unixDatagram = "unix-datagram"
  /// A Unix connection that keeps the borders of messages.
  case unixPacket = "unix-packet"
  /// A stream between a virtual machine and its host.
  case vsock
  /// A connection of messages between a virtual machine and its host.
  case vsockPacket = "vsock-packet"
  /// Datagrams between a virtual machine and its host.
  case vsockDatagram = "vsock-datagram"
  /// An X.25 call.
  case x25

  /// The family of the addresses, or ``AddressFamily/unspecified`` when both IP families will do.
  public var family: AddressFamily {
    switch self {
    case .tcp, .mptcp, .sctp, .udp, .udpLite, .icmp: .unspecified
    case .tcp4, .udp4, .icmp4: .ipv4
    case .tcp6, .udp6, .icmp6: .ipv6
    case .unix, .unixDatagram, .unixPacket: .unix
    case .vsock, .vsockPacket, .vsockDatagram: .vsock
    case .x25: .x25
    }
  }

  /// The type of the socket.
  ///
  /// ICMP is raw.
  public var socketType: SocketType {
    switch self {
    case .tcp, .tcp4, .tcp6, .mptcp, .sctp, .unix, .vsock: .stream
    case .udp, .udp4, .udp6, .udpLite, .unixDatagram, .vsockDatagram: .datagram
    case .unixPacket, .vsockPacket, .x25: .sequencedPacket
    case .icmp, .icmp4, .icmp6: .raw
    }
  }

  /// The protocol of the socket for addresses of a family.
  ///
  /// - Parameter family: the family of the address; it matters for ``icmp`` only.
  /// - Returns: the protocol; ``ProtocolNumber/automatic`` where the family has only one.
  public func protocolNumber(for family: AddressFamily) -> ProtocolNumber {
    switch self {
    case .tcp, .tcp4, .tcp6: .tcp
    case .mptcp: .mptcp
    case .sctp: .sctp
    case .udp, .udp4, .udp6: .udp
    case .udpLite: .udpLite
    case .icmp: family == .ipv6 ? .icmpv6 : family == .ipv4 ? .icmp : .automatic
    case .icmp4: .icmp
    case .icmp6: .icmpv6
    case .unix, .unixDatagram, .unixPacket, .vsock, .vsockPacket, .vsockDatagram, .x25: .automatic
    }
  }

  /// Whether the transport runs over IP.
  public var isIP: Bool { family == .unspecified || family == .ipv4 || family == .ipv6 }

  /// Whether the transport runs over IP and its addresses have a port.
  public var hasPort: Bool { isIP && socketType != .raw }

  /// Whether an address of the family can be used with the transport.
  public func accepts(_ family: AddressFamily) -> Bool {
    family == self.family || self.family == .unspecified && (family == .ipv4 || family == .ipv6)
  }

  /// The transport whose name fills the range.
  static func named(_ text: Span<UInt8>, _ range: Range<Int>) -> Transport? {
    for transport in all where transport.rawValue.utf8.count == range.count {
      let name = transport.rawValue.utf8.span
      var offset = 0
      while offset < name.count, name[offset] == text[range.lowerBound + offset] { offset += 1 }
      if offset == name.count { return transport }
    }
    return nil
  }

  /// The cases in one array that is made once.
  private static let all = allCases
}

extension Transport: CustomStringConvertible {
  /// The name that stands before the colon.
  public var description: String { rawValue }
}
