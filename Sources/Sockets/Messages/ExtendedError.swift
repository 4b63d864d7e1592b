// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// Why something that was sent failed, or what else the kernel has to say of it: one record of a socket's error
/// queue.
///
/// The corresponding C type is `struct sock_extended_err`.
public struct ExtendedError: Hashable, Sendable {
  /// The error, as a later call would have thrown it; `ENOMSG` on a record that is no error (a timestamp), and
  /// zero on a report of zero-copy sending.
  public var errno: Errno
  /// Who found it.
  public var origin: Origin
  /// The type of the ICMP message, where the origin is one.
  public var type: UInt8
  /// The code of the ICMP message, where the origin is one; otherwise a code of the origin.
  public var code: UInt8
  /// A number whose meaning depends on the origin; see ``pathMTU``.
  ///
  /// The corresponding C field is `ee_info`.
  public var information: UInt32
  /// A number whose meaning depends on the origin: for a timestamp the key of the message that it is of.
  ///
  /// The corresponding C field is `ee_data`.
  public var data: UInt32
  /// The address of the machine that sent the ICMP message; `nil` where the error is local.
  ///
  /// The corresponding C macro is `SO_EE_OFFENDER`.
  public var offender: SocketAddress?

  /// Puts a record together.
  public init(
    errno: Errno,
    origin: Origin,
    type: UInt8 = 0,
    code: UInt8 = 0,
    information: UInt32 = 0,
    data: UInt32 = 0,
    offender: SocketAddress? = nil
  ) {
    self.errno = errno
    self.origin = origin
    self.type = type
    self.code = code
    self.information = information
    self.data = data
    self.offender = offender
  }

  /// The largest packet in bytes that the path lets through, when the error is that a packet was larger.
  public var pathMTU: Int? {
    errno == .messageTooLong && information > 0 ? Int(information) : nil
  }

  /// Which step of sending a timestamp is of, when the record is of one.
  public var transmitStage: TransmitStage? {
    origin == .transmitStatus ? TransmitStage(rawValue: information) : nil
  }

  /// Who found an error; an open set, since the kernel owns the list.
  ///
  /// The corresponding C constants are `SO_EE_ORIGIN_…`.
  public struct Origin: RawRepresentable, Hashable, Sendable {
    /// The kernel's number.
    public var rawValue: UInt8

    /// Makes an origin from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nobody.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_NONE`.
    public static let none = Origin(rawValue: 0)
    /// This machine.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_LOCAL`.
    public static let local = Origin(rawValue: 1)
    /// Another machine, by ICMP.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_ICMP`.
    public static let icmp = Origin(rawValue: 2)
    /// Another machine, by ICMPv6.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_ICMP6`.
    public static let icmpv6 = Origin(rawValue: 3)
    /// No error: the instant at which something was sent.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_TIMESTAMPING`.
    public static let transmitStatus = Origin(rawValue: 4)
    /// No error: memory that was sent without copying is released.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_ZEROCOPY`.
    public static let zeroCopy = Origin(rawValue: 5)
    /// A message with a time to be sent at was dropped.
    ///
    /// The corresponding C constant is `SO_EE_ORIGIN_TXTIME`.
    public static let transmitTime = Origin(rawValue: 6)
  }

  /// A step of sending.
  ///
  /// The corresponding C constants are `SCM_TSTAMP_…`.
  public struct TransmitStage: RawRepresentable, Hashable, Sendable {
    /// The kernel's number.
    public var rawValue: UInt32

    /// Makes a stage from the kernel's number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Given to the driver, or sent by the hardware.
    ///
    /// The corresponding C constant is `SCM_TSTAMP_SND`.
    public static let sent = TransmitStage(rawValue: 0)
    /// Put into the queue of the interface.
    ///
    /// The corresponding C constant is `SCM_TSTAMP_SCHED`.
    public static let scheduled = TransmitStage(rawValue: 1)
    /// Acknowledged by the peer.
    ///
    /// The corresponding C constant is `SCM_TSTAMP_ACK`.
    public static let acknowledged = TransmitStage(rawValue: 2)
  }
}
