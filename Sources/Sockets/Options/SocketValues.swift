// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Which buffers of a socket keep the size that was set.
///
/// The corresponding C constants are `SOCK_SNDBUF_LOCK` and `SOCK_RCVBUF_LOCK`.
public struct BufferLocks: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: Int32

  /// Makes a set from the kernel's bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The send buffer keeps its size.
  ///
  /// The corresponding C constant is `SOCK_SNDBUF_LOCK`.
  public static let send = BufferLocks(rawValue: 1)
  /// The receive buffer keeps its size.
  ///
  /// The corresponding C constant is `SOCK_RCVBUF_LOCK`.
  public static let receive = BufferLocks(rawValue: 2)
}

/// What a socket has in its queues and buffers, in bytes.
///
/// The corresponding C constants are `SK_MEMINFO_RMEM_ALLOC` and those after it.
public struct SocketMemory: Hashable, Sendable {
  /// Bytes of memory in the receive queue.
  public var receiveQueueByteCount: UInt32
  /// The limit of the receive queue.
  public var receiveBufferByteCount: UInt32
  /// Bytes of memory in packets that were handed to the layers below.
  public var sendQueueByteCount: UInt32
  /// The limit of the send queue.
  public var sendBufferByteCount: UInt32
  /// Bytes that were set aside for the socket and are not yet used.
  public var forwardByteCount: UInt32
  /// Bytes of a stream that wait to be sent or acknowledged.
  public var queuedByteCount: UInt32
  /// Bytes for options, filters and control messages.
  public var optionByteCount: UInt32
  /// Bytes of packets that came while the socket was in use.
  public var backlogByteCount: UInt32
  /// How many packets were dropped.
  public var dropCount: UInt32
}

extension OptionCoding where Value == SocketMemory {
  /// Nine numbers of 32 bits.
  static var memory: OptionCoding<SocketMemory> {
    .readOnly(36) { SocketMemory(&$0) }
  }
}

extension SocketMemory {
  /// Reads the numbers in the order of their C constants.
  init(_ reader: inout FieldReader) {
    receiveQueueByteCount = reader.take()
    receiveBufferByteCount = reader.take()
    sendQueueByteCount = reader.take()
    sendBufferByteCount = reader.take()
    forwardByteCount = reader.take()
    queuedByteCount = reader.take()
    optionByteCount = reader.take()
    backlogByteCount = reader.take()
    dropCount = reader.take()
  }
}

/// Which timestamps are made, and how they are reported.
///
/// The corresponding C constants are `SOF_TIMESTAMPING_…`.
public struct TimestampingFlags: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: Int32

  /// Makes a set from the kernel's bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Made by the device when it sends.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_HARDWARE`.
  public static let transmitHardware = TimestampingFlags(rawValue: 1 << 0)
  /// Made by the driver when it hands the packet to the device.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_SOFTWARE`.
  public static let transmitSoftware = TimestampingFlags(rawValue: 1 << 1)
  /// Made by the device when the packet arrives.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_RX_HARDWARE`.
  public static let receiveHardware = TimestampingFlags(rawValue: 1 << 2)
  /// Made when the packet enters the network layers.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_RX_SOFTWARE`.
  public static let receiveSoftware = TimestampingFlags(rawValue: 1 << 3)
  /// Software timestamps are reported.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_SOFTWARE`.
  public static let software = TimestampingFlags(rawValue: 1 << 4)
  /// Once, hardware timestamps in the system's clock; ignored.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_SYS_HARDWARE`.
  public static let systemHardware = TimestampingFlags(rawValue: 1 << 5)
  /// Hardware timestamps are reported.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_RAW_HARDWARE`.
  public static let rawHardware = TimestampingFlags(rawValue: 1 << 6)
  /// Each record carries the number of its packet, or of its last byte.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_ID`.
  public static let optionIdentifier = TimestampingFlags(rawValue: 1 << 7)
  /// Made when the packet enters the queueing discipline.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_SCHED`.
  public static let transmitSchedule = TimestampingFlags(rawValue: 1 << 8)
  /// Made when all bytes are acknowledged.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_ACK`.
  public static let transmitAcknowledgement = TimestampingFlags(rawValue: 1 << 9)
  /// Transmit timestamps come with packet information.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_CMSG`.
  public static let optionControlMessage = TimestampingFlags(rawValue: 1 << 10)
  /// Transmit timestamps come without the packet's bytes.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_TSONLY`.
  public static let optionTimestampOnly = TimestampingFlags(rawValue: 1 << 11)
  /// Transmit timestamps come with statistics of the connection.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_STATS`.
  public static let optionStatistics = TimestampingFlags(rawValue: 1 << 12)
  /// Hardware timestamps of arrival come with the interface and the length.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_PKTINFO`.
  public static let optionPacketInformation = TimestampingFlags(rawValue: 1 << 13)
  /// Both software and hardware timestamps are reported for sent packets.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_TX_SWHW`.
  public static let optionBothTransmit = TimestampingFlags(rawValue: 1 << 14)
  /// The clock is the one of ``Timestamping/clockIndex``.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_BIND_PHC`.
  public static let bindClock = TimestampingFlags(rawValue: 1 << 15)
  /// On a stream, packets are counted from the byte after the option was set.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_ID_TCP`.
  public static let optionIdentifierTCP = TimestampingFlags(rawValue: 1 << 16)
  /// Timestamps of arrival only if this socket asked for them.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_OPT_RX_FILTER`.
  public static let optionReceiveFilter = TimestampingFlags(rawValue: 1 << 17)
}

