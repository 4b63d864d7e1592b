// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An instant that the kernel or the network hardware noted, since the beginning of 1970.
///
/// By the system's real-time clock for one of software, by the device's own clock for one of hardware, which
/// runs as its owner has set it.
///
/// The corresponding C type is `struct timespec`.
public struct MessageTimestamp: Hashable, Comparable, Sendable {
  /// Whole seconds.
  public var seconds: Int64
  /// The rest in nanoseconds, from 0 to 999,999,999.
  public var nanoseconds: UInt32

  /// Makes an instant.
  public init(seconds: Int64, nanoseconds: UInt32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// The time since the beginning of 1970.
  public var durationSinceEpoch: Duration { .seconds(seconds) + .nanoseconds(Int64(nanoseconds)) }

  /// Whether one instant is before another; only instants of one clock can be compared.
  public static func < (left: MessageTimestamp, right: MessageTimestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

/// When a message arrived or left.
///
/// The corresponding C types are `struct scm_timestamping`, and those of `SO_TIMESTAMP` and `SO_TIMESTAMPNS`.
public struct MessageTimestamps: Hashable, Sendable {
  /// By the kernel; `nil` when it was not asked for.
  public var software: MessageTimestamp?
  /// By the network hardware, on its own clock; `nil` when it was not asked for or cannot.
  public var hardware: MessageTimestamp?

  /// Puts instants together.
  public init(software: MessageTimestamp? = nil, hardware: MessageTimestamp? = nil) {
    self.software = software
    self.hardware = hardware
  }
}

/// Which instants of one send the kernel is asked to report, by way of the error queue.
///
/// The corresponding C constants are `SOF_TIMESTAMPING_TX_…`.
public struct TransmitTimestamps: OptionSet, Hashable, Sendable {
  /// The kernel's bits.
  public var rawValue: UInt32

  /// Makes a set from the kernel's bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// When the hardware sent it.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_HARDWARE`.
  public static let hardware = TransmitTimestamps(rawValue: 1 << 0)
  /// When the kernel gave it to the driver.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_SOFTWARE`.
  public static let software = TransmitTimestamps(rawValue: 1 << 1)
  /// When it entered the queue of the interface.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_SCHED`.
  public static let scheduled = TransmitTimestamps(rawValue: 1 << 8)
  /// When the peer had acknowledged it all; TCP only.
  ///
  /// The corresponding C constant is `SOF_TIMESTAMPING_TX_ACK`.
  public static let acknowledged = TransmitTimestamps(rawValue: 1 << 9)
}
