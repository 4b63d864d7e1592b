// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of IPv6: what is received besides the bytes: ipv6(7), RFC 3542.

extension SocketOption where Value == Bool {
  /// Receives destination options in the old form of RFC 2292.
  ///
  /// The corresponding C constant is `IPV6_2292DSTOPTS`.
  public static var receivesDestinationOptionsRFC2292: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_2292DSTOPTS, cName: "IPV6_2292DSTOPTS", coding: .flag)
  }

  /// Receives the hop limit in the old form of RFC 2292.
  ///
  /// The corresponding C constant is `IPV6_2292HOPLIMIT`.
  public static var receivesHopLimitRFC2292: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_2292HOPLIMIT, cName: "IPV6_2292HOPLIMIT", coding: .flag)
  }

  /// Receives hop-by-hop options in the old form of RFC 2292.
  ///
  /// The corresponding C constant is `IPV6_2292HOPOPTS`.
  public static var receivesHopOptionsRFC2292: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_2292HOPOPTS, cName: "IPV6_2292HOPOPTS", coding: .flag)
  }

  /// Receives packet information in the old form of RFC 2292.
  ///
  /// The corresponding C constant is `IPV6_2292PKTINFO`.
  public static var receivesPacketInformationRFC2292: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_2292PKTINFO, cName: "IPV6_2292PKTINFO", coding: .flag)
  }

  /// Receives the routing header in the old form of RFC 2292.
  ///
  /// The corresponding C constant is `IPV6_2292RTHDR`.
  public static var receivesRoutingHeaderRFC2292: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_2292RTHDR, cName: "IPV6_2292RTHDR", coding: .flag)
  }

  /// Receives the flow information of each packet.
  ///
  /// The corresponding C constant is `IPV6_FLOWINFO`.
  public static var receivesFlowInformation: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_FLOWINFO, cName: "IPV6_FLOWINFO", coding: .flag)
  }

  /// Receives the destination-options headers of each packet.
  ///
  /// The corresponding C constant is `IPV6_RECVDSTOPTS`.
  public static var receivesDestinationOptions: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVDSTOPTS, cName: "IPV6_RECVDSTOPTS", coding: .flag)
  }

  /// Keeps errors of the network in the error queue, each with its cause and its sender.
  ///
  /// The corresponding C constant is `IPV6_RECVERR`.
  public static var receivesErrorsIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVERR, cName: "IPV6_RECVERR", coding: .flag)
  }

  /// Error records tell where the extensions of the ICMP message begin (RFC 4884).
  ///
  /// The corresponding C constant is `IPV6_RECVERR_RFC4884`.
  public static var receivesExtendedErrorsIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVERR_RFC4884, cName: "IPV6_RECVERR_RFC4884",
      coding: .flag)
  }

  /// Receives the size of the largest fragment of each packet.
  ///
  /// The corresponding C constant is `IPV6_RECVFRAGSIZE`.
  public static var receivesFragmentSizeIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVFRAGSIZE, cName: "IPV6_RECVFRAGSIZE", coding: .flag)
  }

  /// Receives the hop limit of each packet.
  ///
  /// The corresponding C constant is `IPV6_RECVHOPLIMIT`.
  public static var receivesHopLimit: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVHOPLIMIT, cName: "IPV6_RECVHOPLIMIT", coding: .flag)
  }

  /// Receives the hop-by-hop-options header of each packet.
  ///
  /// The corresponding C constant is `IPV6_RECVHOPOPTS`.
  public static var receivesHopOptions: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVHOPOPTS, cName: "IPV6_RECVHOPOPTS", coding: .flag)
  }

  /// Receives the address that each datagram was sent to.
  ///
  /// The corresponding C constant is `IPV6_RECVORIGDSTADDR`.
  public static var receivesOriginalDestinationIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVORIGDSTADDR, cName: "IPV6_RECVORIGDSTADDR",
      coding: .flag)
  }

  /// Receives the path's limit when a datagram was too long for it.
  ///
  /// The corresponding C constant is `IPV6_RECVPATHMTU`.
  public static var receivesPathMTU: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVPATHMTU, cName: "IPV6_RECVPATHMTU", coding: .flag)
  }

  /// Receives the interface and the address that each packet came by.
  ///
  /// The corresponding C constant is `IPV6_RECVPKTINFO`.
  public static var receivesPacketInformationIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVPKTINFO, cName: "IPV6_RECVPKTINFO", coding: .flag)
  }

  /// Receives the routing header of each packet.
  ///
  /// The corresponding C constant is `IPV6_RECVRTHDR`.
  public static var receivesRoutingHeader: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVRTHDR, cName: "IPV6_RECVRTHDR", coding: .flag)
  }

  /// Receives the traffic-class byte of each packet.
  ///
  /// The corresponding C constant is `IPV6_RECVTCLASS`.
  public static var receivesTrafficClass: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_RECVTCLASS, cName: "IPV6_RECVTCLASS", coding: .flag)
  }
}

extension SocketOption where Value == [UInt8] {
  /// The receive switches of a stream, answered as control messages.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `IPV6_2292PKTOPTIONS`.
  public static var packetOptionsIPv6: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_2292PKTOPTIONS, cName: "IPV6_2292PKTOPTIONS",
      coding: .bytes(1024))
  }
}
