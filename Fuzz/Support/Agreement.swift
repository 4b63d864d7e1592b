// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Holds a parser against what its slow twin made of the same text.
func check<Value: Equatable & LosslessStringConvertible>(
  _ text: String,
  parse: (String) throws(AddressParseError) -> Value,
  slow: Value?
) {
  do {
    let value = try parse(text)
    precondition(value == slow, "the twins differ")
    precondition(Value(value.description) == value, "the text is another value")
    precondition(isOneLine(value.description), "the text has more than one line")
  } catch {
    precondition(slow == nil, "only the slow twin takes it")
    checkError(error, of: text)
  }
}

/// Holds an error against the text that it is about.
func checkError(_ error: AddressParseError, of text: String) {
  precondition(error.input == text, "the error is about another text")
  precondition((0...text.utf8.count).contains(error.position), "the position is outside")
  precondition(isOneLine(error.description), "the error has more than one line")
}
