// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a socket carries: a stream of bytes, or messages of one kind or another.
///
/// An open set, since the kernel owns the list.
///
/// The corresponding C type is the `int type` of `socket(2)`, the constants are `SOCK_…`.
public struct SocketType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The kernel's number, without `SOCK_CLOEXEC` and `SOCK_NONBLOCK`.
  public var rawValue: Int32

  /// Makes a type from the kernel's number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// A reliable stream of bytes both ways, in order, with no borders between writes: TCP, Unix stream.
  ///
  /// The corresponding C constant is `SOCK_STREAM`.
  public static let stream = SocketType(rawValue: 1)
  /// Single messages that may be lost, doubled or reordered (not on a Unix socket): UDP.
  ///
  /// The corresponding C constant is `SOCK_DGRAM`.
  public static let datagram = SocketType(rawValue: 2)
  /// The layer below: IP packets, or frames of a link.
  ///
  /// The corresponding C constant is `SOCK_RAW`.
  public static let raw = SocketType(rawValue: 3)
  /// A reliable connection that keeps the borders of messages: Unix, X.25, vsock.
  ///
  /// The corresponding C constant is `SOCK_SEQPACKET`.
  public static let sequencedPacket = SocketType(rawValue: 5)

  /// The C constant, for example `SOCK_STREAM`; a nameless type prints as `SOCK_(10)`.
  public var cName: String {
    switch self {
    case .stream: "SOCK_STREAM"
    case .datagram: "SOCK_DGRAM"
    case .raw: "SOCK_RAW"
    case .sequencedPacket: "SOCK_SEQPACKET"
    default: "SOCK_(\(rawValue))"
    }
  }

  /// The C constant.
  public var description: String { cName }
}
