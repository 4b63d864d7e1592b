// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The state of a TCP connection (RFC 9293, 3.3.2), and of a socket of other protocols that has one.
///
/// The corresponding C constants are `TCP_ESTABLISHED` and those after it.
public enum TCPState: UInt8, CaseIterable, Hashable, Sendable {
  /// Both sides may send.
  ///
  /// The corresponding C constant is `TCP_ESTABLISHED`.
  case established = 1
  /// It has asked to connect.
  ///
  /// The corresponding C constant is `TCP_SYN_SENT`.
  case synSent
  /// It was asked to connect and has agreed.
  ///
  /// The corresponding C constant is `TCP_SYN_RECV`.
  case synReceived
  /// It has ended its direction; that is not yet acknowledged.
  ///
  /// The corresponding C constant is `TCP_FIN_WAIT1`.
  case finWait1
  /// It has ended its direction, and waits for the peer to end the other.
  ///
  /// The corresponding C constant is `TCP_FIN_WAIT2`.
  case finWait2
  /// Both have ended; late segments are waited for.
  ///
  /// The corresponding C constant is `TCP_TIME_WAIT`.
  case timeWait
  /// There is no connection.
  ///
  /// The corresponding C constant is `TCP_CLOSE`.
  case closed
  /// The peer has ended its direction; the program has not yet closed.
  ///
  /// The corresponding C constant is `TCP_CLOSE_WAIT`.
  case closeWait
  /// Both have ended; the last acknowledgement is waited for.
  ///
  /// The corresponding C constant is `TCP_LAST_ACK`.
  case lastAck
  /// It waits for callers.
  ///
  /// The corresponding C constant is `TCP_LISTEN`.
  case listen
  /// Both ended at the same time; the peer's acknowledgement is waited for.
  ///
  /// The corresponding C constant is `TCP_CLOSING`.
  case closing
  /// A caller that has no socket of its own yet.
  ///
  /// The corresponding C constant is `TCP_NEW_SYN_RECV`.
  case newSynReceived
}

/// How the congestion control sees a connection.
///
/// The corresponding C constants are `TCP_CA_Open` and those after it.
public enum TCPCongestionState: UInt8, CaseIterable, Hashable, Sendable {
  /// All is well.
  case open
  /// Some segments came out of order, or were marked.
  case disorder
  /// The window is being made smaller after a mark.
  case windowReduction
  /// Lost segments are being sent again.
  case recovery
  /// A retransmission timed out.
  case loss
}

/// The state and measurements of a connection.
///
/// Each field is zero on a kernel that does not have it yet: the newest here came with Linux 6.7.
///
/// The corresponding C type is `struct tcp_info`.
public struct TCPInformation: Hashable, Sendable {
  /// What TCP options the two sides agreed on.
  ///
  /// The corresponding C constants are `TCPI_OPT_…`.
  public struct Agreements: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public var rawValue: UInt8

