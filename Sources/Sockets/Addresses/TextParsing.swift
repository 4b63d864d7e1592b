// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// The small parts that the parsers of all addresses share. They work on UTF-8 bytes, never index past the
// range they were given, and never compute with a value before they know that it fits.

/// ASCII characters that mean something in the text of an address.
enum ASCII {
  static let space = UInt8(ascii: " ")
  static let percent = UInt8(ascii: "%")
  static let asterisk = UInt8(ascii: "*")
  static let plus = UInt8(ascii: "+")
  static let comma = UInt8(ascii: ",")
  static let hyphen = UInt8(ascii: "-")
  static let dot = UInt8(ascii: ".")
  static let slash = UInt8(ascii: "/")
  static let zero = UInt8(ascii: "0")
  static let colon = UInt8(ascii: ":")
  static let equals = UInt8(ascii: "=")
  static let at = UInt8(ascii: "@")
  static let openBracket = UInt8(ascii: "[")
  static let backslash = UInt8(ascii: "\\")
  static let closeBracket = UInt8(ascii: "]")
  static let underscore = UInt8(ascii: "_")
  static let x = UInt8(ascii: "x")

  /// Whether the byte is one of `0` to `9`.
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// Whether the byte is a letter of ASCII.
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

  /// The value of a hexadecimal digit of either case, or `nil`.
  static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte &- zero }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter &+ 10 : nil
  }
}

extension Span where Element == UInt8 {
  /// The first place in the range that holds the byte.
  func position(of byte: UInt8, in range: Range<Int>) -> Int? {
    for index in range where self[index] == byte { return index }
    return nil
  }

  /// Whether the bytes at the beginning of the range are those of the text.
  func hasPrefix(_ prefix: StaticString, in range: Range<Int>) -> Bool {
    guard range.count >= prefix.utf8CodeUnitCount else { return false }
    var position = range.lowerBound
    for unit in prefix.description.utf8 {
      guard self[position] == unit else { return false }
      position += 1
    }
    return true
  }

  /// Whether the bytes in the range are exactly those of the text.
  func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
    range.count == text.utf8CodeUnitCount && hasPrefix(text, in: range)
  }

  /// Whether the range is not empty and all decimal digits.
  func isDecimal(_ range: Range<Int>) -> Bool {
    for index in range where !ASCII.isDigit(self[index]) { return false }
    return !range.isEmpty
  }

  /// A decimal number that fills the range: digits only, no sign, no leading zero.
  ///
  /// - Parameters:
  ///   - range: where the number stands.
  ///   - maximum: the largest value that is allowed.
  ///   - missing: the failure of an empty range.
  ///   - malformed: the failure of a byte that is not a digit.
  ///   - tooLarge: the failure of a value beyond the maximum, told at the number's beginning.
  /// - Returns: the number.
  /// - Throws: one of the three failures, or `leadingZero`.
  func decimal(
    in range: Range<Int>,
    maximum: UInt32,
    missing: AddressParseError.Reason = .numberMissing,
    malformed: AddressParseError.Reason = .unexpectedCharacter,
    tooLarge: AddressParseError.Reason = .numberTooLarge
  ) throws(ParseFailure) -> UInt32 {
    guard !range.isEmpty else { throw ParseFailure(missing, at: range.lowerBound) }
    if range.count > 1, self[range.lowerBound] == ASCII.zero,
      ASCII.isDigit(self[range.lowerBound + 1])
    {
      throw ParseFailure(.leadingZero, at: range.lowerBound)
    }
    var value: UInt64 = 0
    for index in range {
      guard ASCII.isDigit(self[index]) else { throw ParseFailure(malformed, at: index) }
      // The value before this digit is at most 32 bits wide, so 64 hold ten times it.
      value = value * 10 + UInt64(self[index] &- ASCII.zero)
      guard value <= UInt64(maximum) else { throw ParseFailure(tooLarge, at: range.lowerBound) }
    }
    return UInt32(truncatingIfNeeded: value)
  }

  /// A number that fills the range, written `0x` and one to eight hexadecimal digits.
  func hexadecimal(in range: Range<Int>, maximum: UInt32) throws(ParseFailure) -> UInt32 {
    guard hasPrefix("0x", in: range), range.count > 2 else {
      throw ParseFailure(.hexadecimalMissing, at: range.lowerBound)
    }
    guard range.count <= 10 else { throw ParseFailure(.fieldTooLarge, at: range.lowerBound) }
    var value: UInt64 = 0
    for index in range.dropFirst(2) {
      guard let digit = ASCII.hexadecimalValue(self[index]) else {
        throw ParseFailure(.unexpectedCharacter, at: index)
      }
      value = value << 4 | UInt64(digit)
      guard value <= UInt64(maximum) else {
        throw ParseFailure(.fieldTooLarge, at: range.lowerBound)
      }
    }
    return UInt32(truncatingIfNeeded: value)
  }
}

extension BinaryInteger {
  /// The number as C writes it: `0x` and lower-case hexadecimal digits.
  var hexadecimalText: String { "0x" + String(self, radix: 16) }
}

extension Unicode.Scalar {
  /// Whether the scalar can be shown as it is: it does not end a line, turn the direction of writing or
  /// act on a terminal in another way.
  var hasShape: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: false
    default: true
    }
  }
}
