// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A socket option: a typed name for one level and number of `setsockopt(2)` and `getsockopt(2)`.
///
/// The kernel's options are static members, grouped by level in the files beside this one and listed in
/// ``OptionCatalog``. What has no name here is made from its numbers with ``init(level:name:cName:coding:)``.
///
///     try socket.setOption(.noDelay, to: true)
///     let size = try socket.option(.receiveBufferSize)
public struct SocketOption<Value: Sendable>: Sendable {
  /// The level: C's second argument, `SOL_SOCKET` or a protocol.
  public var level: Int32
  /// The number of the option within its level.
  public var name: Int32
  /// The C constant, for example `TCP_NODELAY`.
  public var cName: StaticText
  /// How the value becomes the bytes that the kernel reads, and back.
  public var coding: OptionCoding<Value>

  /// Names an option by its numbers.
  public init(level: Int32, name: Int32, cName: StaticString, coding: OptionCoding<Value>) {
    self.level = level
    self.name = name
    self.cName = StaticText(cName)
    self.coding = coding
  }
}

/// How an option's value is written in the bytes that the kernel reads, and read from those it gives.
public struct OptionCoding<Value: Sendable>: Sendable {
  /// Room for the answer of `getsockopt`, in bytes.
  public var capacity: Int
  /// Writes the value; `nil` when it does not fit the kernel's field.
  public var encode: @Sendable (Value) -> [UInt8]?
  /// Reads the value; `nil` when the bytes are not one.
  public var decode: @Sendable ([UInt8]) -> Value?

  /// Makes a coding.
  public init(
    capacity: Int,
    encode: @escaping @Sendable (Value) -> [UInt8]?,
    decode: @escaping @Sendable ([UInt8]) -> Value?
  ) {
    self.capacity = capacity
    self.encode = encode
    self.decode = decode
  }
}

extension OptionCoding where Value == Bool {
  /// A C `int` that is zero or not.
  public static var flag: OptionCoding<Bool> {
    OptionCoding(
      capacity: 4,
      encode: { OptionCoding<Int32>.integer.encode($0 ? 1 : 0) },
      decode: { OptionCoding<Int32>.integer.decode($0).map { $0 != 0 } }
    )
  }
}

extension OptionCoding where Value == Int32 {
  /// A C `int`.
  ///
  /// An answer of one byte, as `IP_MULTICAST_TTL` may give, is read as well.
  public static var integer: OptionCoding<Int32> {
    OptionCoding(
      capacity: 4,
      encode: { value in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) } },
      decode: { bytes in
        if bytes.count == 1 { return Int32(bytes[0]) }
        guard bytes.count == 4 else { return nil }
        return bytes.reversed().reduce(into: Int32(0)) { $0 = $0 << 8 | Int32($1) }
      }
    )
  }
}
