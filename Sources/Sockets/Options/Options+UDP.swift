// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of UDP and UDP-Lite: udp(7), udplite(7).

extension SocketOption where Value == Bool {
  /// Gathers all sends into one datagram, which goes out when it is turned off.
  ///
  /// The corresponding C constant is `UDP_CORK`.
  public static var datagramCork: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_UDP, name: CS_UDP_CORK, cName: "UDP_CORK", coding: .flag)
  }

  /// Receives several datagrams of one sender in one message, with the size of each.
  ///
  /// The corresponding C constant is `UDP_GRO`.
  public static var receivesCoalescedDatagrams: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_UDP, name: CS_UDP_GRO, cName: "UDP_GRO", coding: .flag)
  }

  /// Takes datagrams over IPv6 that have no checksum.
  ///
  /// The corresponding C constant is `UDP_NO_CHECK6_RX`.
  public static var noChecksumReceiveIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_UDP, name: CS_UDP_NO_CHECK6_RX, cName: "UDP_NO_CHECK6_RX", coding: .flag)
  }

  /// Sends datagrams over IPv6 without a checksum.
  ///
  /// The corresponding C constant is `UDP_NO_CHECK6_TX`.
  public static var noChecksumSendIPv6: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_UDP, name: CS_UDP_NO_CHECK6_TX, cName: "UDP_NO_CHECK6_TX", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// How many bytes of a datagram must be covered by its checksum; zero means all.
  ///
  /// At least 8, the header: less counts as 8. RFC 3828.
  ///
  /// The corresponding C constant is `UDPLITE_RECV_CSCOV`.
  public static var receiveChecksumCoverage: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_UDPLITE, name: CS_UDPLITE_RECV_CSCOV, cName: "UDPLITE_RECV_CSCOV",
      coding: .integer(unit: "bytes"))
  }

  /// How many bytes of a datagram the checksum covers; zero means all.
  ///
  /// At least 8, the header: less counts as 8. RFC 3828.
  ///
  /// The corresponding C constant is `UDPLITE_SEND_CSCOV`.
  public static var sendChecksumCoverage: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_UDPLITE, name: CS_UDPLITE_SEND_CSCOV, cName: "UDPLITE_SEND_CSCOV",
      coding: .integer(unit: "bytes"))
  }

  /// The size into which one large send is cut, a datagram each; zero does not cut.
  ///
  /// At most 65535.
  ///
  /// The corresponding C constant is `UDP_SEGMENT`.
  public static var segmentSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_UDP, name: CS_UDP_SEGMENT, cName: "UDP_SEGMENT", coding: .integer(unit: "bytes")
    )
  }
}

extension SocketOption where Value == UDPEncapsulation {
  /// Takes datagrams of a tunnel out of their wrapping and hands them to its protocol.
  ///
  /// ESP needs `CAP_NET_ADMIN` in some set-ups; L2TP, GTP and RxRPC belong to kernel drivers.
  ///
  /// The corresponding C constant is `UDP_ENCAP`.
  public static var encapsulation: SocketOption<UDPEncapsulation> {
    SocketOption(
      level: CS_SOL_UDP, name: CS_UDP_ENCAP, cName: "UDP_ENCAP", coding: .encapsulation)
  }
}
