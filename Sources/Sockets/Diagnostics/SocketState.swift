// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The state of a socket in the kernel's tables.
///
/// The states are TCP's (RFC 9293, 3.3.2), and other protocols use some of them. An open set, since the kernel
/// owns the list.
///
/// The corresponding C constants are `TCP_ESTABLISHED` and those after it.
public struct SocketState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The kernel's number.
  public var rawValue: UInt8

  /// Makes a state from the kernel's number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Connected.
  ///
  /// Of UDP and Unix datagrams: it has a peer.
  ///
  /// The corresponding C constant is `TCP_ESTABLISHED`.
  public static let established = SocketState(rawValue: 1)
  /// Calling; also of a Unix stream that waits in the queue of a listener.
  ///
  /// The corresponding C constant is `TCP_SYN_SENT`.
  public static let synSent = SocketState(rawValue: 2)
  /// Being called, and the caller has not yet confirmed.
  ///
  /// The corresponding C constant is `TCP_SYN_RECV`.
  public static let synReceived = SocketState(rawValue: 3)
  /// It has sent its end, which is not yet acknowledged.
  ///
  /// The corresponding C constant is `TCP_FIN_WAIT1`.
  public static let finWait1 = SocketState(rawValue: 4)
  /// Its end is acknowledged, and the peer may still send.
  ///
  /// The corresponding C constant is `TCP_FIN_WAIT2`.
  public static let finWait2 = SocketState(rawValue: 5)
  /// Over, and remembered for late segments.
  ///
  /// No process has it.
  ///
  /// The corresponding C constant is `TCP_TIME_WAIT`.
  public static let timeWait = SocketState(rawValue: 6)
  /// Not connected.
  ///
  /// Of UDP, raw and Unix sockets: it has no peer.
  ///
  /// The corresponding C constant is `TCP_CLOSE`.
  public static let closed = SocketState(rawValue: 7)
  /// The peer has sent its end, and this side may still send.
  ///
  /// The corresponding C constant is `TCP_CLOSE_WAIT`.
  public static let closeWait = SocketState(rawValue: 8)
  /// Both ends were sent, and this one is not yet acknowledged.
  ///
  /// The corresponding C constant is `TCP_LAST_ACK`.
  public static let lastAcknowledgement = SocketState(rawValue: 9)
  /// Waiting for callers.
  ///
  /// The corresponding C constant is `TCP_LISTEN`.
  public static let listening = SocketState(rawValue: 10)
  /// Both sides sent their end at once.
  ///
  /// The corresponding C constant is `TCP_CLOSING`.
  public static let closing = SocketState(rawValue: 11)
  /// Being called, as the kernel itself keeps it; it reports the third state.
  ///
  /// The corresponding C constant is `TCP_NEW_SYN_RECV`.
  public static let newSynReceived = SocketState(rawValue: 12)
  /// Bound, and neither listening nor calling; Linux 6.8 or later.
  ///
  /// The corresponding C constant is `TCP_BOUND_INACTIVE`.
  public static let boundInactive = SocketState(rawValue: 13)

  /// The C constant, for example `TCP_LISTEN`; a nameless state prints as `TCP_(14)`.
  public var cName: String {
    switch self {
    case .established: "TCP_ESTABLISHED"
    case .synSent: "TCP_SYN_SENT"
    case .synReceived: "TCP_SYN_RECV"
    case .finWait1: "TCP_FIN_WAIT1"
    case .finWait2: "TCP_FIN_WAIT2"
    case .timeWait: "TCP_TIME_WAIT"
    case .closed: "TCP_CLOSE"
    case .closeWait: "TCP_CLOSE_WAIT"
    case .lastAcknowledgement: "TCP_LAST_ACK"
    case .listening: "TCP_LISTEN"
    case .closing: "TCP_CLOSING"
    case .newSynReceived: "TCP_NEW_SYN_RECV"
    case .boundInactive: "TCP_BOUND_INACTIVE"
    default: "TCP_(\(rawValue))"
    }
  }

  /// The C constant.
  public var description: String { cName }
}

/// A set of states, by which the kernel chooses what it lists.
///
/// The corresponding C constants are `TCPF_ESTABLISHED` and those after it.
public struct SocketStates: OptionSet, Hashable, Sendable {
  /// A bit for each state, by its number.
  public var rawValue: UInt32

  /// Makes a set from its bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Makes a set from its members; a state above 31 has no bit and is left out.
  public init(_ states: SocketState...) {
    rawValue = states.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  }

  /// Every state.
  public static let all = SocketStates(rawValue: .max)
  /// Waiting for callers.
  public static let listening = SocketStates(.listening)
  /// Connected, or with a peer.
  public static let established = SocketStates(.established)
  /// Without a connection or a peer.
  public static let closed = SocketStates(.closed)
  /// Every state but listening, unconnected and over.
  public static let connected = SocketStates.all.subtracting(
    SocketStates(.listening, .closed, .timeWait, .boundInactive))
}
