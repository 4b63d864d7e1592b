// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// The text of a Unix address: a path as it is, `@` before an abstract name, `(unnamed)` for none. What
// cannot be shown, or would be taken for something else, is written `\xNN`, a backslash as two of them;
// so the text is one line and every address reads back as the same bytes.

extension UnixAddress: LosslessStringConvertible {
  /// Parses a path, `@` and an abstract name, or `(unnamed)`.
  ///
  /// The result is `nil` when the text is no address; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the address.
  public init?(_ text: String) {
    guard let address = try? UnixAddress(parsing: text) else { return nil }
    self = address
  }

  /// Parses a path, `@` and an abstract name, or `(unnamed)`.
  ///
  /// `\xNN` stands for a byte and `\` for a backslash. A path that begins with `@` is written
  /// `\x40` or `./@`; `init(path:)` takes it as it is.
  ///
  /// - Parameter text: the address, for example `/run/app.sock` or `@app`.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try UnixAddress.parse(bytes, bytes.indices)
    }
  }

  /// The path, `@` and the abstract name, or `(unnamed)`; a path of 108 bytes follows
  /// `(unterminated)`.
  public var description: String {
    switch kind {
    case .unnamed: return Self.unnamedText.description
    case .abstract: return "@" + Self.escaped(nameBytes)
    case .path:
      let bytes = nameBytes
      let text = Self.escaped(bytes)
      if isUnterminated { return Self.unterminatedText.description + text }
      let isAmbiguous =
        bytes.first == ASCII.at || text == Self.unnamedText.description
        || text.utf8.starts(with: Self.unterminatedText.description.utf8)
      // The byte and not the character, which may have a combining one behind it.
      return isAmbiguous ? Self.escape(bytes[0]) + String(text.unicodeScalars.dropFirst()) : text
    }
  }

  private static let unnamedText: StaticString = "(unnamed)"
  private static let unterminatedText: StaticString = "(unterminated)"

  /// The bytes as text: whole if they are UTF-8, otherwise with every byte beyond ASCII escaped.
  private static func escaped(_ bytes: [UInt8]) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return bytes.map { $0 < 0x80 ? escaped(Unicode.Scalar($0)) : escape($0) }.joined()
    }
    return text.unicodeScalars.map(escaped).joined()
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    if scalar == "\\" { return "\\\\" }
    return scalar.hasShape ? String(scalar) : String(scalar).utf8.map(escape).joined()
  }

  static func escape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
  }

  /// Parses the address that fills the range.
  static func parse(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> UnixAddress {
    guard !range.isEmpty else { throw ParseFailure(.empty, at: range.lowerBound) }
    if text.equals(unnamedText, in: range) { return .unnamed }
    let isAbstract = text[range.lowerBound] == ASCII.at
    let isUnterminated = text.hasPrefix(unterminatedText, in: range)
    var builder = NameBuilder(isAbstract: isAbstract, unterminated: isUnterminated)
    var position = range.lowerBound
    if isAbstract { position += 1 }
    if isUnterminated { position += unterminatedText.utf8CodeUnitCount }
    while position < range.upperBound {
      let start = position
      let byte = try unescapedByte(text, &position, range.upperBound)
      try builder.append(byte, at: start)
    }
    let address = builder.finish()
    guard isUnterminated == address.isUnterminated else {
      throw ParseFailure(.unexpectedCharacter, at: range.lowerBound)
    }
    return address
  }

  /// Reads one byte or one escape.
  private static func unescapedByte(
    _ text: Span<UInt8>,
    _ position: inout Int,
    _ end: Int
  ) throws(ParseFailure) -> UInt8 {
    let start = position
    let byte = text[start]
    position += 1
    guard byte == ASCII.backslash else { return byte }
    if position < end, text[position] == ASCII.backslash {
      position += 1
      return byte
    }
    guard end - start >= 4, text[start + 1] == ASCII.x,
      let high = ASCII.hexadecimalValue(text[start + 2]),
      let low = ASCII.hexadecimalValue(text[start + 3])
    else { throw ParseFailure(.badEscape, at: start) }
    position = start + 4
    return high << 4 | low
  }
}
