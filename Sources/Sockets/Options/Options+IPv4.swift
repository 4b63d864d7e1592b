// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of IPv4: ip(7).

extension SocketOption where Value == Bool {
  /// Binding to port zero leaves the choice of a port to `connect`, so that ports last longer.
  ///
  /// The corresponding C constant is `IP_BIND_ADDRESS_NO_PORT`.
  public static var bindAddressNoPort: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_BIND_ADDRESS_NO_PORT, cName: "IP_BIND_ADDRESS_NO_PORT",
      coding: .flag)
  }

  /// Receives with each datagram a checksum over its content.
  ///
  /// The corresponding C constant is `IP_CHECKSUM`.
  public static var receivesChecksum: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_CHECKSUM, cName: "IP_CHECKSUM", coding: .flag)
  }

  /// Binding to an address that is not local, or not yet.
  ///
  /// The corresponding C constant is `IP_FREEBIND`.
  public static var freeBindIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_FREEBIND, cName: "IP_FREEBIND", coding: .flag)
  }

  /// The sender writes the IP header itself.
  ///
  /// `ENOPROTOOPT` on other sockets than raw ones.
  ///
  /// The corresponding C constant is `IP_HDRINCL`.
  public static var headerIncludedIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_HDRINCL, cName: "IP_HDRINCL", coding: .flag)
  }

  /// A raw socket's fragments are sent as they are.
  ///
  /// `ENOPROTOOPT` on other sockets than raw ones.
  ///
  /// The corresponding C constant is `IP_NODEFRAG`.
  public static var noDefragmentation: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_NODEFRAG, cName: "IP_NODEFRAG", coding: .flag)
  }

  /// Takes all packets to be forwarded that carry the router-alert option.
  ///
  /// Raw sockets; it reads as on once it was set.
  ///
  /// The corresponding C constant is `IP_ROUTER_ALERT`.
  public static var routerAlertIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_ROUTER_ALERT, cName: "IP_ROUTER_ALERT", coding: .flag)
  }

  /// Takes connections and packets for addresses that are not local, for a proxy.
  ///
  /// Needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `IP_TRANSPARENT`.
  public static var transparentIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_TRANSPARENT, cName: "IP_TRANSPARENT", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// Drops packets of TCP that come with a smaller time to live; zero drops none.
  ///
  /// From 0 to 255. RFC 5082.
  ///
  /// The corresponding C constant is `IP_MINTTL`.
  public static var minimumTimeToLive: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MINTTL, cName: "IP_MINTTL", coding: .integer(unit: "hops"))
  }

  /// The largest packet that the path of a connected socket is known to take.
  ///
  /// `ENOTCONN` when the socket is not connected.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `IP_MTU`.
  public static var pathMTUIPv4: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MTU, cName: "IP_MTU", coding: .integer(unit: "bytes"))
  }

  /// How many hops a packet may take; -1 sets the system's number.
  ///
  /// From 1 to 255.
  ///
  /// The corresponding C constant is `IP_TTL`.
  public static var timeToLive: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_TTL, cName: "IP_TTL", coding: .integer(unit: "hops"))
  }
}

extension SocketOption where Value == [UInt8] {
  /// A policy for IPsec, in the form of PF_KEY.
  ///
  /// Needs `CAP_NET_ADMIN`. The C type is `struct sadb_x_policy`.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_IPSEC_POLICY`.
  public static var ipsecPolicyIPv4: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_IPSEC_POLICY, cName: "IP_IPSEC_POLICY", coding: .bytes(1024))
  }

  /// The IP options of each packet, at most 40 bytes.
  ///
  /// The corresponding C constant is `IP_OPTIONS`.
  public static var ipOptions: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_OPTIONS, cName: "IP_OPTIONS", coding: .bytes(40))
  }

  /// The receive switches of a stream, answered as control messages.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `IP_PKTOPTIONS`.
  public static var packetOptionsIPv4: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_PKTOPTIONS, cName: "IP_PKTOPTIONS", coding: .bytes(1024))
  }

  /// A policy for IPsec, in the form of XFRM.
  ///
  /// Needs `CAP_NET_ADMIN`. The C type is `struct xfrm_userpolicy_info`.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `IP_XFRM_POLICY`.
  public static var transformPolicyIPv4: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_XFRM_POLICY, cName: "IP_XFRM_POLICY", coding: .bytes(1024))
  }
}

extension SocketOption where Value == LocalPortRange {
  /// The ports from which one is chosen for this socket, inside the system's range.
  ///
  /// Linux 6.3 or later.
  ///
  /// The corresponding C constant is `IP_LOCAL_PORT_RANGE`.
  public static var localPortRange: SocketOption<LocalPortRange> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_LOCAL_PORT_RANGE, cName: "IP_LOCAL_PORT_RANGE",
      coding: .portRange)
  }
}

extension SocketOption where Value == PathMTUDiscovery {
  /// Whether packets may be fragmented, and how the path's limit is found.
  ///
  /// The corresponding C constant is `IP_MTU_DISCOVER`.
  public static var pathMTUDiscoveryIPv4: SocketOption<PathMTUDiscovery> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_MTU_DISCOVER, cName: "IP_MTU_DISCOVER",
      coding: .pathMTUDiscovery)
  }
}

extension SocketOption where Value == ProtocolNumber {
  /// The Internet protocol of a raw socket.
  ///
  /// It can only be read. Linux 6.4 or later.
  ///
  /// The corresponding C constant is `IP_PROTOCOL`.
  public static var ipProtocol: SocketOption<ProtocolNumber> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_PROTOCOL, cName: "IP_PROTOCOL", coding: .protocolNumber)
  }
}

extension SocketOption where Value == TrafficClass {
  /// The type-of-service byte of each packet: differentiated services and congestion bits.
  ///
  /// On TCP the two congestion bits are the kernel's own. RFC 2474, RFC 3168.
  ///
  /// The corresponding C constant is `IP_TOS`.
  public static var typeOfService: SocketOption<TrafficClass> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_TOS, cName: "IP_TOS", coding: .trafficClass)
  }
}

extension SocketOption where Value == InterfaceIndex {
  /// The interface by which packets leave; zero lets the routes decide.
  ///
  /// `EADDRNOTAVAIL` when there is no such interface.
  ///
  /// The corresponding C constant is `IP_UNICAST_IF`.
  public static var unicastInterfaceIPv4: SocketOption<InterfaceIndex> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_UNICAST_IF, cName: "IP_UNICAST_IF",
      coding: .interfaceIndexInNetworkOrder)
  }
}

extension SocketOption where Value == SocketAddress {
  /// The address a connection was meant for before the packet filter redirected it.
  ///
  /// `ENOENT` when it was not redirected, `ENOPROTOOPT` without connection tracking.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_ORIGINAL_DST`.
  public static var originalDestinationIPv4: SocketOption<SocketAddress> {
    SocketOption(
      level: CS_SOL_IP, name: CS_SO_ORIGINAL_DST, cName: "SO_ORIGINAL_DST", coding: .address)
  }
}
