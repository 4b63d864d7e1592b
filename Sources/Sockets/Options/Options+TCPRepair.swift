// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of TCP: connections under repair: tcp(7).

extension SocketOption where Value == UInt32 {
  /// The sequence number of the queue that ``repairQueue`` chose.
  ///
  /// Set it before connecting, under repair.
  ///
  /// The corresponding C constant is `TCP_QUEUE_SEQ`.
  public static var queueSequence: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_QUEUE_SEQ, cName: "TCP_QUEUE_SEQ",
      coding: .unsigned(unit: "sequence number"))
  }

  /// The clock from which the segments' timestamps are taken.
  ///
  /// To set it the socket must be under repair. It runs on between two readings.
  ///
  /// The corresponding C constant is `TCP_TIMESTAMP`.
  public static var timestampClock: SocketOption<UInt32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_TIMESTAMP, cName: "TCP_TIMESTAMP",
      coding: .unsigned(unit: "ticks"))
  }
}

extension SocketOption where Value == TCPRepair {
  /// Whether the connection is under repair: taken apart or put together by hand.
  ///
  /// Needs `CAP_NET_ADMIN`; for moving a live connection to another process or machine.
  ///
  /// The corresponding C constant is `TCP_REPAIR`.
  public static var repair: SocketOption<TCPRepair> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_REPAIR, cName: "TCP_REPAIR", coding: .repair)
  }
}

extension SocketOption where Value == [TCPRepairOption] {
  /// The options that the connection had agreed on; under repair, once connected.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `TCP_REPAIR_OPTIONS`.
  public static var repairOptions: SocketOption<[TCPRepairOption]> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_REPAIR_OPTIONS, cName: "TCP_REPAIR_OPTIONS",
      coding: .repairOptions)
  }
}

extension SocketOption where Value == TCPQueue {
  /// Which queue is read and written under repair.
  ///
  /// `EPERM` when the socket is not under repair.
  ///
  /// The corresponding C constant is `TCP_REPAIR_QUEUE`.
  public static var repairQueue: SocketOption<TCPQueue> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_REPAIR_QUEUE, cName: "TCP_REPAIR_QUEUE", coding: .repairQueue)
  }
}

extension SocketOption where Value == TCPRepairWindow {
  /// The windows of a connection under repair.
  ///
  /// `EPERM` when the socket is not under repair.
  ///
  /// The corresponding C constant is `TCP_REPAIR_WINDOW`.
  public static var repairWindow: SocketOption<TCPRepairWindow> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_REPAIR_WINDOW, cName: "TCP_REPAIR_WINDOW",
      coding: .repairWindow)
  }
}
