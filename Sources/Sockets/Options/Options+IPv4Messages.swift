// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of IPv4: what is received besides the bytes: ip(7).

extension SocketOption where Value == Bool {
  /// Receives the security label of the packet's sender.
  ///
  /// The corresponding C constant is `IP_PASSSEC`.
  public static var receivesSecurityLabelsIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_PASSSEC, cName: "IP_PASSSEC", coding: .flag)
  }

  /// Receives the interface and the addresses that each packet came by.
  ///
  /// The corresponding C constant is `IP_PKTINFO`.
  public static var receivesPacketInformationIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_PKTINFO, cName: "IP_PKTINFO", coding: .flag)
  }

  /// Keeps errors of the network in the error queue, each with its cause and its sender.
  ///
  /// The corresponding C constant is `IP_RECVERR`.
  public static var receivesErrorsIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVERR, cName: "IP_RECVERR", coding: .flag)
  }

  /// Error records tell where the extensions of the ICMP message begin (RFC 4884).
  ///
  /// The corresponding C constant is `IP_RECVERR_RFC4884`.
  public static var receivesExtendedErrorsIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVERR_RFC4884, cName: "IP_RECVERR_RFC4884", coding: .flag)
  }

  /// Receives the size of the largest fragment of each packet.
  ///
  /// The corresponding C constant is `IP_RECVFRAGSIZE`.
  public static var receivesFragmentSizeIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVFRAGSIZE, cName: "IP_RECVFRAGSIZE", coding: .flag)
  }

  /// Receives the IP options of each packet, as they arrived.
  ///
  /// The corresponding C constant is `IP_RECVOPTS`.
  public static var receivesOptionsIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVOPTS, cName: "IP_RECVOPTS", coding: .flag)
  }

  /// Receives the address that each datagram was sent to.
  ///
  /// The corresponding C constant is `IP_RECVORIGDSTADDR`.
  public static var receivesOriginalDestinationIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVORIGDSTADDR, cName: "IP_RECVORIGDSTADDR", coding: .flag)
  }

  /// Receives the type-of-service byte of each packet.
  ///
  /// The corresponding C constant is `IP_RECVTOS`.
  public static var receivesTypeOfService: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVTOS, cName: "IP_RECVTOS", coding: .flag)
  }

  /// Receives the time to live of each packet.
  ///
  /// The corresponding C constant is `IP_RECVTTL`.
  public static var receivesTimeToLive: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RECVTTL, cName: "IP_RECVTTL", coding: .flag)
  }

  /// Receives the IP options of each packet, turned round for an answer.
  ///
  /// The corresponding C constant is `IP_RETOPTS`.
  public static var receivesReturnOptionsIPv4: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_IP, name: CS_IP_RETOPTS, cName: "IP_RETOPTS", coding: .flag)
  }
}