/// The value of ``SocketOption/timestamping``.
///
/// The corresponding C type is `struct so_timestamping`.
public struct Timestamping: Hashable, Sendable {
  /// What is made and reported.
  public var flags: TimestampingFlags
  /// The number of a virtual clock of the device, with ``TimestampingFlags/bindClock``; Linux 5.14 or later.
  public var clockIndex: Int32

  /// Puts the value together.
  public init(_ flags: TimestampingFlags, clockIndex: Int32 = 0) {
    self.flags = flags
    self.clockIndex = clockIndex
  }
}

extension OptionCoding where Value == Timestamping {
  /// The flags, and the clock behind them where one is named: older kernels take the flags alone.
  static var timestamping: OptionCoding<Timestamping> {
    .structure(
      4, capacity: 8,
      write: { value, writer in
        writer.put(value.flags.rawValue)
        if value.clockIndex != 0 { writer.put(value.clockIndex) }
      },
      read: { Timestamping(TimestampingFlags(rawValue: $0.take()), clockIndex: $0.take()) })
  }
}

/// The value of ``SocketOption/transmitTime``: the clock of the instants, and what happens to late packets.
///
/// The corresponding C type is `struct sock_txtime`.
public struct TransmitTime: Hashable, Sendable {
  /// The clock: 1 is `CLOCK_MONOTONIC`, 11 `CLOCK_TAI`.
  public var clock: Int32
  /// The instant is a deadline, before which the packet may leave.
  public var isDeadline: Bool
  /// Packets that were dropped because they were late are reported on the error queue.
  public var reportsErrors: Bool

  /// Puts the value together.
  public init(clock: Int32, isDeadline: Bool = false, reportsErrors: Bool = false) {
    self.clock = clock
    self.isDeadline = isDeadline
    self.reportsErrors = reportsErrors
  }
}

extension OptionCoding where Value == TransmitTime {
  /// The clock and a word of flags.
  static var transmitTime: OptionCoding<TransmitTime> {
    .structure(
      8,
      write: { value, writer in
        writer.put(value.clock)
        writer.put(UInt32((value.isDeadline ? 1 : 0) | (value.reportsErrors ? 2 : 0)))
      },
      read: { reader in
        let clock: Int32 = reader.take()
        let flags: UInt32 = reader.take()
        return TransmitTime(
          clock: clock, isDeadline: flags & 1 != 0, reportsErrors: flags & 2 != 0)
      })
  }
}

extension OptionCoding where Value == ProcessCredentials {
  /// `struct ucred`.
  static var peerCredentials: OptionCoding<ProcessCredentials> {
    .readOnly(12) { reader in
      ProcessCredentials(
        processID: reader.take(), userID: reader.take(), groupID: reader.take())
    }
  }
}
