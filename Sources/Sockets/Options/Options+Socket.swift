// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
public import SystemPackage

// Of every family: addresses, time, routing, what the socket is: socket(7).

extension SocketOption where Value == Bool {
  /// Whether the socket listens for connections.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_ACCEPTCONN`.
  public static var isListening: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ACCEPTCONN, cName: "SO_ACCEPTCONN", coding: .flag)
  }

  /// Permission to send datagrams to a broadcast address.
  ///
  /// Without it such a send fails with `EACCES`. It does nothing on streams.
  ///
  /// The corresponding C constant is `SO_BROADCAST`.
  public static var broadcast: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BROADCAST, cName: "SO_BROADCAST", coding: .flag)
  }

  /// An old switch of error reporting; the kernel takes any value and ignores it.
  ///
  /// The corresponding C constant is `SO_BSDCOMPAT`.
  public static var bsdCompatibility: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BSDCOMPAT, cName: "SO_BSDCOMPAT", coding: .flag)
  }

  /// Advice that the present route seems to fail, so that the kernel picks another.
  ///
  /// Only `true` acts; it cannot be read.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_CNX_ADVICE`.
  public static var badRouteAdvice: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_CNX_ADVICE, cName: "SO_CNX_ADVICE", coding: .flag)
  }

  /// Debug records of the protocol, where it keeps any.
  ///
  /// To turn it on needs `CAP_NET_ADMIN`.
  ///
  /// The corresponding C constant is `SO_DEBUG`.
  public static var debug: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_DEBUG, cName: "SO_DEBUG", coding: .flag)
  }

  /// Sends to directly connected hosts only, past the routing table.
  ///
  /// The same effect as `MSG_DONTROUTE` on each send.
  ///
  /// The corresponding C constant is `SO_DONTROUTE`.
  public static var unrouted: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_DONTROUTE, cName: "SO_DONTROUTE", coding: .flag)
  }

  /// Probes an idle connection, so that a peer that has vanished is noticed.
  ///
  /// When and how often is said by ``keepAliveIdle``, ``keepAliveInterval`` and ``keepAliveCount``.
  ///
  /// The corresponding C constant is `SO_KEEPALIVE`.
  public static var keepAlive: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_KEEPALIVE, cName: "SO_KEEPALIVE", coding: .flag)
  }

  /// The sender writes the frame check sequence itself, on devices that allow it.
  ///
  /// The corresponding C constant is `SO_NOFCS`.
  public static var noFrameCheckSequence: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_NOFCS, cName: "SO_NOFCS", coding: .flag)
  }

  /// Sends UDP over IPv4 without a checksum.
  ///
  /// The corresponding C constant is `SO_NO_CHECK`.
  public static var noChecksum: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_NO_CHECK, cName: "SO_NO_CHECK", coding: .flag)
  }

  /// Leaves out-of-band bytes in the stream instead of putting them aside.
  ///
  /// The corresponding C constant is `SO_OOBINLINE`.
  public static var outOfBandInline: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_OOBINLINE, cName: "SO_OOBINLINE", coding: .flag)
  }

  /// Leaves the device queue to busy polling and defers its interrupts.
  ///
  /// To turn it on needs `CAP_NET_ADMIN`.
  ///
  /// Linux 5.11 or later.
  ///
  /// The corresponding C constant is `SO_PREFER_BUSY_POLL`.
  public static var busyPollPreferred: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PREFER_BUSY_POLL, cName: "SO_PREFER_BUSY_POLL",
      coding: .flag)
  }

  /// Binding to a port succeeds while old connections of it linger.
  ///
  /// On a listening TCP socket another listener on the port still hinders it.
  ///
  /// The corresponding C constant is `SO_REUSEADDR`.
  public static var reuseAddress: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_REUSEADDR, cName: "SO_REUSEADDR", coding: .flag)
  }

  /// Several sockets of one user bind to one address and share what arrives.
  ///
  /// The corresponding C constant is `SO_REUSEPORT`.
  public static var reusePort: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_REUSEPORT, cName: "SO_REUSEPORT", coding: .flag)
  }

  /// Reports a waiting error-queue record as priority data too.
  ///
  /// The corresponding C constant is `SO_SELECT_ERR_QUEUE`.
  public static var errorQueuePriorityEvent: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_SELECT_ERR_QUEUE, cName: "SO_SELECT_ERR_QUEUE",
      coding: .flag)
  }

  /// Chooses another path among equal ones when a connection meets trouble.
  ///
  /// Linux 5.18 or later.
  ///
  /// The corresponding C constant is `SO_TXREHASH`.
  public static var transmitRehash: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_TXREHASH, cName: "SO_TXREHASH", coding: .flag)
  }

  /// Permission to send without copying, by `MSG_ZEROCOPY`.
  ///
  /// The corresponding C constant is `SO_ZEROCOPY`.
  public static var zeroCopy: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ZEROCOPY, cName: "SO_ZEROCOPY", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// How many packets one round of busy polling may take.
  ///
  /// From 0 to 65535. To raise it needs `CAP_NET_ADMIN`.
  ///
  /// It can only be set. Linux 5.11 or later.
  ///
  /// The corresponding C constant is `SO_BUSY_POLL_BUDGET`.
  public static var busyPollBudget: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BUSY_POLL_BUDGET, cName: "SO_BUSY_POLL_BUDGET",
      coding: .integer(unit: "packets"))
  }

  /// The CPU that received the last packet; set on a listening socket, the CPU whose connections it
  /// prefers.
  ///
  /// -1 when it is not known. Settable since Linux 4.4, for sockets that share a port.
  ///
  /// The corresponding C constant is `SO_INCOMING_CPU`.
  public static var incomingCPU: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_INCOMING_CPU, cName: "SO_INCOMING_CPU",
      coding: .integer(unit: "CPU number"))
  }

  /// The queueing priority of each packet.
  ///
  /// From 0 to 6; higher ones need `CAP_NET_ADMIN`.
  ///
  /// The corresponding C constant is `SO_PRIORITY`.
  public static var priority: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PRIORITY, cName: "SO_PRIORITY",
      coding: .integer(unit: "priority"))
  }
}

