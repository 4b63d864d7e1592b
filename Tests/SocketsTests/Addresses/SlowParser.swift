// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// The slow twin of the library's parsers: arrays of characters, split and compared, obviously right.
///
/// It says only what a text is, not why it is nothing. A character here is one UTF-8 byte, so that no two
/// bytes of the input are ever taken together.
enum SlowParser {
  typealias Text = [Character]

  static func characters(_ text: String) -> Text {
    text.utf8.map { Character(Unicode.Scalar($0)) }
  }

  // MARK: Pieces

  private static let digits = Text("0123456789")
  private static let hexadecimalDigits = Text("0123456789abcdefABCDEF")
  private static let letters = Text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  static func isDecimal(_ text: Text) -> Bool {
    !text.isEmpty && text.allSatisfy { digits.contains($0) }
  }

  static func isHexadecimal(_ text: Text) -> Bool {
    !text.isEmpty && text.allSatisfy { hexadecimalDigits.contains($0) }
  }

  static func split(_ text: Text, _ separator: Character) -> [Text] {
    text.split(separator: separator, omittingEmptySubsequences: false).map { Text($0) }
  }

  /// The text before the first separator and the text behind it, if there is one.
  static func cut(_ text: Text, _ separator: Character) -> (before: Text, after: Text?) {
    let pieces = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
    return (Text(pieces[0]), pieces.count == 2 ? Text(pieces[1]) : nil)
  }

  static func behind(_ prefix: String, _ text: Text) -> Text? {
    text.starts(with: prefix) ? Text(text.dropFirst(prefix.count)) : nil
  }

  static func decimal(_ text: Text, _ maximum: Int) -> Int? {
    guard isDecimal(text), text == ["0"] || text[0] != "0", text.count <= 10 else { return nil }
    guard let number = Int(String(text)), number <= maximum else { return nil }
    return number
  }

  /// `0x` and one to eight digits.
  static func hexadecimal(_ text: Text, _ maximum: Int) -> Int? {
    guard let rest = behind("0x", text), isHexadecimal(rest), rest.count <= 8 else { return nil }
    guard let number = Int(String(rest), radix: 16), number <= maximum else { return nil }
    return number
  }

  // MARK: IP

  static func ipv4(_ text: Text) -> IPv4Address? {
    let parts = split(text, ".").map { decimal($0, 255) }
    guard parts.count == 4 else { return nil }
    let numbers = parts.compactMap { $0 }.map { UInt8($0) }
    guard numbers.count == 4 else { return nil }
    return IPv4Address(numbers[0], numbers[1], numbers[2], numbers[3])
  }

  static func interface(_ text: Text) -> InterfaceIndex? {
    if isDecimal(text) {
      return decimal(text, Int(UInt32.max)).map { InterfaceIndex(rawValue: UInt32($0)) }
    }
    let allowed = letters + digits + Text("._-+@")
    guard text.allSatisfy({ allowed.contains($0) }), text.count <= 15 else { return nil }
    return InterfaceIndex(name: String(text))
  }

  static func ipv6(_ text: Text) -> IPv6Address? {
    let (address, zoneText) = cut(text, "%")
    guard var result = ipv6WithoutZone(address) else { return nil }
    guard let zoneText else { return result }
    guard let zone = interface(zoneText) else { return nil }
    result.zone = zone.rawValue
    return result
  }

  private static func ipv6WithoutZone(_ text: Text) -> IPv6Address? {
    var text = text
    // An IPv4 address at the end is two groups, written otherwise.
    if text.contains(".") {
      guard let colon = text.lastIndex(of: ":") else { return nil }
      guard let inner = ipv4(Text(text[(colon + 1)...])) else { return nil }
      let high = String(inner.bits >> 16, radix: 16)
      let low = String(inner.bits & 0xffff, radix: 16)
      text = Text(text[...colon]) + Text(high + ":" + low)
    }
    let gaps = text.indices.dropLast().filter { text[$0] == ":" && text[$0 + 1] == ":" }
    if gaps.isEmpty {
      guard let groups = groups(text), groups.count == 8 else { return nil }
      return address(groups)
    }
    guard gaps.count == 1 else { return nil }
    let left = Text(text[..<gaps[0]])
    let right = Text(text[(gaps[0] + 2)...])
    guard let first = left.isEmpty ? [] : groups(left) else { return nil }
    guard let last = right.isEmpty ? [] : groups(right) else { return nil }
    guard first.count + last.count <= 7 else { return nil }
    return address(first + Array(repeating: 0, count: 8 - first.count - last.count) + last)
  }

  private static func groups(_ text: Text) -> [UInt16]? {
    var result: [UInt16] = []
    for piece in split(text, ":") {
      guard isHexadecimal(piece), piece.count <= 4 else { return nil }
      guard let value = UInt16(String(piece), radix: 16) else { return nil }
      result.append(value)
    }
    return result
  }

  private static func address(_ groups: [UInt16]) -> IPv6Address {
    IPv6Address(bits: groups.reduce(UInt128(0)) { $0 * 65536 + UInt128($1) })
  }

  static func ip(_ text: Text) -> IPAddress? {
    text.contains(":") ? ipv6(text).map(IPAddress.ipv6) : ipv4(text).map(IPAddress.ipv4)
  }

  static func prefix(_ text: Text) -> IPPrefix? {
    let (addressText, lengthText) = cut(text, "/")
    guard !addressText.contains("%"), let address = ip(addressText), let lengthText else {
      return nil
    }
    let bits: Text
    switch address {
    case .ipv4(let address): bits = binary(UInt128(address.bits), 32)
    case .ipv6(let address): bits = binary(address.bits, 128)
    }
    guard let length = decimal(lengthText, bits.count) else { return nil }
    guard bits.dropFirst(length).allSatisfy({ $0 == "0" }) else { return nil }
    return IPPrefix(address, length: length)
  }

  private static func binary(_ number: UInt128, _ width: Int) -> Text {
    let text = Text(String(number, radix: 2))
    return Text(repeating: "0", count: width - text.count) + text
  }

  static func port(_ text: Text) -> Port? { decimal(text, 65535).map { Port(UInt16($0)) } }

  static func ipSocketAddress(_ text: Text) -> IPSocketAddress? {
    guard let inside = behind("[", text) else {
      let (host, service) = cut(text, ":")
      guard let address = ipv4(host), let service, let port = port(service) else { return nil }
      return IPSocketAddress(address, port: port)
    }
    let (host, rest) = cut(inside, "]")
    guard let address = ipv6(host), let rest, let service = behind(":", rest) else { return nil }
    let (portText, flowText) = cut(service, "/")
    guard let port = port(portText) else { return nil }
    guard let flowText else { return IPSocketAddress(address, port: port) }
    guard let digits = behind("flow=", flowText),
      let flow = hexadecimal(digits, Int(UInt32.max))
    else { return nil }
    return IPSocketAddress(address, port: port, flowInformation: UInt32(flow))
  }
}
