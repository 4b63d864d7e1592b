// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The text of an option's value, for people.
enum OptionText {
  /// A value as text, with its unit where it is a number.
  static func text(_ value: some Any, unit: String) -> String {
    if let text = plain(value) { return text }
    if let text = list(value) { return text }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      guard let wrapped = mirror.children.first?.value else { return "none" }
      return text(wrapped, unit: unit)
    }
    if mirror.displayStyle == .struct, !(value is any CustomStringConvertible) {
      return fields(of: mirror)
    }
    let text = String(describing: value)
    // What is counted stands behind its number; what is numbered (a mark, a processor) does not.
    let isCounted = unit.hasSuffix("s") || unit.contains(" per ")
    return isCounted && value is any BinaryInteger ? "\(text) \(unit)" : text
  }

  /// Truth values, sets of bits, and texts.
  private static func plain(_ value: some Any) -> String? {
    switch value {
    case let flag as Bool: flag ? "on" : "off"
    case let text as String: text.isEmpty ? "none" : text
    case let time as Duration: time.description
    case let number as any OptionSet & RawRepresentable<Int32>: hexadecimal(number.rawValue)
    case let number as any OptionSet & RawRepresentable<UInt8>: hexadecimal(number.rawValue)
    case let number as any OptionSet & RawRepresentable<UInt16>: hexadecimal(number.rawValue)
    case let convertible as any CustomStringConvertible & RawRepresentable:
      convertible.description
    default: nil
    }
  }

  private static func list(_ value: some Any) -> String? {
    switch value {
    case let bytes as [UInt8]:
      bytes.isEmpty ? "none" : bytes.map { twoDigits($0) }.joined(separator: " ")
    case let program as [FilterInstruction]:
      program.isEmpty ? "none" : "\(program.count) instructions"
    case let items as [any Sendable]:
      items.isEmpty ? "none" : items.map { text($0, unit: "") }.joined(separator: "; ")
    default: nil
    }
  }

  /// The fields of a structure: `name value, name value`.
  private static func fields(of mirror: Mirror) -> String {
    mirror.children.map { child in
      let value = text(child.value, unit: "")
      return child.label == "rawValue" ? value : "\(child.label ?? "") \(value)"
    }.joined(separator: ", ")
  }

  private static func hexadecimal(_ number: some BinaryInteger) -> String {
    "0x" + String(number, radix: 16)
  }

  private static func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
