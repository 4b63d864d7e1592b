// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of raw sockets: raw(7).

extension SocketOption where Value == Int32 {
  /// Where in each packet the kernel puts and checks a checksum; -1 for no checksum.
  ///
  /// An even offset. Raw sockets of IPv6 but those of ICMPv6, for which it cannot be set.
  ///
  /// The corresponding C constant is `IPV6_CHECKSUM`.
  public static var rawChecksumOffset: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_IPV6, name: CS_IPV6_CHECKSUM, cName: "IPV6_CHECKSUM",
      coding: .integer(unit: "bytes"))
  }
}

extension SocketOption where Value == ICMPFilter {
  /// Which ICMP messages a raw socket leaves out.
  ///
  /// Raw sockets of protocol `IPPROTO_ICMP`; `EOPNOTSUPP` on others. At most the types from 0 to
  /// 31.
  ///
  /// The corresponding C constant is `ICMP_FILTER`.
  public static var icmpFilter: SocketOption<ICMPFilter> {
    SocketOption(
      level: CS_SOL_RAW, name: CS_ICMP_FILTER, cName: "ICMP_FILTER", coding: .icmpFilter)
  }
}

extension SocketOption where Value == ICMPv6Filter {
  /// Which ICMPv6 messages a raw socket leaves out (RFC 3542, 3.2).
  ///
  /// Also called `ICMP6_FILTER`. Raw sockets of protocol `IPPROTO_ICMPV6`.
  ///
  /// The corresponding C constant is `ICMPV6_FILTER`.
  public static var icmpv6Filter: SocketOption<ICMPv6Filter> {
    SocketOption(
      level: CS_SOL_ICMPV6, name: CS_ICMPV6_FILTER, cName: "ICMPV6_FILTER", coding: .icmpv6Filter)
  }
}