    /// Makes a set from the kernel's bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Timestamps (RFC 7323).
    ///
    /// The corresponding C constant is `TCPI_OPT_TIMESTAMPS`.
    public static let timestamps = Agreements(rawValue: 1)
    /// Selective acknowledgements (RFC 2018).
    ///
    /// The corresponding C constant is `TCPI_OPT_SACK`.
    public static let selectiveAcknowledgements = Agreements(rawValue: 2)
    /// Window scaling (RFC 7323).
    ///
    /// The corresponding C constant is `TCPI_OPT_WSCALE`.
    public static let windowScaling = Agreements(rawValue: 4)
    /// Explicit congestion notification (RFC 3168).
    ///
    /// The corresponding C constant is `TCPI_OPT_ECN`.
    public static let congestionNotification = Agreements(rawValue: 8)
    /// A packet came that could carry such a notification.
    ///
    /// The corresponding C constant is `TCPI_OPT_ECN_SEEN`.
    public static let congestionNotificationSeen = Agreements(rawValue: 16)
    /// Data went with the request to connect (RFC 7413).
    ///
    /// The corresponding C constant is `TCPI_OPT_SYN_DATA`.
    public static let synData = Agreements(rawValue: 32)
    /// Retransmission timeouts in microseconds.
    ///
    /// The corresponding C constant is `TCPI_OPT_USEC_TS`.
    public static let microsecondTimestamps = Agreements(rawValue: 64)
  }

  /// The state; `nil` for a number that is unknown here.
  public var state: TCPState?
  /// How the congestion control sees the connection; `nil` for a number that is unknown here.
  public var congestionState: TCPCongestionState?
  /// Retransmissions of the oldest segment in a row.
  public var retransmitCount: UInt8 = 0
  /// Probes without an answer.
  public var probeCount: UInt8 = 0
  /// How often the retransmission time was doubled.
  public var backoffCount: UInt8 = 0
  /// What both sides agreed on.
  public var agreements: Agreements = []
  /// The scale of the peer's window, a power of two.
  public var sendWindowScale: UInt8 = 0
  /// The scale of the own window, a power of two.
  public var receiveWindowScale: UInt8 = 0
  /// Whether ``deliveryRate`` was limited by the sender having nothing to send.
  public var isDeliveryRateLimitedByApplication = false
  /// The time after which a segment is sent again.
  public var retransmissionTimeout: Duration = .zero
  /// The time for which an acknowledgement may be held back.
  public var acknowledgementTimeout: Duration = .zero
  /// The largest segment that is sent, in bytes.
  public var sendSegmentByteCount: UInt32 = 0
  /// The largest segment that came, in bytes.
  public var receiveSegmentByteCount: UInt32 = 0
  /// Segments sent and not acknowledged; on a listening socket, connections that wait to be accepted.
  public var unacknowledgedSegmentCount: UInt32 = 0
  /// Segments acknowledged out of order; on a listening socket, its backlog.
  public var selectivelyAcknowledgedSegmentCount: UInt32 = 0
  /// Segments held to be lost.
  public var lostSegmentCount: UInt32 = 0
  /// Segments sent again and not yet acknowledged.
  public var retransmittedSegmentCount: UInt32 = 0
  /// The time since bytes were last sent.
  public var sinceLastSend: Duration = .zero
  /// The time since bytes last came.
  public var sinceLastReceive: Duration = .zero
  /// The time since an acknowledgement last came.
  public var sinceLastAcknowledgement: Duration = .zero
  /// The largest packet that the path takes, in bytes.
  public var pathMTU: UInt32 = 0
  /// The limit of the own window's growth, in bytes.
  public var receiveSlowStartThresholdByteCount: UInt32 = 0
  /// The round-trip time, smoothed.
  public var roundTripTime: Duration = .zero
  /// How much the round-trip time varies.
  public var roundTripTimeVariation: Duration = .zero
  /// The slow-start threshold, in segments.
  public var slowStartThresholdSegmentCount: UInt32 = 0
  /// The congestion window, in segments.
  public var congestionWindowSegmentCount: UInt32 = 0
  /// The largest segment that was offered to the peer, in bytes.
  public var advertisedSegmentByteCount: UInt32 = 0
  /// How far segments are known to overtake each other.
  public var reorderingSegmentCount: UInt32 = 0
  /// The round-trip time as the receiver sees it.
  public var receiveRoundTripTime: Duration = .zero
  /// The room that the receive queue is tuned for, in bytes.
  public var receiveSpaceByteCount: UInt32 = 0
  /// Segments sent again since the beginning.
  public var totalRetransmittedSegmentCount: UInt32 = 0
  /// The rate at which segments are paced, in bytes a second; all ones when they are not.
  public var pacingRate: UInt64 = 0
  /// The limit of that rate, in bytes a second; all ones when there is none.
  public var maximumPacingRate: UInt64 = 0
  /// Bytes that were acknowledged.
  public var acknowledgedByteCount: UInt64 = 0
  /// Bytes that came in order.
  public var receivedByteCount: UInt64 = 0
  /// Segments sent, empty ones included.
  public var sentSegmentCount: UInt32 = 0
  /// Segments received, empty ones included.
  public var receivedSegmentCount: UInt32 = 0
  /// Bytes that wait to be sent for the first time.
  public var notSentByteCount: UInt32 = 0
  /// The shortest round-trip time of late.
  public var minimumRoundTripTime: Duration = .zero
  /// Segments with data received.
  public var receivedDataSegmentCount: UInt32 = 0
  /// Segments with data sent.
  public var sentDataSegmentCount: UInt32 = 0
  /// The latest measured rate of delivery, in bytes a second.
  public var deliveryRate: UInt64 = 0
  /// How long there was something to send.
  public var busyTime: Duration = .zero
  /// How long of that the peer's window was the limit.
  public var receiveWindowLimitedTime: Duration = .zero
  /// How long of that the send buffer was the limit.
  public var sendBufferLimitedTime: Duration = .zero
  /// Segments that were delivered.
  public var deliveredSegmentCount: UInt32 = 0
  /// Segments that were delivered with a mark of congestion.
  public var markedSegmentCount: UInt32 = 0
  /// Bytes sent, those sent again included.
  public var sentByteCount: UInt64 = 0
  /// Bytes sent again.
  public var retransmittedByteCount: UInt64 = 0
  /// Reports of the peer that a segment came twice.
  public var duplicateReportCount: UInt32 = 0
  /// How often reordering was seen.
  public var reorderingSeenCount: UInt32 = 0
  /// Segments that came out of order.
  public var outOfOrderSegmentCount: UInt32 = 0
  /// The peer's window, in bytes.
  public var sendWindowByteCount: UInt32 = 0
  /// The own window as it was last offered, in bytes.
  public var receiveWindowByteCount: UInt32 = 0
  /// How often another path was tried (``SocketOption/transmitRehash``).
  public var rehashCount: UInt32 = 0
  /// Retransmission timeouts since the beginning.
  public var timeoutCount: UInt16 = 0
  /// How often the connection recovered from them.
  public var timeoutRecoveryCount: UInt16 = 0
  /// How long these recoveries took.
  public var timeoutRecoveryTime: Duration = .zero

  /// Nothing is known.
  public init() {}
}

