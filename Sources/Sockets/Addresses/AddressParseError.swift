// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Why a text or some bytes are not an address: the input, the reason and where.
///
/// The text is one line: `"127.0.0.1:70000": port is larger than 65535, at position 10`.
public struct AddressParseError: Error, Hashable, Sendable {
  /// What was to be parsed, whole.
  ///
  /// Bytes that are not UTF-8 are replaced by U+FFFD here.
  public var input: String
  /// What is wrong.
  public var reason: Reason
  /// Where it is wrong, counted in UTF-8 bytes from the beginning of ``input``.
  public var position: Int

  /// Makes an error.
  public init(input: String, reason: Reason, position: Int) {
    self.input = input
    self.reason = reason
    self.position = position
  }
}

extension AddressParseError: CustomStringConvertible {
  /// The input in quotes, the reason and the position, on one line whatever the input holds.
  ///
  /// The input is written as a literal of Swift: what has no shape of its own, or could act on a
  /// terminal, is `\u{…}`. Of an input beyond 200 characters only the first 200 are shown.
  public var description: String {
    let shown = input.unicodeScalars.prefix(200)
    let cut = shown.endIndex == input.unicodeScalars.endIndex ? "" : "..."
    let literal = shown.map(Self.literal).joined()
    return "\"\(literal)\"\(cut): \(reason.sentence), at position \(position)"
  }

  private static func literal(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: scalar.hasShape ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}

/// Where and why a parser stopped: an ``AddressParseError`` that does not hold its input yet.
///
/// Trivial, so that parsers neither allocate nor count references.
struct ParseFailure: Error {
  var reason: AddressParseError.Reason
  var position: Int

  init(_ reason: AddressParseError.Reason, at position: Int) {
    self.reason = reason
    self.position = position
  }
}

extension AddressParseError {
  /// Runs a parser over the UTF-8 bytes of a text and adds the input to its failure.
  static func parsing<Value>(
    _ input: String,
    _ body: (Span<UInt8>) throws(ParseFailure) -> Value
  ) throws(AddressParseError) -> Value {
    do {
      return try body(input.utf8.span)
    } catch {
      throw AddressParseError(input: input, reason: error.reason, position: error.position)
    }
  }
}
