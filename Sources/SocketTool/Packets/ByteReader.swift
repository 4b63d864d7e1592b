// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Why a packet was not decoded further; what was decoded before stands.
package enum PacketProblem: Error, Hashable, Sendable {
  /// The bytes end inside this header.
  case truncated(String)
  /// A length or version in this header contradicts the rest of the packet.
  case malformed(String)

  package var text: String {
    switch self {
    case .truncated(let header): "cut off inside its \(header) header"
    case .malformed(let header): "the \(header) header is not well-formed"
    }
  }
}

/// Reads numbers of network byte order from the front of a packet, never beyond its end.
struct ByteReader {
  private(set) var rest: ArraySlice<UInt8>
  /// The header that is being read, for the error.
  private let header: String

  init(_ bytes: ArraySlice<UInt8>, _ header: String) {
    rest = bytes
    self.header = header
  }

  /// The next bytes.
  mutating func take(_ count: Int) throws(PacketProblem) -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest.count else { throw .truncated(header) }
    let bytes = rest.prefix(count)
    rest = rest.dropFirst(count)
    return bytes
  }

  /// The next number, as wide as its type.
  mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
    _ type: Number.Type = Number.self
  ) throws(PacketProblem) -> Number {
    try take(Number.bitWidth / 8).reduce(into: 0 as Number) { value, byte in
      value = Number.bitWidth == 8 ? Number(truncatingIfNeeded: byte) : value << 8 | Number(byte)
    }
  }
}

/// The Internet checksum (RFC 1071).
package enum InternetChecksum {
  /// The checksum to write over zeros; zero for bytes that contain their right checksum.
  package static func of(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var sum: UInt64 = 0
    var isHigh = true
    for byte in bytes {
      sum &+= isHigh ? UInt64(byte) << 8 : UInt64(byte)
      isHigh.toggle()
    }
    while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
    return ~UInt16(truncatingIfNeeded: sum)
  }
}
