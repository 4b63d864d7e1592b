// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of IPv6: ipv6(7).

extension SocketOption where Value == Bool {
  /// Gives each flow a flow label of its own.
  ///
  /// The corresponding C constant is `IPV6_AUTOFLOWLABEL`.
  public static var automaticFlowLabel: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_AUTOFLOWLABEL, cName: "IPV6_AUTOFLOWLABEL", coding: .flag)
  }

  /// A datagram that is too long for the path is refused instead of being fragmented (RFC 3542).
  ///
  /// The corresponding C constant is `IPV6_DONTFRAG`.
  public static var noFragmentation: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_DONTFRAG, cName: "IPV6_DONTFRAG", coding: .flag)
  }

  /// Packets carry the flow information of the address that is sent or connected to.
  ///
  /// The corresponding C constant is `IPV6_FLOWINFO_SEND`.
  public static var flowInformationSend: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_FLOWINFO_SEND, cName: "IPV6_FLOWINFO_SEND", coding: .flag)
  }

  /// Binding to an address that is not local, or not yet.
  ///
  /// The corresponding C constant is `IPV6_FREEBIND`.
  public static var freeBindIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_FREEBIND, cName: "IPV6_FREEBIND", coding: .flag)
  }

  /// The sender writes the IP header itself.
  ///
  /// `ENOPROTOOPT` on other sockets than raw ones.
  ///
  /// The corresponding C constant is `IPV6_HDRINCL`.
  public static var headerIncludedIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_HDRINCL, cName: "IPV6_HDRINCL", coding: .flag)
  }

  /// Router alerts are taken from this network namespace alone.
  ///
  /// The corresponding C constant is `IPV6_ROUTER_ALERT_ISOLATE`.
  public static var routerAlertIsolation: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_ROUTER_ALERT_ISOLATE, cName: "IPV6_ROUTER_ALERT_ISOLATE",
      coding: .flag)
  }

  /// Takes connections and packets for addresses that are not local, for a proxy.
  ///
  /// Needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `IPV6_TRANSPARENT`.
  public static var transparentIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_TRANSPARENT, cName: "IPV6_TRANSPARENT", coding: .flag)
  }

  /// The socket is for IPv6 alone, and not for mapped IPv4 addresses.
  ///
  /// Before binding.
  ///
  /// The corresponding C constant is `IPV6_V6ONLY`.
  public static var v6Only: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_V6ONLY, cName: "IPV6_V6ONLY", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// Drops packets of TCP that come with a smaller hop limit; zero drops none.
  ///
  /// From 0 to 255. RFC 5082.
  ///
  /// The corresponding C constant is `IPV6_MINHOPCOUNT`.
  public static var minimumHopLimit: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MINHOPCOUNT, cName: "IPV6_MINHOPCOUNT",
      coding: .integer(unit: "hops"))
  }

  /// Set, the largest packet that is sent; read, the largest that the path is known to take.
  ///
  /// Reading answers `ENOTCONN` when the socket is not connected. At least 1280 to set.
  ///
  /// The corresponding C constant is `IPV6_MTU`.
  public static var pathMTUIPv6: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MTU, cName: "IPV6_MTU", coding: .integer(unit: "bytes"))
  }

  /// The path's limit as RFC 3542 asks for it.
  ///
  /// `ENOTCONN` when the socket is not connected. Linux leaves the destination of the C structure
  /// empty.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `IPV6_PATHMTU`.
  public static var pathMTURecord: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_PATHMTU, cName: "IPV6_PATHMTU", coding: .pathMTURecord)
  }

  /// Takes all packets to be forwarded whose router-alert option has this value; -1 none.
  ///
  /// Raw sockets of protocol `IPPROTO_RAW`.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_ROUTER_ALERT`.
  public static var routerAlertIPv6: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_ROUTER_ALERT, cName: "IPV6_ROUTER_ALERT",
      coding: .integer(unit: "alert value"))
  }

  /// How many hops a packet may take; -1 sets the route's or system's number.
  ///
  /// From 0 to 255.
  ///
  /// The corresponding C constant is `IPV6_UNICAST_HOPS`.
  public static var hopLimit: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_UNICAST_HOPS, cName: "IPV6_UNICAST_HOPS",
      coding: .integer(unit: "hops"))
  }
}

extension SocketOption where Value == SocketAddress {
  /// The address a connection was meant for before the packet filter redirected it.
  ///
  /// `ENOENT` when it was not redirected, `ENOPROTOOPT` without connection tracking.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `IP6T_SO_ORIGINAL_DST`.
  public static var originalDestinationIPv6: SocketOption<SocketAddress> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IP6T_SO_ORIGINAL_DST, cName: "IP6T_SO_ORIGINAL_DST",
      coding: .address)
  }
}

