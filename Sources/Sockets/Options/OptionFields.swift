// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Appends the fields of a C structure in the machine's byte order.
struct FieldWriter {
  /// What was written.
  private(set) var bytes: [UInt8] = []

  /// Appends a number.
  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    // Lowest byte first of the little-endian form: the machine's own order on every machine.
    let stored = number.littleEndian
    for index in 0..<(Number.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: stored >> (8 * index)))
    }
  }

  /// Appends bytes as they are, at most `count` of them, and zeroes up to that count.
  mutating func put(_ field: some Sequence<UInt8>, padTo count: Int) {
    let start = bytes.count
    bytes += field.prefix(count)
    pad(start + count - bytes.count)
  }

  /// Appends bytes as they are.
  mutating func put(_ field: some Sequence<UInt8>) { bytes += field }

  /// Appends zeroes.
  mutating func pad(_ count: Int) { bytes += repeatElement(0, count: max(0, count)) }

  /// Appends an IPv4 address, in network byte order as it always is.
  mutating func put(_ address: IPv4Address) { put(address.bits.bigEndian) }

  /// Appends an IPv6 address, in network byte order as it always is.
  mutating func put(_ address: IPv6Address) { put(address.bits.bigEndian) }

  /// Appends an IP address as `struct sockaddr_storage` with port zero.
  mutating func put(storage address: IPAddress) {
    let socketAddress = IPSocketAddress(address, port: Port(rawValue: 0)).socketAddress
    // Behind its count the address has zeroes.
    put((0..<SocketAddress.maximumByteCount).map { socketAddress.byte(at: $0) })
  }
}

/// Takes the fields of a C structure in the machine's byte order; what is past the end reads as zero, as the
/// fields that an older kernel does not have.
struct FieldReader {
  private let bytes: [UInt8]
  private var offset = 0

  /// Reads from the beginning of the bytes.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How many bytes are left.
  var remaining: Int { max(0, bytes.count - offset) }

  /// Takes a number.
  mutating func take<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
    var stored: Number = 0
    // Byte by byte and without an array: the kernel's tables have a hundred numbers a socket.
    for index in 0..<(Number.bitWidth / 8) where offset + index < bytes.count {
      stored |= Number(truncatingIfNeeded: bytes[offset + index]) << (8 * index)
    }
    offset += Number.bitWidth / 8
    return Number(littleEndian: stored)
  }

  /// Takes bytes; fewer than `count` at the end.
  mutating func take(count: Int) -> [UInt8] {
    let end = min(bytes.count, offset + max(0, count))
    defer { offset += max(0, count) }
    return offset < end ? Array(bytes[offset..<end]) : []
  }

  /// Leaves out bytes.
  mutating func skip(_ count: Int) { offset += max(0, count) }

  /// Takes an IPv4 address.
  mutating func takeIPv4Address() -> IPv4Address { IPv4Address(bits: UInt32(bigEndian: take())) }

  /// Takes an IPv6 address.
  mutating func takeIPv6Address() -> IPv6Address { IPv6Address(bits: UInt128(bigEndian: take())) }

  /// Takes a socket address of any family out of a field of `count` bytes.
  mutating func takeSocketAddress(
    count: Int = SocketAddress.maximumByteCount
  ) -> SocketAddress? {
    let field = take(count: count)
    guard let low = field.first, field.count > 1 else { return nil }
    let length = Self.length(ofFamily: low, in: field.count)
    return SocketAddress(bytes: Array(field.prefix(length)))
  }

  /// How much of a socket-address field counts.
  private static func length(ofFamily family: UInt8, in count: Int) -> Int {
    switch family {
    case 2: min(16, count)
    case 10: min(28, count)
    default: count
    }
  }
}
