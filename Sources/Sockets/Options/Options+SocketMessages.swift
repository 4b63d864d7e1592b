// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of every family: what is received besides the bytes: socket(7), unix(7).

extension SocketOption where Value == Bool {
  /// Receives with each read how many bytes are still unread, on Unix streams.
  ///
  /// It can only be set. Linux 6.17 or later.
  ///
  /// The corresponding C constant is `SO_INQ`.
  public static var receivesUnreadCountUnix: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_INQ, cName: "SO_INQ", coding: .flag)
  }

  /// Receives the sender's process, user and group with each message.
  ///
  /// See unix(7).
  ///
  /// The corresponding C constant is `SO_PASSCRED`.
  public static var receivesCredentials: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PASSCRED, cName: "SO_PASSCRED", coding: .flag)
  }

  /// Receives a process descriptor of the sender with each message.
  ///
  /// Linux 6.5 or later.
  ///
  /// The corresponding C constant is `SO_PASSPIDFD`.
  public static var receivesProcessDescriptors: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PASSPIDFD, cName: "SO_PASSPIDFD", coding: .flag)
  }

  /// Takes the descriptors that peers send; it is on unless it was turned off.
  ///
  /// Linux 6.16 or later.
  ///
  /// The corresponding C constant is `SO_PASSRIGHTS`.
  public static var receivesDescriptors: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PASSRIGHTS, cName: "SO_PASSRIGHTS", coding: .flag)
  }

  /// Receives the sender's security label with each message.
  ///
  /// The corresponding C constant is `SO_PASSSEC`.
  public static var receivesSecurityLabels: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PASSSEC, cName: "SO_PASSSEC", coding: .flag)
  }

  /// Receives the mark of each packet.
  ///
  /// Linux 5.19 or later.
  ///
  /// The corresponding C constant is `SO_RCVMARK`.
  public static var receivesMark: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RCVMARK, cName: "SO_RCVMARK", coding: .flag)
  }

  /// Receives the queueing priority of each packet.
  ///
  /// Linux 6.14 or later.
  ///
  /// The corresponding C constant is `SO_RCVPRIORITY`.
  public static var receivesPriority: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RCVPRIORITY, cName: "SO_RCVPRIORITY", coding: .flag)
  }

  /// Receives with each message how many were dropped for lack of room.
  ///
  /// The corresponding C constant is `SO_RXQ_OVFL`.
  public static var receivesDropCount: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RXQ_OVFL, cName: "SO_RXQ_OVFL", coding: .flag)
  }

  /// Receives the instant of arrival of each message, in microseconds.
  ///
  /// Excludes ``receivesNanosecondTimestamps``: the last one set holds.
  ///
  /// The corresponding C constant is `SO_TIMESTAMP`.
  public static var receivesTimestamps: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_TIMESTAMP, cName: "SO_TIMESTAMP", coding: .flag)
  }

  /// Receives the instant of arrival of each message, in nanoseconds.
  ///
  /// Excludes ``receivesTimestamps``: the last one set holds.
  ///
  /// The corresponding C constant is `SO_TIMESTAMPNS`.
  public static var receivesNanosecondTimestamps: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_TIMESTAMPNS, cName: "SO_TIMESTAMPNS", coding: .flag)
  }

  /// Receives on the error queue whether a wireless frame was acknowledged.
  ///
  /// The corresponding C constant is `SO_WIFI_STATUS`.
  public static var receivesWirelessStatus: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_WIFI_STATUS, cName: "SO_WIFI_STATUS", coding: .flag)
  }
}

extension SocketOption where Value == Timestamping {
  /// Which timestamps are made for received and sent packets, and by whom.
  ///
  /// The corresponding C constant is `SO_TIMESTAMPING`.
  public static var timestamping: SocketOption<Timestamping> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_TIMESTAMPING, cName: "SO_TIMESTAMPING",
      coding: .timestamping)
  }
}