extension SocketOption where Value == AddressFamily {
  /// Turns a connection between mapped addresses into one of IPv4, by setting the family.
  ///
  /// `EADDRNOTAVAIL` or `ENOTCONN` when the peer is not an IPv4 address.
  ///
  /// The corresponding C constant is `IPV6_ADDRFORM`.
  public static var addressForm: SocketOption<AddressFamily> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_ADDRFORM, cName: "IPV6_ADDRFORM", coding: .family)
  }
}

extension SocketOption where Value == IPv6AddressPreferences {
  /// Which of several own addresses is taken to send from (RFC 5014).
  ///
  /// The corresponding C constant is `IPV6_ADDR_PREFERENCES`.
  public static var addressPreferences: SocketOption<IPv6AddressPreferences> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_ADDR_PREFERENCES, cName: "IPV6_ADDR_PREFERENCES",
      coding: .optionSet)
  }
}

extension SocketOption where Value == [UInt8] {
  /// The destination-options header of each packet, whole; empty for none.
  ///
  /// Needs `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `IPV6_DSTOPTS`.
  public static var destinationOptions: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_DSTOPTS, cName: "IPV6_DSTOPTS", coding: .bytes(2048))
  }

  /// The hop-by-hop-options header of each packet, whole; empty for none.
  ///
  /// Needs `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `IPV6_HOPOPTS`.
  public static var hopOptions: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_HOPOPTS, cName: "IPV6_HOPOPTS", coding: .bytes(2048))
  }

  /// A policy for IPsec, in the form of PF_KEY.
  ///
  /// Needs `CAP_NET_ADMIN`. The C type is `struct sadb_x_policy`.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_IPSEC_POLICY`.
  public static var ipsecPolicyIPv6: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_IPSEC_POLICY, cName: "IPV6_IPSEC_POLICY",
      coding: .bytes(1024))
  }

  /// The routing header of each packet, whole; empty for none.
  ///
  /// The corresponding C constant is `IPV6_RTHDR`.
  public static var routingHeader: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RTHDR, cName: "IPV6_RTHDR", coding: .bytes(2048))
  }

  /// The destination-options header before the routing header; empty for none.
  ///
  /// Needs `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `IPV6_RTHDRDSTOPTS`.
  public static var firstDestinationOptions: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RTHDRDSTOPTS, cName: "IPV6_RTHDRDSTOPTS",
      coding: .bytes(2048))
  }

  /// A policy for IPsec, in the form of XFRM.
  ///
  /// Needs `CAP_NET_ADMIN`. The C type is `struct xfrm_userpolicy_info`.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_XFRM_POLICY`.
  public static var transformPolicyIPv6: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_XFRM_POLICY, cName: "IPV6_XFRM_POLICY", coding: .bytes(1024)
    )
  }
}

extension SocketOption where Value == IPv6FlowLabel {
  /// Takes, renews or gives back a flow label; read, the label in use.
  ///
  /// The corresponding C constant is `IPV6_FLOWLABEL_MGR`.
  public static var flowLabel: SocketOption<IPv6FlowLabel> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_FLOWLABEL_MGR, cName: "IPV6_FLOWLABEL_MGR",
      coding: .flowLabel)
  }
}

extension SocketOption where Value == PathMTUDiscovery {
  /// Whether packets may be fragmented, and how the path's limit is found.
  ///
  /// The corresponding C constant is `IPV6_MTU_DISCOVER`.
  public static var pathMTUDiscoveryIPv6: SocketOption<PathMTUDiscovery> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_MTU_DISCOVER, cName: "IPV6_MTU_DISCOVER",
      coding: .pathMTUDiscovery)
  }
}

extension SocketOption where Value == IPv6SourceInformation {
  /// The own address and the interface of all packets (RFC 3542).
  ///
  /// All zeroes takes it back. On Linux it cannot be read: ``receivesPacketInformationIPv6`` has
  /// its number for reading.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IPV6_PKTINFO`.
  public static var sourceInformation: SocketOption<IPv6SourceInformation> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_PKTINFO, cName: "IPV6_PKTINFO", coding: .sourceInformation)
  }
}

extension SocketOption where Value == TrafficClass {
  /// The traffic-class byte of each packet: differentiated services and congestion bits.
  ///
  /// On TCP the two congestion bits are the kernel's own. RFC 2474, RFC 3168.
  ///
  /// The corresponding C constant is `IPV6_TCLASS`.
  public static var trafficClass: SocketOption<TrafficClass> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_TCLASS, cName: "IPV6_TCLASS", coding: .trafficClass)
  }
}

extension SocketOption where Value == InterfaceIndex {
  /// The interface by which packets leave; zero lets the routes decide.
  ///
  /// `EADDRNOTAVAIL` when there is no such interface.
  ///
  /// The corresponding C constant is `IPV6_UNICAST_IF`.
  public static var unicastInterfaceIPv6: SocketOption<InterfaceIndex> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_UNICAST_IF, cName: "IPV6_UNICAST_IF",
      coding: .interfaceIndexInNetworkOrder)
  }
}
