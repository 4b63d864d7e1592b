// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The kinds of socket that options are told apart by: a family, a type and a protocol.
///
/// A closed list that we own, for the catalog: the kernel has more.
public enum SocketKind: Int, CaseIterable, Hashable, Sendable {
  case unixStream, unixDatagram, unixSequencedPacket
  case tcpIPv4, tcpIPv6, multipathIPv4, multipathIPv6
  case udpIPv4, udpIPv6, udpLiteIPv4, udpLiteIPv6
  case rawIPv4, rawIPv6, icmp, icmpv6
  case packetRaw, packetDatagram, netlink, vsock, x25

  /// The family.
  public var family: AddressFamily {
    switch self {
    case .unixStream, .unixDatagram, .unixSequencedPacket: .unix
    case .tcpIPv4, .multipathIPv4, .udpIPv4, .udpLiteIPv4, .rawIPv4, .icmp: .ipv4
    case .tcpIPv6, .multipathIPv6, .udpIPv6, .udpLiteIPv6, .rawIPv6, .icmpv6: .ipv6
    case .packetRaw, .packetDatagram: .packet
    case .netlink: .netlink
    case .vsock: .vsock
    case .x25: .x25
    }
  }

  /// The type.
  public var type: SocketType {
    switch self {
    case .unixStream, .tcpIPv4, .tcpIPv6, .multipathIPv4, .multipathIPv6, .vsock: .stream
    case .unixDatagram, .udpIPv4, .udpIPv6, .udpLiteIPv4, .udpLiteIPv6, .packetDatagram: .datagram
    case .unixSequencedPacket, .x25: .sequencedPacket
    case .rawIPv4, .rawIPv6, .icmp, .icmpv6, .packetRaw, .netlink: .raw
    }
  }

  /// The protocol that such a socket is made with.
  public var protocolNumber: ProtocolNumber {
    switch self {
    case .multipathIPv4, .multipathIPv6: .mptcp
    case .udpLiteIPv4, .udpLiteIPv6: .udpLite
    case .rawIPv4, .rawIPv6: .raw
    case .icmp: .icmp
    case .icmpv6: .icmpv6
    default: .automatic
    }
  }
}

extension SocketKind: CustomStringConvertible {
  /// Two words for the catalog, for example `TCP IPv6`.
  public var description: String {
    switch self {
    case .unixStream: "Unix stream"
    case .unixDatagram: "Unix datagram"
    case .unixSequencedPacket: "Unix sequenced packet"
    case .tcpIPv4: "TCP IPv4"
    case .tcpIPv6: "TCP IPv6"
    case .multipathIPv4: "MPTCP IPv4"
    case .multipathIPv6: "MPTCP IPv6"
    case .udpIPv4: "UDP IPv4"
    case .udpIPv6: "UDP IPv6"
    case .udpLiteIPv4: "UDP-Lite IPv4"
    case .udpLiteIPv6: "UDP-Lite IPv6"
    case .rawIPv4: "raw IPv4"
    case .rawIPv6: "raw IPv6"
    case .icmp: "raw ICMP"
    case .icmpv6: "raw ICMPv6"
    case .packetRaw: "packet raw"
    case .packetDatagram: "packet datagram"
    case .netlink: "netlink"
    case .vsock: "vsock stream"
    case .x25: "X.25"
    }
  }
}

/// A set of kinds of socket: those that an option applies to.
public struct SocketKinds: OptionSet, Hashable, Sendable {
  /// A bit for each ``SocketKind``, by its number.
  public var rawValue: UInt32

  /// Makes a set from its bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Makes a set from its members.
  public init(_ kinds: SocketKind...) {
    rawValue = kinds.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  }

  /// The members, in the order of ``SocketKind``.
  public var members: [SocketKind] { SocketKind.allCases.filter { contains(SocketKinds($0)) } }
}

extension SocketKinds: CustomStringConvertible {
  /// The members, separated by commas; well-known sets by one word.
  public var description: String {
    let known: [(SocketKinds, String)] = [
      (.all, "all"), (.notMultipath, "all but MPTCP"), (.internet, "all of IP"),
      (.ipv4, "all of IPv4"), (.ipv6, "all of IPv6"), (.tcp, "TCP"),
      (.tcpAndMultipath, "TCP, MPTCP"), (.udp, "UDP, UDP-Lite"), (.udpOnly, "UDP"),
      (.udpLite, "UDP-Lite"), (.multipath, "MPTCP"), (.unix, "Unix"), (.packet, "packet"),
    ]
    return known.first { $0.0 == self }?.1
      ?? members.map(\.description).joined(separator: ", ")
  }
}

