// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// The fields of C's address structures, read and written byte by byte without unsafe code. Offsets come
// from the code that knows the structure, never from outside; reads behind the count give zero.

/// A typed address of one family, or of the two IP families: what `bind`, `connect` and the rest
/// take.
///
/// A new family conforms one value type to this protocol; nothing else needs to know it.
public protocol SocketAddressConvertible: Hashable, Sendable, CustomStringConvertible {
  /// The family of the address.
  var family: AddressFamily { get }

  /// The address in the bytes of its C structure, with the right count.
  var socketAddress: SocketAddress { get }

  /// Reads the C structure of this type's family.
  ///
  /// The result is `nil` when the family is another, or the bytes are not a structure of this
  /// family.
  ///
  /// - Parameter socketAddress: an address of any family.
  init?(socketAddress: SocketAddress)
}

extension SocketAddress: SocketAddressConvertible {
  /// The address itself.
  public var socketAddress: SocketAddress { self }

  /// The address itself, always.
  ///
  /// - Parameter socketAddress: an address of any family.
  public init?(socketAddress: SocketAddress) { self = socketAddress }
}

extension SocketAddress {
  /// An address of zeros behind its family.
  ///
  /// - Parameters:
  ///   - family: the family.
  ///   - byteCount: the size of the family's C structure.
  init(family: AddressFamily, byteCount: Int) {
    self.init()
    setByteCount(byteCount)
    setNative(family.rawValue, at: 0)
  }

  /// The byte at an offset below 128.
  func byte(at offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: storage[offset >> 3].littleEndian >> UInt64((offset & 7) * 8))
  }

  /// Sets the byte at an offset below 128.
  mutating func setByte(_ byte: UInt8, at offset: Int) {
    let shift = UInt64((offset & 7) * 8)
    let word = storage[offset >> 3].littleEndian & ~(0xff << shift) | UInt64(byte) << shift
    storage[offset >> 3] = UInt64(littleEndian: word)
  }

  /// The number in network byte order at an offset.
  func bigEndian<Number: FixedWidthInteger>(at offset: Int) -> Number {
    var value: Number = 0
    for index in 0..<Number.bitWidth / 8 {
      value = value << 8 | Number(truncatingIfNeeded: byte(at: offset + index))
    }
    return value
  }

  /// Sets the number in network byte order at an offset.
  mutating func setBigEndian<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
    let count = Number.bitWidth / 8
    for index in 0..<count {
      setByte(UInt8(truncatingIfNeeded: value >> ((count - 1 - index) * 8)), at: offset + index)
    }
  }

  /// The number in the machine's own byte order at an offset.
  func native<Number: FixedWidthInteger>(at offset: Int) -> Number {
    let value: Number = bigEndian(at: offset)
    return value.bigEndian
  }

  /// Sets the number in the machine's own byte order at an offset.
  mutating func setNative<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
    setBigEndian(value.bigEndian, at: offset)
  }
}
