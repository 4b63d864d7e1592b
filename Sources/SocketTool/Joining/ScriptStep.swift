// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets
import Synchronization

/// A step of a script: something to send, or something to wait for.
struct ScriptStep: Sendable {
  enum Action: Sendable {
    case send([UInt8])
    case expect([UInt8])
  }

  /// Where it stands on the command line among all steps.
  var place: Int
  var action: Action
  /// As it was written.
  var text: String

  private static let count = Atomic<Int>(0)

  /// `--send TEXT`, read in the order of the command line.
  static func sent(_ text: String) throws -> ScriptStep {
    ScriptStep(place: next(), action: .send(try EscapedText.bytes(text)), text: text)
  }

  /// `--expect TEXT`, read in the order of the command line.
  static func expected(_ text: String) throws -> ScriptStep {
    let bytes = try EscapedText.bytes(text)
    guard !bytes.isEmpty else { throw ValidationError("nothing at all cannot be expected") }
    return ScriptStep(place: next(), action: .expect(bytes), text: text)
  }

  private static func next() -> Int { count.add(1, ordering: .relaxed).newValue }

  var isExpectation: Bool { if case .expect = action { true } else { false } }
}

/// Text with escapes: `\n`, `\r`, `\t`, `\0`, `\\`, and `\xHH` for any byte.
enum EscapedText {
  /// The bytes that are meant.
  ///
  /// - Throws: `ValidationError` with the escape that is none.
  static func bytes(_ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "n"): bytes.append(0x0a)
      case UInt8(ascii: "r"): bytes.append(0x0d)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "0"): bytes.append(0)
      case UInt8(ascii: "\\"): bytes.append(0x5c)
      case UInt8(ascii: "x"):
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
          let value = UInt8(digits, radix: 16)
        else { throw wrong("\\x\(digits)") }
        bytes.append(value)
        rest = rest.dropFirst(2)
      case let other:
        throw wrong("\\" + String(decoding: [other].compactMap { $0 }, as: UTF8.self))
      }
    }
    return bytes
  }

  private static func wrong(_ escape: String) -> ValidationError {
    ValidationError("'\(escape)' is no escape; those are \\n \\r \\t \\0 \\\\ and \\xHH")
  }
}