extension SocketOption where Value == UInt32 {
  /// The device queue of the last packet; zero when none is known.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_INCOMING_NAPI_ID`.
  public static var incomingQueue: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_INCOMING_NAPI_ID, cName: "SO_INCOMING_NAPI_ID",
      coding: .unsigned(unit: "queue identifier"))
  }

  /// A number on each packet for routing rules and filters.
  ///
  /// To set it needs `CAP_NET_ADMIN`, or since Linux 5.17 `CAP_NET_RAW`.
  ///
  /// The corresponding C constant is `SO_MARK`.
  public static var mark: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_MARK, cName: "SO_MARK", coding: .unsigned(unit: "mark"))
  }
}

extension SocketOption where Value == UInt64 {
  /// A number that no other socket of this system has or will have.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_COOKIE`.
  public static var cookie: SocketOption<UInt64> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_COOKIE, cName: "SO_COOKIE", coding: .unsigned64)
  }

  /// The fastest rate at which TCP, or the fair queue discipline, sends.
  ///
  /// All bits set means no limit.
  ///
  /// The corresponding C constant is `SO_MAX_PACING_RATE`.
  public static var maximumPacingRate: SocketOption<UInt64> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_MAX_PACING_RATE, cName: "SO_MAX_PACING_RATE",
      coding: .unsigned64(unit: "bytes per second"))
  }

  /// A number that names the network namespace of the socket.
  ///
  /// It can only be read. Linux 5.14 or later.
  ///
  /// The corresponding C constant is `SO_NETNS_COOKIE`.
  public static var networkNamespaceCookie: SocketOption<UInt64> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_NETNS_COOKIE, cName: "SO_NETNS_COOKIE", coding: .unsigned64)
  }
}