extension SocketKinds {
  /// Every kind.
  public static let all = SocketKinds(rawValue: 1 << UInt32(SocketKind.allCases.count) - 1)
  /// Unix stream, datagram and sequenced packet.
  public static let unix = SocketKinds(.unixStream, .unixDatagram, .unixSequencedPacket)
  /// TCP over both versions of IP.
  public static let tcp = SocketKinds(.tcpIPv4, .tcpIPv6)
  /// Multipath TCP over both versions of IP.
  public static let multipath = SocketKinds(.multipathIPv4, .multipathIPv6)
  /// TCP and multipath TCP.
  public static let tcpAndMultipath: SocketKinds = [.tcp, .multipath]
  /// UDP without UDP-Lite.
  public static let udpOnly = SocketKinds(.udpIPv4, .udpIPv6)
  /// UDP-Lite over both versions of IP.
  public static let udpLite = SocketKinds(.udpLiteIPv4, .udpLiteIPv6)
  /// UDP and UDP-Lite.
  public static let udp: SocketKinds = [.udpOnly, .udpLite]
  /// Everything over IPv4 but multipath TCP.
  public static let ipv4 = SocketKinds(.tcpIPv4, .udpIPv4, .udpLiteIPv4, .rawIPv4, .icmp)
  /// Everything over IPv6 but multipath TCP.
  public static let ipv6 = SocketKinds(.tcpIPv6, .udpIPv6, .udpLiteIPv6, .rawIPv6, .icmpv6)
  /// Everything over IP.
  public static let internet: SocketKinds = [.ipv4, .ipv6, .multipath]
  /// Packet sockets.
  public static let packet = SocketKinds(.packetRaw, .packetDatagram)
  /// Every kind but multipath TCP, which passes on to its paths only what has a meaning there.
  public static let notMultipath = SocketKinds.all.subtracting(.multipath)
  /// Netlink.
  public static let netlink = SocketKinds(.netlink)
  /// Streams of vsock.
  public static let vsock = SocketKinds(.vsock)
  /// X.25.
  public static let x25 = SocketKinds(.x25)
  /// UDP, UDP-Lite and raw sockets of IPv4, which have no connection of their own.
  public static let datagramIPv4 = SocketKinds.ipv4.subtracting(.tcp)
  /// UDP, UDP-Lite and raw sockets of IPv6, which have no connection of their own.
  public static let datagramIPv6 = SocketKinds.ipv6.subtracting(.tcp)
  /// IPv4, and multipath TCP over it.
  public static let ipv4AndMultipath: SocketKinds = [.ipv4, SocketKinds(.multipathIPv4)]
  /// IPv6, and multipath TCP over it.
  public static let ipv6AndMultipath: SocketKinds = [.ipv6, SocketKinds(.multipathIPv6)]
  /// Raw sockets of any protocol of IPv4.
  public static let anyRawIPv4 = SocketKinds(.rawIPv4, .icmp)
  /// Raw sockets of any protocol of IPv6.
  public static let anyRawIPv6 = SocketKinds(.rawIPv6, .icmpv6)
  /// Raw sockets that see ICMP.
  public static let icmp = SocketKinds(.icmp)
  /// Raw sockets that see ICMPv6.
  public static let icmpv6 = SocketKinds(.icmpv6)
  /// UDP and TCP over IPv6, multipath too.
  public static let tcpUdpIPv6 = SocketKinds(.tcpIPv6, .udpIPv6, .udpLiteIPv6, .multipathIPv6)
  /// Streams of Unix sockets.
  public static let unixStream = SocketKinds(.unixStream)
  /// TCP over IPv4.
  public static let tcpIPv4 = SocketKinds(.tcpIPv4)
  /// TCP over IPv6.
  public static let tcpIPv6 = SocketKinds(.tcpIPv6)
  /// Packet sockets that see the header of the link.
  public static let packetRaw = SocketKinds(.packetRaw)
  /// Raw sockets whose sender writes the IPv6 header.
  public static let rawIPv6 = SocketKinds(.rawIPv6)
}
