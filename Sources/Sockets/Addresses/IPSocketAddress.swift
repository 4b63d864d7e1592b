// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An IP address and a port: where a TCP or UDP socket is.
///
/// The corresponding C types are `struct sockaddr_in` and `struct sockaddr_in6`.
public struct IPSocketAddress: Hashable, Comparable, Sendable {
  /// The address.
  public let address: IPAddress
  /// The port.
  public let port: Port
  /// The flow information of an IPv6 address: the flow label in the low 20 bits, the traffic class
  /// in the next 8.
  ///
  /// Always 0 for IPv4. The corresponding C field is `sin6_flowinfo`.
  public let flowInformation: UInt32

  /// Puts an address and a port together.
  public init(_ address: IPAddress, port: Port) {
    self.address = address
    self.port = port
    flowInformation = 0
  }

  /// Puts an address of version 4 and a port together.
  public init(_ address: IPv4Address, port: Port) { self.init(.ipv4(address), port: port) }

  /// Puts an address of version 6 and a port together.
  ///
  /// - Parameters:
  ///   - address: the address with its zone.
  ///   - port: the port.
  ///   - flowInformation: the flow label in the low 20 bits, the traffic class in the next 8 (RFC
  ///     6437).
  public init(_ address: IPv6Address, port: Port, flowInformation: UInt32 = 0) {
    self.address = .ipv6(address)
    self.port = port
    self.flowInformation = flowInformation
  }

  /// The flow label (RFC 6437), 20 bits; 0 for none and for IPv4.
  public var flowLabel: UInt32 { flowInformation & 0xf_ffff }

  /// The same place, and for an IPv4-mapped address the IPv4 address inside it.
  public var unmapped: IPSocketAddress {
    address.unmapped == address ? self : IPSocketAddress(address.unmapped, port: port)
  }

  /// Orders by address, then by port, then by flow information.
  public static func < (left: IPSocketAddress, right: IPSocketAddress) -> Bool {
    (left.address, left.port, left.flowInformation)
      < (right.address, right.port, right.flowInformation)
  }
}

// MARK: The C structures

extension IPSocketAddress: SocketAddressConvertible {
  /// The family of the address.
  public var family: AddressFamily { address.family }

  /// The address as a `struct sockaddr_in` of 16 bytes or a `struct sockaddr_in6` of 28.
  public var socketAddress: SocketAddress {
    switch address {
    case .ipv4(let ip):
      var result = SocketAddress(family: .ipv4, byteCount: 16)
      result.setBigEndian(port.rawValue, at: 2)
      result.setBigEndian(ip.bits, at: 4)
      return result
    case .ipv6(let ip):
      var result = SocketAddress(family: .ipv6, byteCount: 28)
      result.setBigEndian(port.rawValue, at: 2)
      result.setBigEndian(flowInformation, at: 4)
      result.setBigEndian(ip.high, at: 8)
      result.setBigEndian(ip.low, at: 16)
      result.setNative(ip.zone, at: 24)
      return result
    }
  }

  /// Reads a `struct sockaddr_in` or a `struct sockaddr_in6`.
  ///
  /// The result is `nil` when the family is not an IP family, or the count is not that of its
  /// structure.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) {
    switch (socketAddress.family, socketAddress.byteCount) {
    case (.ipv4, 16):
      self.init(
        IPv4Address(bits: socketAddress.bigEndian(at: 4)),
        port: Port(socketAddress.bigEndian(at: 2))
      )
    case (.ipv6, 28):
      let high: UInt64 = socketAddress.bigEndian(at: 8)
      let low: UInt64 = socketAddress.bigEndian(at: 16)
      self.init(
        IPv6Address(
          bits: UInt128(high) << 64 | UInt128(low),
          zone: socketAddress.native(at: 24)
        ),
        port: Port(socketAddress.bigEndian(at: 2)),
        flowInformation: socketAddress.bigEndian(at: 4)
      )
    default: return nil
    }
  }
}

// MARK: Text

extension IPSocketAddress: LosslessStringConvertible {
  /// Parses `127.0.0.1:80` or `[::1]:80`.
  ///
  /// The result is `nil` when the text is neither; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address and the port.
  public init?(_ text: String) {
    guard let address = try? IPSocketAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses `127.0.0.1:80` or `[::1]:80`.
  ///
  /// An IPv6 address stands in brackets (RFC 3986, section 3.2.2). Flow information, where there is
  /// any, follows as in `[::1]:80/flow=0x12345`.
  ///
  /// - Parameter text: the address and the port.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try IPSocketAddress.parse(bytes, bytes.indices)
    }
  }

  /// The address, in brackets if it is IPv6, and the port.
  public var description: String {
    switch address {
    case .ipv4(let address): "\(address):\(port)"
    case .ipv6(let address):
      "[\(address)]:\(port)"
        + (flowInformation == 0 ? "" : "/flow=" + flowInformation.hexadecimalText)
    }
  }

  /// Parses the address and port that fill the range.
  static func parse(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> IPSocketAddress {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    guard text[range.lowerBound] == ASCII.openBracket else {
      let colon = text.position(of: ASCII.colon, in: range) ?? range.upperBound
      if colon < range.upperBound,
        text.position(of: ASCII.colon, in: colon + 1..<range.upperBound) != nil
      {
        throw ParseFailure(.ipv6NeedsBrackets, at: range.lowerBound)
      }
      let address = try IPv4Address.parse(text, range.lowerBound..<colon)
      guard colon < range.upperBound else { throw ParseFailure(.portMissing, at: colon) }
      return IPSocketAddress(address, port: try Port.parse(text, colon + 1..<range.upperBound))
    }
    guard let close = text.position(of: ASCII.closeBracket, in: range) else {
      throw ParseFailure(.bracketNotClosed, at: range.upperBound)
    }
    let inside = range.lowerBound + 1..<close
    guard !inside.isEmpty else { throw ParseFailure(.hostMissing, at: close) }
    let address = try IPv6Address.parse(text, inside)
    guard close + 1 < range.upperBound else { throw ParseFailure(.portMissing, at: close + 1) }
    guard text[close + 1] == ASCII.colon else {
      throw ParseFailure(.unexpectedCharacter, at: close + 1)
    }
    let rest = close + 2..<range.upperBound
    guard let slash = text.position(of: ASCII.slash, in: rest) else {
      return IPSocketAddress(address, port: try Port.parse(text, rest))
    }
    let port = try Port.parse(text, rest.lowerBound..<slash)
    guard text.hasPrefix("/flow=", in: slash..<range.upperBound) else {
      throw ParseFailure(.unexpectedCharacter, at: slash)
    }
    let flow = try text.hexadecimal(in: slash + 6..<range.upperBound, maximum: .max)
    return IPSocketAddress(address, port: port, flowInformation: flow)
  }
}
