// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of every family: buffers and queues: socket(7).

extension SocketOption where Value == Int32 {
  /// Where the next peek begins in the receive queue; -1 for the beginning each time.
  ///
  /// Unix sockets; UDP since Linux 4.18, TCP since 6.9.
  ///
  /// The corresponding C constant is `SO_PEEK_OFF`.
  public static var peekOffset: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_PEEK_OFF, cName: "SO_PEEK_OFF",
      coding: .integer(unit: "bytes"))
  }

  /// The size of the receive buffer.
  ///
  /// The kernel doubles the value for its own bookkeeping, and gives the double back. At most
  /// `net.core.rmem_max` before doubling.
  ///
  /// The corresponding C constant is `SO_RCVBUF`.
  public static var receiveBufferSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RCVBUF, cName: "SO_RCVBUF", coding: .integer(unit: "bytes"))
  }

  /// The size of the receive buffer, past the system's limit.
  ///
  /// Needs `CAP_NET_ADMIN`. Read it as ``receiveBufferSize``.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_RCVBUFFORCE`.
  public static var forcedReceiveBufferSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RCVBUFFORCE, cName: "SO_RCVBUFFORCE",
      coding: .integer(unit: "bytes"))
  }

  /// How many bytes must have come before a stream counts as readable.
  ///
  /// The corresponding C constant is `SO_RCVLOWAT`.
  public static var receiveLowWaterMark: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RCVLOWAT, cName: "SO_RCVLOWAT",
      coding: .integer(unit: "bytes"))
  }

  /// Memory that is kept for the socket in its control group.
  ///
  /// `EOPNOTSUPP` when the process is in no memory control group.
  ///
  /// Linux 5.17 or later.
  ///
  /// The corresponding C constant is `SO_RESERVE_MEM`.
  public static var reservedMemory: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_RESERVE_MEM, cName: "SO_RESERVE_MEM",
      coding: .integer(unit: "bytes"))
  }

  /// The size of the send buffer.
  ///
  /// The kernel doubles the value for its own bookkeeping, and gives the double back. At most
  /// `net.core.wmem_max` before doubling.
  ///
  /// The corresponding C constant is `SO_SNDBUF`.
  public static var sendBufferSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_SNDBUF, cName: "SO_SNDBUF", coding: .integer(unit: "bytes"))
  }

  /// The size of the send buffer, past the system's limit.
  ///
  /// Needs `CAP_NET_ADMIN`. Read it as ``sendBufferSize``.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `SO_SNDBUFFORCE`.
  public static var forcedSendBufferSize: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_SNDBUFFORCE, cName: "SO_SNDBUFFORCE",
      coding: .integer(unit: "bytes"))
  }

  /// How many bytes the send buffer must take to count as writable; always 1.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_SNDLOWAT`.
  public static var sendLowWaterMark: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_SNDLOWAT, cName: "SO_SNDLOWAT",
      coding: .integer(unit: "bytes"))
  }
}

extension SocketOption where Value == BufferLocks {
  /// Which buffers keep their size instead of growing by themselves.
  ///
  /// Setting a buffer size locks that buffer; an empty set gives it back to the automatic tuning.
  ///
  /// Linux 5.15 or later.
  ///
  /// The corresponding C constant is `SO_BUF_LOCK`.
  public static var bufferLocks: SocketOption<BufferLocks> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_BUF_LOCK, cName: "SO_BUF_LOCK", coding: .optionSet)
  }
}

extension SocketOption where Value == SocketMemory {
  /// What the socket has in its queues and buffers.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_MEMINFO`.
  public static var memory: SocketOption<SocketMemory> {
    SocketOption(
      level: CS_SOL_SOCKET, name: CS_SO_MEMINFO, cName: "SO_MEMINFO", coding: .memory)
  }
}
