// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A socket option: a typed name for one level and number of `setsockopt(2)` and `getsockopt(2)`.
///
/// The kernel's options are static members, grouped by level in the files beside this one and listed in
/// ``OptionCatalog``. What has no name here is made from its numbers with
/// ``init(level:name:cName:coding:)``.
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
  /// What the number counts, for example `bytes`; empty for a value without a unit.
  public var unit: StaticText
  /// Writes the value; `nil` when it does not fit the kernel's field.
  public var encode: @Sendable (Value) -> [UInt8]?
  /// Reads the value; `nil` when the bytes are not one.
  public var decode: @Sendable ([UInt8]) -> Value?
  /// What the answer's buffer begins with, for options whose `getsockopt` asks a question.
  package var question: [UInt8] = []
  /// Whether the bytes are a classic BPF program, which the kernel takes by its address (`struct sock_fprog`)
  /// and counts by instructions.
  package var isProgram = false

  /// Makes a coding.
  public init(
    capacity: Int,
    unit: StaticString = "",
    encode: @escaping @Sendable (Value) -> [UInt8]?,
    decode: @escaping @Sendable ([UInt8]) -> Value?
  ) {
    self.capacity = capacity
    self.unit = StaticText(unit)
    self.encode = encode
    self.decode = decode
  }
}

extension OptionCoding {
  /// A coding for a structure: its size is fixed when written and a minimum when read.
  ///
  /// - Parameters:
  ///   - byteCount: the least answer that is a value; also the room for it unless `capacity` is larger.
  ///   - capacity: room for a longer answer, from a kernel that knows more fields.
  ///   - unit: what the value counts.
  ///   - write: appends the fields.
  ///   - read: takes the fields, in order.
  /// - Returns: the coding.
  static func structure(
    _ byteCount: Int,
    capacity: Int? = nil,
    unit: StaticString = "",
    write: @escaping @Sendable (Value, inout FieldWriter) -> Void,
    read: @escaping @Sendable (inout FieldReader) -> Value?
  ) -> OptionCoding {
    OptionCoding(
      capacity: capacity ?? byteCount, unit: unit,
      encode: { value in
        var writer = FieldWriter()
        write(value, &writer)
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count >= byteCount else { return nil }
        var reader = FieldReader(bytes)
        return read(&reader)
      })
  }

  /// A coding for a value that can only be set.
  static func writeOnly(
    _ write: @escaping @Sendable (Value, inout FieldWriter) -> Void
  ) -> OptionCoding {
    OptionCoding(
      capacity: 0,
      encode: { value in
        var writer = FieldWriter()
        write(value, &writer)
        return writer.bytes
      }, decode: { _ in nil })
  }

  /// A coding for a value that can only be read.
  static func readOnly(
    _ byteCount: Int,
    capacity: Int? = nil,
    unit: StaticString = "",
    read: @escaping @Sendable (inout FieldReader) -> Value?
  ) -> OptionCoding {
    var coding = OptionCoding.structure(
      byteCount, capacity: capacity, unit: unit, write: { _, _ in }, read: read)
    coding.encode = { _ in nil }
    return coding
  }
}
