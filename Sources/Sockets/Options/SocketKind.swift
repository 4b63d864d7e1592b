// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The kinds of socket that options are told apart by: a family, a type and a protocol.
///
/// A closed list that we own, for the catalog: the kernel has more.
public enum SocketKind: Int, CaseIterable, Hashable, Sendable {
  /// A stream between processes of one machine.
  case unixStream
  /// Datagrams between processes of one machine.
  case unixDatagram
  /// Records in order between processes of one machine.
  case unixSequencedPacket
  /// TCP over IPv4.
  case tcpIPv4
  /// TCP over IPv6.
  case tcpIPv6
  /// Multipath TCP over IPv4.
  case multipathIPv4
  /// Multipath TCP over IPv6.
  case multipathIPv6
  /// UDP over IPv4.
  case udpIPv4
  /// UDP over IPv6.
  case udpIPv6
  /// UDP-Lite over IPv4.
  case udpLiteIPv4
  /// UDP-Lite over IPv6.
  case udpLiteIPv6
  /// Whole packets of IPv4: the sender writes the header.
  case rawIPv4
  /// Whole packets of IPv6: the sender writes the header.
  case rawIPv6
  /// ICMP messages.
  case icmp
  /// ICMPv6 messages.
  case icmpv6
  /// Frames of an interface with the header of the link.
  case packetRaw
  /// Frames of an interface without the header of the link.
  case packetDatagram
  /// Messages to and from the kernel.
  case netlink
  /// A stream between a virtual machine and its host.
  case vsock
  /// An X.25 virtual circuit.
  case x25

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
  package static let all = SocketKinds(rawValue: 1 << UInt32(SocketKind.allCases.count) - 1)
  /// Unix stream, datagram and sequenced packet.
  package static let unix = SocketKinds(.unixStream, .unixDatagram, .unixSequencedPacket)
  /// TCP over both versions of IP.
  package static let tcp = SocketKinds(.tcpIPv4, .tcpIPv6)
  /// Multipath TCP over both versions of IP.
  package static let multipath = SocketKinds(.multipathIPv4, .multipathIPv6)
  /// TCP and multipath TCP.
  package static let tcpAndMultipath: SocketKinds = [.tcp, .multipath]
  /// UDP without UDP-Lite.
  package static let udpOnly = SocketKinds(.udpIPv4, .udpIPv6)
  /// UDP-Lite over both versions of IP.
  package static let udpLite = SocketKinds(.udpLiteIPv4, .udpLiteIPv6)
  /// UDP and UDP-Lite.
  package static let udp: SocketKinds = [.udpOnly, .udpLite]
  /// Everything over IPv4 but multipath TCP.
  package static let ipv4 = SocketKinds(.tcpIPv4, .udpIPv4, .udpLiteIPv4, .rawIPv4, .icmp)
  /// Everything over IPv6 but multipath TCP.
  package static let ipv6 = SocketKinds(.tcpIPv6, .udpIPv6, .udpLiteIPv6, .rawIPv6, .icmpv6)
  /// Everything over IP.
  package static let internet: SocketKinds = [.ipv4, .ipv6, .multipath]
  /// Packet sockets.
  package static let packet = SocketKinds(.packetRaw, .packetDatagram)
  /// Every kind but multipath TCP, which passes on to its paths only what has a meaning there.
  package static let notMultipath = SocketKinds.all.subtracting(.multipath)
  /// Netlink.
  package static let netlink = SocketKinds(.netlink)
  /// Streams of vsock.
  package static let vsock = SocketKinds(.vsock)
  /// X.25.
  package static let x25 = SocketKinds(.x25)
  /// UDP, UDP-Lite and raw sockets of IPv4, which have no connection of their own.
  package static let datagramIPv4 = SocketKinds.ipv4.subtracting(.tcp)
  /// UDP, UDP-Lite and raw sockets of IPv6, which have no connection of their own.
  package static let datagramIPv6 = SocketKinds.ipv6.subtracting(.tcp)
  /// IPv4, and multipath TCP over it.
  package static let ipv4AndMultipath: SocketKinds = [.ipv4, SocketKinds(.multipathIPv4)]
  /// IPv6, and multipath TCP over it.
  package static let ipv6AndMultipath: SocketKinds = [.ipv6, SocketKinds(.multipathIPv6)]
  /// Raw sockets of any protocol of IPv4.
  package static let anyRawIPv4 = SocketKinds(.rawIPv4, .icmp)
  /// Raw sockets of any protocol of IPv6.
  package static let anyRawIPv6 = SocketKinds(.rawIPv6, .icmpv6)
  /// Raw sockets that see ICMP.
  package static let icmp = SocketKinds(.icmp)
  /// Raw sockets that see ICMPv6.
  package static let icmpv6 = SocketKinds(.icmpv6)
  /// UDP and TCP over IPv6, multipath too.
  package static let tcpUdpIPv6 = SocketKinds(.tcpIPv6, .udpIPv6, .udpLiteIPv6, .multipathIPv6)
  /// Streams of Unix sockets.
  package static let unixStream = SocketKinds(.unixStream)
  /// TCP over IPv4.
  package static let tcpIPv4 = SocketKinds(.tcpIPv4)
  /// TCP over IPv6.
  package static let tcpIPv6 = SocketKinds(.tcpIPv6)
  /// Packet sockets that see the header of the link.
  package static let packetRaw = SocketKinds(.packetRaw)
  /// Raw sockets whose sender writes the IPv6 header.
  package static let rawIPv6 = SocketKinds(.rawIPv6)
}