extension SocketOption where Value == Duration {
  /// How long a receive with nothing to take polls the device queue before it sleeps.
  ///
  /// Up to about 35 minutes. To raise it needs `CAP_NET_ADMIN`.
  ///
  /// The corresponding C constant is `SO_BUSY_POLL`.
  public static var busyPoll: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BUSY_POLL, cName: "SO_BUSY_POLL", coding: .microseconds)
  }
}

extension SocketOption where Value == Duration? {
  /// How long `close` waits for unsent bytes; `nil` does not wait, zero resets the connection.
  ///
  /// Whole seconds; a part of a second counts as one.
  ///
  /// The corresponding C constant is `SO_LINGER`.
  public static var linger: SocketOption<Duration?> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_LINGER, cName: "SO_LINGER", coding: .linger)
  }

  /// How long the kernel lets a receive wait; `nil` waits for ever.
  ///
  /// The calls of this package have deadlines of their own: this is for a descriptor that goes to
  /// other code.
  ///
  /// The corresponding C constant is `SO_RCVTIMEO`.
  public static var receiveTimeout: SocketOption<Duration?> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RCVTIMEO, cName: "SO_RCVTIMEO", coding: .timeout)
  }

  /// How long the kernel lets a send wait; `nil` waits for ever.
  ///
  /// The calls of this package have deadlines of their own: this is for a descriptor that goes to
  /// other code.
  ///
  /// The corresponding C constant is `SO_SNDTIMEO`.
  public static var sendTimeout: SocketOption<Duration?> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_SNDTIMEO, cName: "SO_SNDTIMEO", coding: .timeout)
  }
}

extension SocketOption where Value == String {
  /// The network interface that all packets must come from and go to, by name; empty for any.
  ///
  /// Works on Internet sockets. To bind an unbound socket needs no right since Linux 5.7; to change
  /// the device needs `CAP_NET_RAW`. `ENODEV` when there is no such interface.
  ///
  /// The corresponding C constant is `SO_BINDTODEVICE`.
  public static var boundDevice: SocketOption<String> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BINDTODEVICE, cName: "SO_BINDTODEVICE", coding: .deviceName)
  }
}

extension SocketOption where Value == InterfaceIndex {
  /// The network interface that all packets must come from and go to, by index; zero for any.
  ///
  /// As ``boundDevice``, which names the interface.
  ///
  /// The corresponding C constant is `SO_BINDTOIFINDEX`.
  public static var boundInterface: SocketOption<InterfaceIndex> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BINDTOIFINDEX, cName: "SO_BINDTOIFINDEX",
      coding: .interfaceIndex)
  }
}

extension SocketOption where Value == AddressFamily {
  /// The family that the socket was made with.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_DOMAIN`.
  public static var family: SocketOption<AddressFamily> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_DOMAIN, cName: "SO_DOMAIN", coding: .family)
  }
}

extension SocketOption where Value == Errno? {
  /// The error that waits on the socket; reading it clears it.
  ///
  /// See also ``SocketOwner/takePendingError()``.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_ERROR`.
  public static var pendingError: SocketOption<Errno?> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_ERROR, cName: "SO_ERROR", coding: .errno)
  }
}

extension SocketOption where Value == ProtocolNumber {
  /// The protocol that the socket was made with.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_PROTOCOL`.
  public static var protocolNumber: SocketOption<ProtocolNumber> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PROTOCOL, cName: "SO_PROTOCOL", coding: .protocolNumber)
  }
}

extension SocketOption where Value == TransmitTime {
  /// Lets each packet carry the instant at which it is to leave.
  ///
  /// Clocks other than `CLOCK_MONOTONIC` need `CAP_NET_ADMIN`.
  ///
  /// The corresponding C constant is `SO_TXTIME`.
  public static var transmitTime: SocketOption<TransmitTime> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_TXTIME, cName: "SO_TXTIME", coding: .transmitTime)
  }
}

extension SocketOption where Value == SocketType {
  /// The type that the socket was made with.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_TYPE`.
  public static var type: SocketOption<SocketType> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_TYPE, cName: "SO_TYPE", coding: .type)
  }
}
