// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A port: which of a host's many programs, 0 to 65535, in the machine's own byte order.
///
/// The corresponding C type is `in_port_t`, which holds the same number in network byte order.
public struct Port: RawRepresentable, Hashable, Comparable, Sendable {
  /// The number.
  public var rawValue: UInt16

  /// Makes a port from its number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Makes a port from its number.
  public init(_ number: UInt16) { rawValue = number }

  /// Makes a port from a number of any width.
  ///
  /// The result is `nil` when the number is not in that range.
  ///
  /// - Parameter number: from 0 to 65535.
  public init?(exactly number: some BinaryInteger) {
    guard let rawValue = UInt16(exactly: number) else { return nil }
    self.rawValue = rawValue
  }

  /// Port 0: bound to, it has the kernel choose a free one.
  ///
  /// Nothing can be sent to it.
  public static let any = Port(0)

  /// Compares by value.
  public static func < (left: Port, right: Port) -> Bool { left.rawValue < right.rawValue }
}

// MARK: Ranges

extension Port {
  /// The system ports, assigned by IETF review (RFC 6335, section 6): 0 to 1023.
  ///
  /// On Linux binding one needs `CAP_NET_BIND_SERVICE`, unless
  /// `/proc/sys/net/ipv4/ip_unprivileged_port_start` was lowered.
  public static let wellKnown = Port(0)...Port(1023)

  /// The user ports, registered with IANA (RFC 6335, section 6): 1024 to 49151.
  public static let registered = Port(1024)...Port(49151)

  /// The dynamic ports, never assigned (RFC 6335, section 6): 49152 to 65535.
  ///
  /// Linux takes the ports that it chooses itself from a range of its own, 32768 to 60999 unless
  /// `/proc/sys/net/ipv4/ip_local_port_range` says otherwise.
  public static let ephemeral = Port(49152)...Port(65535)

  /// Whether the port is one of ``wellKnown``.
  public var isWellKnown: Bool { Self.wellKnown.contains(self) }
  /// Whether the port is one of ``registered``.
  public var isRegistered: Bool { Self.registered.contains(self) }
  /// Whether the port is one of ``ephemeral``.
  public var isEphemeral: Bool { Self.ephemeral.contains(self) }
}

// MARK: Text

extension Port: LosslessStringConvertible, ExpressibleByIntegerLiteral {
  /// Makes a port from a number in the program's text; one beyond 65535 does not compile.
  public init(integerLiteral value: UInt16) { rawValue = value }

  /// Parses a port: decimal digits only, no sign, no space, no leading zero, at most 65535.
  ///
  /// The result is `nil` when the text is not a port; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the port.
  public init?(_ text: String) {
    guard let port = try? Port(parsing: text) else { return nil }
    self = port
  }

  /// Parses a port: decimal digits only, no sign, no space, no leading zero, at most 65535.
  ///
  /// - Parameter text: the port.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try Port.parse(bytes, bytes.indices)
    }
  }

  /// The number in decimal digits.
  public var description: String { String(rawValue) }

  /// Parses the port that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> Port {
    let number = try text.decimal(
      in: range,
      maximum: 65535,
      missing: .portMissing,
      malformed: .portNotDecimal,
      tooLarge: .portTooLarge
    )
    return Port(UInt16(truncatingIfNeeded: number))
  }
}
