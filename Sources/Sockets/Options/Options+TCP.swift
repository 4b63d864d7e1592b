// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of TCP: tcp(7).

extension SocketOption where Value == Bool {
  /// Holds back partial segments until it is turned off, for 200 ms at most.
  ///
  /// The corresponding C constant is `TCP_CORK`.
  public static var cork: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_CORK, cName: "TCP_CORK", coding: .flag)
  }

  /// Receives with each message how many bytes are still unread.
  ///
  /// The corresponding C constant is `TCP_INQ`.
  public static var receivesUnreadCountTCP: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_INQ, cName: "TCP_INQ", coding: .flag)
  }

  /// Whether the connection uses multipath TCP and has not fallen back.
  ///
  /// It can only be read. Linux 6.9 or later.
  ///
  /// The corresponding C constant is `TCP_IS_MPTCP`.
  public static var isMultipath: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_IS_MPTCP, cName: "TCP_IS_MPTCP", coding: .flag)
  }

  /// Sends small segments at once, without Nagle's algorithm.
  ///
  /// The corresponding C constant is `TCP_NODELAY`.
  public static var noDelay: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_NODELAY, cName: "TCP_NODELAY", coding: .flag)
  }

  /// Acknowledges at once; the kernel turns it off and on again by itself.
  ///
  /// The corresponding C constant is `TCP_QUICKACK`.
  public static var quickAcknowledgement: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_QUICKACK, cName: "TCP_QUICKACK", coding: .flag)
  }

  /// Once retransmitted a thin stream after one duplicate acknowledgement; without effect since
  /// Linux 4.11.
  ///
  /// Always read as off.
  ///
  /// The corresponding C constant is `TCP_THIN_DUPACK`.
  public static var thinDuplicateAcknowledgements: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_THIN_DUPACK, cName: "TCP_THIN_DUPACK", coding: .flag)
  }

  /// Retransmits a thin stream at even times for its first tries.
  ///
  /// The corresponding C constant is `TCP_THIN_LINEAR_TIMEOUTS`.
  public static var thinLinearTimeouts: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_THIN_LINEAR_TIMEOUTS, cName: "TCP_THIN_LINEAR_TIMEOUTS",
      coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// How many unanswered probes end the connection.
  ///
  /// From 1 to 127.
  ///
  /// The corresponding C constant is `TCP_KEEPCNT`.
  public static var keepAliveCount: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_KEEPCNT, cName: "TCP_KEEPCNT",
      coding: .integer(unit: "probes"))
  }

  /// The largest segment that is sent and offered.
  ///
  /// Before connecting, from 88 to 32767; a connection gives its real one, and an unconnected
  /// socket the default, 536.
  ///
  /// The corresponding C constant is `TCP_MAXSEG`.
  public static var maximumSegmentSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_MAXSEG, cName: "TCP_MAXSEG", coding: .integer(unit: "bytes"))
  }

  /// How often an attempt to connect is repeated.
  ///
  /// From 1 to 127.
  ///
  /// The corresponding C constant is `TCP_SYNCNT`.
  public static var synCount: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_SYNCNT, cName: "TCP_SYNCNT",
      coding: .integer(unit: "retransmissions"))
  }

  /// The largest window that is offered to the peer.
  ///
  /// At least half of the smallest receive buffer.
  ///
  /// The corresponding C constant is `TCP_WINDOW_CLAMP`.
  public static var windowClamp: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_WINDOW_CLAMP, cName: "TCP_WINDOW_CLAMP",
      coding: .integer(unit: "bytes"))
  }
}

extension SocketOption where Value == UInt32 {
  /// How many unsent bytes may wait before the socket counts as not writable.
  ///
  /// The corresponding C constant is `TCP_NOTSENT_LOWAT`.
  public static var notSentLowWaterMark: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_NOTSENT_LOWAT, cName: "TCP_NOTSENT_LOWAT",
      coding: .unsigned(unit: "bytes"))
  }
}

