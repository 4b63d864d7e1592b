// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The fuzzer's bytes as a text; `nil` when they are not UTF-8.
func text(_ start: UnsafePointer<UInt8>, _ count: Int) -> String? {
  String(validating: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
}

/// Whether a text has no character that ends a line or moves a terminal's cursor.
func isOneLine(_ text: String) -> Bool {
  text.unicodeScalars.allSatisfy {
    switch $0.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
