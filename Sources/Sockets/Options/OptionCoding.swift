// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

// The codings of plain values: numbers, names, lengths of time. Those of structures stand beside their types.

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
  /// A C `int` without a unit.
  ///
  /// An answer of one byte, as `IP_MULTICAST_TTL` may give, is read as well.
  ///
  /// The corresponding C type is `int`.
  public static var integer: OptionCoding<Int32> { .integer(unit: "") }

  /// A C `int`.
  ///
  /// - Parameter unit: what it counts.
  /// - Returns: the coding.
  ///
  /// The corresponding C type is `int`.
  public static func integer(unit: StaticString) -> OptionCoding<Int32> {
    OptionCoding(
      capacity: 4, unit: unit,
      encode: { value in
        var writer = FieldWriter()
        writer.put(value)
        return writer.bytes
      },
      decode: { bytes in
        if bytes.count == 1 { return bytes.first.map(Int32.init) }
        guard bytes.count == 4 else { return nil }
        var reader = FieldReader(bytes)
        return reader.take()
      }
    )
  }
}

extension OptionCoding where Value == UInt32 {
  /// A C `unsigned int`.
  ///
  /// - Parameter unit: what it counts.
  /// - Returns: the coding.
  ///
  /// The corresponding C type is `unsigned int`.
  public static func unsigned(unit: StaticString) -> OptionCoding<UInt32> {
    .structure(4, unit: unit, write: { $1.put($0) }, read: { $0.take() })
  }
}

extension OptionCoding where Value == UInt64 {
  /// An `unsigned` number of 64 bits without a unit.
  ///
  /// The corresponding C type is `uint64_t`.
  public static var unsigned64: OptionCoding<UInt64> { .unsigned64(unit: "") }

  /// An `unsigned` number of 64 bits.
  ///
  /// - Parameter unit: what it counts.
  /// - Returns: the coding.
  ///
  /// The corresponding C type is `uint64_t`.
  public static func unsigned64(unit: StaticString) -> OptionCoding<UInt64> {
    .structure(8, unit: unit, write: { $1.put($0) }, read: { $0.take() })
  }
}

extension OptionCoding where Value == TrafficClass {
  /// One byte in a C `int`.
  static var trafficClass: OptionCoding<TrafficClass> {
    OptionCoding(
      capacity: 4,
      encode: { OptionCoding<Int32>.integer.encode(Int32($0.rawValue)) },
      decode: { bytes in
        OptionCoding<Int32>.integer.decode(bytes).flatMap { UInt8(exactly: $0) }
          .map { TrafficClass(rawValue: $0) }
      })
  }
}

extension OptionCoding where Value: RawRepresentable, Value.RawValue == Int32 {
  /// A number that has a type of its own, in a C `int`.
  static var number: OptionCoding<Value> {
    .structure(4, write: { $1.put($0.rawValue) }, read: { Value(rawValue: $0.take()) })
  }
}

extension OptionCoding where Value: OptionSet, Value.RawValue == Int32 {
  /// A set of bits in a C `int`.
  static var optionSet: OptionCoding<Value> { .number }
}

extension OptionCoding where Value == AddressFamily {
  /// An address family in a C `int`.
  static var family: OptionCoding<AddressFamily> {
    .structure(
      4, write: { $1.put(Int32($0.rawValue)) },
      read: { reader in
        UInt16(exactly: reader.take(Int32.self)).map { AddressFamily(rawValue: $0) }
      })
  }
}

extension OptionCoding where Value == Errno? {
  /// A C error in a C `int`; zero is none.
  static var errno: OptionCoding<Errno?> {
    .readOnly(4) { reader in
      let number: Int32 = reader.take()
      return .some(number == 0 ? nil : Errno(rawValue: number))
    }
  }
}

extension OptionCoding where Value == FileDescriptor {
  /// A descriptor in a C `int`, lent for the call.
  static var descriptor: OptionCoding<FileDescriptor> { .writeOnly { $1.put($0.rawValue) } }
}

extension OptionCoding where Value == Void {
  /// An option that acts and has no value.
  static var nothing: OptionCoding<Void> { .writeOnly { $1.put(Int32(0)) } }
}

extension OptionCoding where Value == InterfaceIndex {
  /// An interface's number in a C `int`.
  static var interfaceIndex: OptionCoding<InterfaceIndex> {
    .structure(
      4, write: { $1.put($0.rawValue) }, read: { InterfaceIndex(rawValue: $0.take()) })
  }

  /// The same in network byte order, as `IP_UNICAST_IF` takes and gives it.
  static var interfaceIndexInNetworkOrder: OptionCoding<InterfaceIndex> {
    .structure(
      4, write: { $1.put($0.rawValue.bigEndian) },
      read: { InterfaceIndex(rawValue: UInt32(bigEndian: $0.take())) })
  }
}

extension OptionCoding where Value == SocketAddress {
  /// A socket address as the kernel gives it.
  static var address: OptionCoding<SocketAddress> {
    OptionCoding(
      capacity: SocketAddress.maximumByteCount, encode: { _ in nil },
      decode: { SocketAddress(bytes: $0) })
  }
}

extension OptionCoding where Value == [UInt8] {
  /// Bytes as they are.
  ///
  /// - Parameter capacity: the most that the kernel gives and takes.
  /// - Returns: the coding.
  static func bytes(_ capacity: Int) -> OptionCoding<[UInt8]> {
    OptionCoding(
      capacity: capacity, unit: "bytes", encode: { $0.count <= capacity ? $0 : nil },
      decode: { $0 })
  }
}

extension OptionCoding where Value == [UInt32] {
  /// Group numbers, as many as there are.
  static var groups: OptionCoding<[UInt32]> {
    .readOnly(0, capacity: 256) { reader in
      var groups: [UInt32] = []
      while reader.remaining >= 4 { groups.append(reader.take()) }
      return groups
    }
  }
}

// MARK: Names

extension OptionCoding where Value == String {
  /// A name of less than `capacity` bytes that ends with a NUL, in a field of that size.
  ///
  /// - Parameter capacity: the size of the field, the NUL included.
  /// - Returns: the coding; a name that is too long or has a NUL inside does not fit.
  static func name(_ capacity: Int) -> OptionCoding<String> {
    OptionCoding(
      capacity: capacity,
      encode: { name in
        let bytes = Array(name.utf8)
        return bytes.count < capacity && !bytes.contains(0) ? bytes + [0] : nil
      },
      decode: { bytes in String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) })
  }

  /// The name of a network interface.
  static var deviceName: OptionCoding<String> { .name(16) }
  /// The name of a congestion control algorithm (`TCP_CA_NAME_MAX`).
  static var congestionName: OptionCoding<String> { .name(16) }
  /// The name of an upper layer protocol (`TCP_ULP_NAME_MAX`).
  static var layerName: OptionCoding<String> { .name(16) }
  /// The label of a security module.
  static var label: OptionCoding<String> { .name(256) }
}
