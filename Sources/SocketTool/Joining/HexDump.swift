// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Bytes as lines of sixteen: which way, offset, hexadecimal, characters.
///
///     < 00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  |HTTP/1.1 200 OK.|
struct HexDump {
  /// Which way the bytes went.
  enum Way: String, Sendable {
    case received = "<"
    case sent = ">"
  }

  let way: Way
  /// How many bytes went this way before.
  private(set) var offset = 0

  init(_ way: Way) { self.way = way }

  /// The lines of some bytes; those of an empty message are one that says so.
  mutating func lines(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else {
      return "\(way.rawValue) \(TextLayout.digits(offset, 8, radix: 16))  (empty)\n"
    }
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 16) {
      let row = bytes[start..<min(start + 16, bytes.count)]
      text += "\(way.rawValue) \(TextLayout.digits(offset + start, 8, radix: 16)) "
      for place in 0..<16 {
        if place % 8 == 0 { text += " " }
        text +=
          place < row.count ? TextLayout.digits(row[start + place], 2, radix: 16) + " " : "   "
      }
      text += " |"
      for byte in row {
        text.unicodeScalars.append(
          (0x20..<0x7f).contains(byte) ? Unicode.Scalar(byte) : Unicode.Scalar(UInt8(ascii: ".")))
      }
      text += "|\n"
    }
    offset += bytes.count
    return text
  }
}