extension TCPInformation {
  /// Reads `struct tcp_info`, whose fields have been appended to over the years.
  init(_ reader: inout FieldReader) {
    state = TCPState(rawValue: reader.take())
    congestionState = TCPCongestionState(rawValue: reader.take())
    retransmitCount = reader.take()
    probeCount = reader.take()
    backoffCount = reader.take()
    agreements = Agreements(rawValue: reader.take())
    let scales: UInt8 = reader.take()
    sendWindowScale = scales & 0xf
    receiveWindowScale = scales >> 4
    isDeliveryRateLimitedByApplication = reader.take(UInt8.self) & 1 != 0
    retransmissionTimeout = reader.takeMicroseconds()
    acknowledgementTimeout = reader.takeMicroseconds()
    sendSegmentByteCount = reader.take()
    receiveSegmentByteCount = reader.take()
    unacknowledgedSegmentCount = reader.take()
    selectivelyAcknowledgedSegmentCount = reader.take()
    lostSegmentCount = reader.take()
    retransmittedSegmentCount = reader.take()
    reader.skip(4)  // Forward acknowledgements, always zero since Linux 4.15.
    sinceLastSend = reader.takeMilliseconds()
    reader.skip(4)  // The last acknowledgement sent: the kernel does not remember it.
    sinceLastReceive = reader.takeMilliseconds()
    sinceLastAcknowledgement = reader.takeMilliseconds()
    readMetrics(&reader)
    readCounters(&reader)
    readLaterCounters(&reader)
  }

  private mutating func readMetrics(_ reader: inout FieldReader) {
    pathMTU = reader.take()
    receiveSlowStartThresholdByteCount = reader.take()
    roundTripTime = reader.takeMicroseconds()
    roundTripTimeVariation = reader.takeMicroseconds()
    slowStartThresholdSegmentCount = reader.take()
    congestionWindowSegmentCount = reader.take()
    advertisedSegmentByteCount = reader.take()
    reorderingSegmentCount = reader.take()
    receiveRoundTripTime = reader.takeMicroseconds()
    receiveSpaceByteCount = reader.take()
    totalRetransmittedSegmentCount = reader.take()
  }

  private mutating func readCounters(_ reader: inout FieldReader) {
    pacingRate = reader.take()
    maximumPacingRate = reader.take()
    acknowledgedByteCount = reader.take()
    receivedByteCount = reader.take()
    sentSegmentCount = reader.take()
    receivedSegmentCount = reader.take()
    notSentByteCount = reader.take()
    minimumRoundTripTime = reader.takeMicroseconds()
    receivedDataSegmentCount = reader.take()
    sentDataSegmentCount = reader.take()
    deliveryRate = reader.take()
    busyTime = reader.takeLongMicroseconds()
    receiveWindowLimitedTime = reader.takeLongMicroseconds()
    sendBufferLimitedTime = reader.takeLongMicroseconds()
  }

  private mutating func readLaterCounters(_ reader: inout FieldReader) {
    deliveredSegmentCount = reader.take()
    markedSegmentCount = reader.take()
    sentByteCount = reader.take()
    retransmittedByteCount = reader.take()
    duplicateReportCount = reader.take()
    reorderingSeenCount = reader.take()
    outOfOrderSegmentCount = reader.take()
    sendWindowByteCount = reader.take()
    receiveWindowByteCount = reader.take()
    rehashCount = reader.take()
    timeoutCount = reader.take()
    timeoutRecoveryCount = reader.take()
    timeoutRecoveryTime = reader.takeMilliseconds()
  }
}

extension FieldReader {
  /// Takes 32 bits of microseconds.
  mutating func takeMicroseconds() -> Duration { .microseconds(Int64(take(UInt32.self))) }

  /// Takes 32 bits of milliseconds.
  mutating func takeMilliseconds() -> Duration { .milliseconds(Int64(take(UInt32.self))) }

  /// Takes 64 bits of microseconds.
  mutating func takeLongMicroseconds() -> Duration {
    .microseconds(Int64(clamping: take(UInt64.self)))
  }
}

extension OptionCoding where Value == TCPInformation {
  /// `struct tcp_info`; at least what Linux 2.6 gave, 104 bytes.
  static var tcpInformation: OptionCoding<TCPInformation> {
    .readOnly(104, capacity: 512) { TCPInformation(&$0) }
  }
}
