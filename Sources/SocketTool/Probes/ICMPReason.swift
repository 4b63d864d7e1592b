// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Why a packet did not arrive, as an ICMP message says it.
struct ICMPReason: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// It had passed as many routers as it was allowed to.
    case expired
    /// It arrived, and nobody listens on its port.
    case portUnreachable
    /// A packet of this size does not fit.
    case tooBig
    /// Anything else.
    case refused
  }

  var kind: Kind
  /// In words.
  var text: String
  /// As traceroute marks it; empty where that is no news.
  var mark: String
  /// The largest packet that fits, where that was told.
  var mtu: Int?

  /// Reads the numbers of a message.
  ///
  /// - Parameters:
  ///   - type: its type (RFC 792, RFC 4443).
  ///   - code: its code.
  ///   - mtu: the size that it names, or zero.
  ///   - isVersion6: whether it is one of ICMPv6.
  init(type: UInt8, code: UInt8, mtu: UInt32 = 0, isVersion6: Bool) {
    self.mtu = mtu > 0 ? Int(mtu) : nil
    let row = isVersion6 ? Self.version6(type, code) : Self.version4(type, code)
    kind = row?.kind ?? .refused
    text = row?.text ?? "ICMP type \(type), code \(code)"
    mark = row?.mark ?? (type == (isVersion6 ? 1 : 3) ? "!<\(code)>" : "!<\(type)-\(code)>")
    if kind == .tooBig {
      if let mtu = self.mtu {
        text += ": at most \(mtu) bytes pass"
        mark += "-\(mtu)"
      }
    } else {
      self.mtu = nil
    }
  }

  /// What a record of a socket's error queue says, if it is of ICMP.
  init?(_ error: ExtendedError) {
    guard error.origin == .icmp || error.origin == .icmpv6 else { return nil }
    self.init(
      type: error.type, code: error.code, mtu: error.information,
      isVersion6: error.origin == .icmpv6)
  }

  private typealias Row = (kind: Kind, text: String, mark: String)

  private static func version4(_ type: UInt8, _ code: UInt8) -> Row? {
    switch (type, code) {
    case (3, 0), (3, 6): (.refused, "network unreachable", "!N")
    case (3, 1), (3, 7): (.refused, "host unreachable", "!H")
    case (3, 2): (.refused, "protocol unreachable", "!P")
    case (3, 3): (.portUnreachable, "port unreachable", "")
    case (3, 4): (.tooBig, "packet too big", "!F")
    case (3, 5): (.refused, "source route failed", "!S")
    case (3, 9), (3, 10), (3, 13): (.refused, "forbidden by a rule", "!X")
    case (3, 11), (3, 12): (.refused, "unreachable for this type of service", "!T")
    case (3, 14): (.refused, "host precedence violation", "!V")
    case (3, 15): (.refused, "precedence cut off", "!C")
    case (11, 0): (.expired, "time to live exceeded", "")
    case (11, 1): (.refused, "fragments did not all come", "!<11-1>")
    case (12, _): (.refused, "a field of the header is wrong", "!<12-\(code)>")
    case (4, _): (.refused, "source quench", "!Q")
    case (5, _): (.refused, "redirected", "!<5-\(code)>")
    default: nil
    }
  }

  private static func version6(_ type: UInt8, _ code: UInt8) -> Row? {
    switch (type, code) {
    case (1, 0): (.refused, "no route", "!N")
    case (1, 1), (1, 5), (1, 6): (.refused, "forbidden by a rule", "!X")
    case (1, 2): (.refused, "beyond the scope of the source address", "!S")
    case (1, 3): (.refused, "address unreachable", "!H")
    case (1, 4): (.portUnreachable, "port unreachable", "")
    case (2, _): (.tooBig, "packet too big", "!F")
    case (3, 0): (.expired, "hop limit exceeded", "")
    case (3, 1): (.refused, "fragments did not all come", "!<3-1>")
    case (4, 1): (.refused, "unknown next header", "!P")
    case (4, _): (.refused, "a field of the header is wrong", "!<4-\(code)>")
    default: nil
    }
  }
}
