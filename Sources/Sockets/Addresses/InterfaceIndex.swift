// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The number of a network interface, unique on this machine while the interface exists.
///
/// The corresponding C functions are `if_nametoindex` and `if_indextoname`.
public struct InterfaceIndex: RawRepresentable, Hashable, Sendable {
  /// The kernel's number.
  public var rawValue: UInt32

  /// Makes an index from the kernel's number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// No certain interface: any of them, or the one that the kernel chooses.
  public static let any = InterfaceIndex(rawValue: 0)

  /// Asks the kernel for the interface of a name.
  ///
  /// The result is `nil` when no interface has the name.
  ///
  /// - Parameter name: the name, 1 to 15 bytes, for example `eth0`.
  public init?(name: String) {
    guard let index = Self.named(name.utf8.span, 0..<name.utf8.count) else { return nil }
    self = index
  }

  /// The interface's name now, asked of the kernel; `nil` when there is no such interface.
  ///
  /// A name that is not UTF-8 is `nil` too.
  public var name: String? {
    guard rawValue != 0 else { return nil }
    var buffer = Syscall.InterfaceNameBuffer(repeating: 0)
    guard Syscall.interfaceName(of: rawValue, &buffer) == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in buffer.indices {
      if buffer[index] == 0 { break }
      bytes.append(UInt8(bitPattern: buffer[index]))
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The longest name in bytes.
  ///
  /// The corresponding C constant is `IF_NAMESIZE`, which counts the NUL.
  static let maximumNameByteCount = 15

  /// Asks the kernel for the interface whose name fills the range.
  static func named(_ text: Span<UInt8>, _ range: Range<Int>) -> InterfaceIndex? {
    guard !range.isEmpty, range.count <= maximumNameByteCount else { return nil }
    var buffer = Syscall.InterfaceNameBuffer(repeating: 0)
    var count = 0
    for index in range {
      guard text[index] != 0 else { return nil }
      buffer[count] = CChar(bitPattern: text[index])
      count += 1
    }
    let index = Syscall.interfaceIndex(named: &buffer)
    guard index > 0, let number = UInt32(exactly: index) else { return nil }
    return InterfaceIndex(rawValue: number)
  }
}

// MARK: Text inside an address

extension InterfaceIndex {
  /// Whether the byte may stand in a name inside the text of an address.
  ///
  /// Linux allows more; an interface with such a name is written by its number.
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case ASCII.dot, ASCII.underscore, ASCII.hyphen, ASCII.plus, ASCII.at: true
    default: ASCII.isDigit(byte) || ASCII.isLetter(byte)
    }
  }

  /// Parses the name or the number that fills the range; digits only are a number.
  static func parse(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> InterfaceIndex {
    guard !range.isEmpty else { throw ParseFailure(.zoneMissing, at: range.lowerBound) }
    if text.isDecimal(range) {
      return InterfaceIndex(rawValue: try text.decimal(in: range, maximum: .max))
    }
    for index in range where !isNameByte(text[index]) {
      throw ParseFailure(.unexpectedCharacter, at: index)
    }
    guard range.count <= maximumNameByteCount else {
      throw ParseFailure(.zoneTooLong, at: range.lowerBound)
    }
    guard let index = named(text, range) else {
      throw ParseFailure(.zoneUnknown, at: range.lowerBound)
    }
    return index
  }

  /// The name where the parser would take it back for this interface, otherwise the number.
  var addressText: String {
    guard let name, !name.utf8.allSatisfy(ASCII.isDigit), name.utf8.allSatisfy(Self.isNameByte)
    else { return String(rawValue) }
    return name
  }
}

extension InterfaceIndex: CustomStringConvertible {
  /// The interface's name, or its number when it has none that can be written in an address.
  public var description: String { self == .any ? "*" : addressText }
}