extension SocketOption where Value == Duration {
  /// How long a new connection may wait for its first bytes before it is accepted; zero accepts at
  /// once.
  ///
  /// Rounded up to a number of retransmissions, so a longer time may be read.
  ///
  /// The corresponding C constant is `TCP_DEFER_ACCEPT`.
  public static var deferAccept: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_DEFER_ACCEPT, cName: "TCP_DEFER_ACCEPT", coding: .seconds)
  }

  /// The longest time that an acknowledgement is held back.
  ///
  /// Linux 6.15 or later.
  ///
  /// The corresponding C constant is `TCP_DELACK_MAX_US`.
  public static var maximumAcknowledgementDelay: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_DELACK_MAX_US, cName: "TCP_DELACK_MAX_US",
      coding: .microseconds)
  }

  /// How long a connection is idle before the first probe.
  ///
  /// From 1 s to 32767 s.
  ///
  /// The corresponding C constant is `TCP_KEEPIDLE`.
  public static var keepAliveIdle: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_KEEPIDLE, cName: "TCP_KEEPIDLE", coding: .seconds)
  }

  /// The time between two probes.
  ///
  /// From 1 s to 32767 s.
  ///
  /// The corresponding C constant is `TCP_KEEPINTVL`.
  public static var keepAliveInterval: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_KEEPINTVL, cName: "TCP_KEEPINTVL", coding: .seconds)
  }

  /// The longest time between two retransmissions.
  ///
  /// From 1 s to 120 s.
  ///
  /// Linux 6.15 or later.
  ///
  /// The corresponding C constant is `TCP_RTO_MAX_MS`.
  public static var maximumRetransmissionTimeout: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_RTO_MAX_MS, cName: "TCP_RTO_MAX_MS", coding: .milliseconds)
  }

  /// The shortest time between two retransmissions.
  ///
  /// Linux 6.15 or later.
  ///
  /// The corresponding C constant is `TCP_RTO_MIN_US`.
  public static var minimumRetransmissionTimeout: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_RTO_MIN_US, cName: "TCP_RTO_MIN_US", coding: .microseconds)
  }

  /// A time by which each packet is held back, for tests.
  ///
  /// The corresponding C constant is `TCP_TX_DELAY`.
  public static var transmitDelay: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_TX_DELAY, cName: "TCP_TX_DELAY", coding: .microseconds)
  }

  /// How long sent bytes may stay unacknowledged before the connection ends; zero means the
  /// system's time.
  ///
  /// RFC 5482.
  ///
  /// The corresponding C constant is `TCP_USER_TIMEOUT`.
  public static var userTimeout: SocketOption<Duration> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_USER_TIMEOUT, cName: "TCP_USER_TIMEOUT", coding: .milliseconds
    )
  }
}

extension SocketOption where Value == Duration? {
  /// How long a closed connection waits for the peer's end; `nil` does not wait.
  ///
  /// Zero means the system's time, `net.ipv4.tcp_fin_timeout`; two minutes at most.
  ///
  /// The corresponding C constant is `TCP_LINGER2`.
  public static var finWait2Timeout: SocketOption<Duration?> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_LINGER2, cName: "TCP_LINGER2", coding: .orphanLifetime)
  }
}

extension SocketOption where Value == String {
  /// The congestion control algorithm, by name.
  ///
  /// `ENOENT` when the kernel has none of that name; `EPERM` for one that is not allowed to
  /// everybody.
  ///
  /// The corresponding C constant is `TCP_CONGESTION`.
  public static var congestionControl: SocketOption<String> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_CONGESTION, cName: "TCP_CONGESTION", coding: .congestionName)
  }

  /// The protocol between TCP and the caller, by name, for example `tls`.
  ///
  /// Empty when there is none; it is set once, on a connection. `ENOENT` when the kernel has none
  /// of that name.
  ///
  /// The corresponding C constant is `TCP_ULP`.
  public static var upperLayerProtocol: SocketOption<String> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_ULP, cName: "TCP_ULP", coding: .layerName)
  }
}

extension SocketOption where Value == [UInt8] {
  /// What the congestion control tells of itself, in its own form.
  ///
  /// Empty when it tells nothing. The C type is `union tcp_cc_info`.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `TCP_CC_INFO`.
  public static var congestionInformation: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_CC_INFO, cName: "TCP_CC_INFO", coding: .bytes(192))
  }
}

extension SocketOption where Value == TCPInformation {
  /// The state and measurements of a connection.
  ///
  /// On a multipath socket those of its first path.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `TCP_INFO`.
  public static var tcpInformation: SocketOption<TCPInformation> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_INFO, cName: "TCP_INFO", coding: .tcpInformation)
  }
}
