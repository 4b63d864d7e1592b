// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The eight bits of an IP packet that say how it is to be treated: six for the class of service, two for
/// congestion (RFC 2474, RFC 3168).
///
/// The old names are TOS for IPv4 and traffic class for IPv6.
public struct TrafficClass: RawRepresentable, Hashable, Sendable {
  /// All eight bits, as in the packet.
  public var rawValue: UInt8

  /// Makes a class from the eight bits of the packet.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Makes a class from its two fields.
  ///
  /// - Parameters:
  ///   - codePoint: the differentiated services code point, from 0 to 63; higher bits are dropped.
  ///   - congestion: the congestion bits.
  public init(codePoint: UInt8, congestion: CongestionNotification = .notCapable) {
    rawValue = (codePoint & 0x3f) << 2 | congestion.rawValue
  }

  /// The differentiated services code point, from 0 to 63.
  public var codePoint: UInt8 {
    get { rawValue >> 2 }
    set { rawValue = (newValue & 0x3f) << 2 | rawValue & 3 }
  }

  /// The congestion bits.
  public var congestion: CongestionNotification {
    get { CongestionNotification(rawValue: rawValue & 3) ?? .notCapable }
    set { rawValue = rawValue & ~3 | newValue.rawValue }
  }
}

/// What a packet says of congestion (explicit congestion notification, RFC 3168, section 5).
///
/// The corresponding C constants are `IPTOS_ECN_…`.
public enum CongestionNotification: UInt8, CaseIterable, Hashable, Sendable {
  /// The transport does not understand marks: congested routers drop the packet. Not-ECT.
  case notCapable = 0
  /// The transport understands marks, second form; used by L4S (RFC 9331). ECT(1).
  case capableOne = 1
  /// The transport understands marks. ECT(0).
  case capableZero = 2
  /// A router on the way was congested. CE.
  case congestionExperienced = 3
}
