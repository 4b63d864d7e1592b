// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// One item that travels beside the bytes of a message: to the kernel, from it, or through it to the peer.
///
/// Received items are read from a ``ControlBuffer``, items to send are put into ``ControlMessages``. The text of
/// each says which way it goes. What a received item has not the form for becomes ``other(level:type:bytes:)``.
///
/// The corresponding C type is `struct cmsghdr`.
public enum ControlMessage: Hashable, Sendable {
  /// Descriptors came, so many are not taken yet; see ``ControlBuffer/takeDescriptors()``. Received; to send
  /// some see ``ControlMessages/append(descriptors:)``.
  ///
  /// The corresponding C constant is `SCM_RIGHTS`.
  case descriptors(count: Int)
  /// Who the sender is. Both ways, on Unix sockets; received where the option `SO_PASSCRED` is set.
  ///
  /// The corresponding C constant is `SCM_CREDENTIALS`.
  case credentials(ProcessCredentials)
  /// A descriptor of the sender's process came; see ``ControlBuffer/takeProcessDescriptor()``. Received.
  ///
  /// The corresponding C constant is `SCM_PIDFD`.
  case processDescriptor
  /// The sender's label of the security module, without the final NUL. Received, where the option `SO_PASSSEC`
  /// is set.
  ///
  /// The corresponding C constant is `SCM_SECURITY`.
  case securityLabel([UInt8])
  /// Which way the packet came in, or is to go out. Both ways; IPv4 and IPv6 by the version of its addresses.
  ///
  /// The corresponding C constants are `IP_PKTINFO` and `IPV6_PKTINFO`.
  case packetInfo(PacketInfo)
  /// The packet's time to live. Both ways, IPv4.
  ///
  /// The corresponding C constant is `IP_TTL`.
  case timeToLive(UInt8)
  /// The packet's hop limit. Both ways, IPv6.
  ///
  /// The corresponding C constant is `IPV6_HOPLIMIT`.
  case hopLimit(UInt8)
  /// The packet's type of service, with its congestion bits. Both ways, IPv4; TCP and UDP keep the congestion
  /// bits of what they send for themselves.
  ///
  /// The corresponding C constant is `IP_TOS`.
  case typeOfService(TrafficClass)
  /// The packet's traffic class, with its congestion bits. Both ways, IPv6.
  ///
  /// The corresponding C constant is `IPV6_TCLASS`.
  case trafficClass(TrafficClass)
  /// When the message arrived, or in the error queue: left. Received.
  ///
  /// The corresponding C constants are `SCM_TIMESTAMP`, `SCM_TIMESTAMPNS` and `SCM_TIMESTAMPING`.
  case timestamps(MessageTimestamps)
  /// Asks for timestamps of this message in the error queue. Sent.
  ///
  /// The corresponding C constant is `SO_TIMESTAMPING`.
  case requestTimestamps(TransmitTimestamps)
  /// The key by which the timestamps of this message are known. Sent (Linux 6.13 or later).
  ///
  /// The corresponding C constant is `SCM_TS_OPT_ID`.
  case timestampKey(UInt32)
  /// The size in bytes of the datagrams that the kernel is to cut the message into. Sent, UDP.
  ///
  /// The corresponding C constant is `UDP_SEGMENT`.
  case segmentSize(UInt16)
  /// The size in bytes of the datagrams, all but the last, that the kernel has put together into the message.
  /// Received, UDP.
  ///
  /// The corresponding C constant is `UDP_GRO`.
  case coalescedSegmentSize(Int)
  /// How many messages the socket has dropped for want of room, since it was made. Received.
  ///
  /// The corresponding C constant is `SO_RXQ_OVFL`.
  case dropCount(UInt32)
  /// Where the packet was going before it was redirected. Received.
  ///
  /// The corresponding C constants are `IP_ORIGDSTADDR` and `IPV6_ORIGDSTADDR`.
  case originalDestination(SocketAddress)
  /// A record of the error queue. Received.
  ///
  /// The corresponding C constants are `IP_RECVERR` and `IPV6_RECVERR`.
  case extendedError(ExtendedError)
  /// When to send the message: nanoseconds of the clock that the option `SO_TXTIME` names. Sent.
  ///
  /// The corresponding C constant is `SCM_TXTIME`.
  case transmitTime(UInt64)
  /// The mark of this message, for routing and filtering. Sent; needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `SO_MARK`.
  case mark(UInt32)
  /// The priority of this message in the interface's queue. Sent (Linux 6.14 or later); above 6 it needs
  /// `CAP_NET_ADMIN` or `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `SO_PRIORITY`.
  case priority(UInt32)
  /// An item that has no name here, or not the form that its name promises. Both ways.
  case other(level: Int32, type: Int32, bytes: [UInt8])
  /// The length of an item cannot be true; nothing behind this offset in the buffer was read.
  case malformed(offset: Int)
}
