// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// An address of an X.25 network: up to 15 decimal digits (ITU-T X.121).
///
/// The corresponding C type is `struct sockaddr_x25`.
public struct X25Address: Hashable, Sendable {
  /// The address in the 18 bytes of `struct sockaddr_x25`: the digits end with NUL bytes.
  public let socketAddress: SocketAddress

  /// The most digits an address has.
  public static let maximumDigitCount = 15

  /// Every address, for a listener that takes calls to any: 15 spaces, the kernel's null address.
  public static let any = X25Address(filling: ASCII.space)

  /// No digits: what a caller has that does not say its address.
  public static let none = X25Address(SocketAddress(family: .x25, byteCount: 18))

  private init(_ socketAddress: SocketAddress) { self.socketAddress = socketAddress }

  private init(filling byte: UInt8) {
    var address = SocketAddress(family: .x25, byteCount: 18)
    for offset in 2..<17 { address.setByte(byte, at: offset) }
    socketAddress = address
  }

  /// The digits as text: empty for ``none``, and for ``any``.
  public var digits: String {
    var text = ""
    for offset in 2..<17 {
      let byte = socketAddress.byte(at: offset)
      guard ASCII.isDigit(byte) else { break }
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return text
  }
}

// MARK: The C structure

extension X25Address: SocketAddressConvertible {
  /// ``AddressFamily/x25``.
  public var family: AddressFamily { .x25 }

  /// Reads a `struct sockaddr_x25`.
  ///
  /// What stands behind the first NUL is dropped, as the kernel does.
  ///
  /// The result is `nil` when the family is another, there are not 18 bytes, or the address is
  /// neither ``any`` nor at most 15 digits.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) {
    guard socketAddress.family == .x25, socketAddress.byteCount == 18 else { return nil }
    if socketAddress == Self.any.socketAddress {
      self = .any
      return
    }
    var address = SocketAddress(family: .x25, byteCount: 18)
    var offset = 2
    while offset < 18, socketAddress.byte(at: offset) != 0 {
      guard offset < 17, ASCII.isDigit(socketAddress.byte(at: offset)) else { return nil }
      address.setByte(socketAddress.byte(at: offset), at: offset)
      offset += 1
    }
    self.socketAddress = address
  }
}

// MARK: Text

extension X25Address: LosslessStringConvertible {
  /// Parses 1 to 15 decimal digits, `*` for ``any`` or `(none)` for ``none``.
  ///
  /// The result is `nil` when the text is no address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? X25Address(parsing: text) else { return nil }
    self = address
  }

  /// Parses 1 to 15 decimal digits, `*` for ``any`` or `(none)` for ``none``.
  ///
  /// - Parameter text: the address.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try X25Address.parse(bytes, bytes.indices)
    }
  }

  /// The digits, `*` for ``any``, or `(none)`.
  public var description: String {
    if self == .any { return "*" }
    return self == .none ? "(none)" : digits
  }

  /// Parses the address that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> X25Address {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    if text.equals("*", in: range) { return .any }
    if text.equals("(none)", in: range) { return .none }
    var address = SocketAddress(family: .x25, byteCount: 18)
    var offset = 2
    for index in range {
      guard ASCII.isDigit(text[index]) else { throw ParseFailure(.x25NotDecimal, at: index) }
      guard offset < 17 else { throw ParseFailure(.x25TooLong, at: index) }
      address.setByte(text[index], at: offset)
      offset += 1
    }
    return X25Address(address)
  }
}
