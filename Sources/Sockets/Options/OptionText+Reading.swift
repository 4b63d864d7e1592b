// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Values of options as people write them, for command lines. What has no short text (programs, keys, descriptors) is not here.

internal import SystemPackage

/// A type of option value that can be read from text.
protocol OptionTextReadable: Sendable {
  /// What is wanted, in a few words, for messages.
  static var optionForm: String { get }

  /// Reads a value; `nil` when the text is not one.
  init?(optionText: String)
}

/// Sets an option from text, whatever the type of its value.
struct OptionWriter: Sendable {
  /// What text is wanted.
  let form: String
  /// Whether a text is a value that fits the kernel's field.
  let canRead: @Sendable (String) -> Bool
  /// Sets it on a descriptor.
  let set: @Sendable (String, Int32) throws(SocketError) -> Void

  /// The writer of an option; `nil` when its values have no text.
  static func of<Value>(_ option: SocketOption<Value>) -> OptionWriter? {
    if let option = option as? SocketOption<Void> {
      return OptionWriter(
        form: "", canRead: \.isEmpty,
        set: { (_, descriptor) throws(SocketError) in
          try Options.set(option, to: (), of: descriptor)
        })
    }
    guard let type = Value.self as? any OptionTextReadable.Type else { return nil }
    return opened(type, option)
  }

  /// The writer of a control; `nil` when its values have no text.
  static func of<Value>(_ control: SocketControl<Value>) -> OptionWriter? {
    if let control = control as? SocketControl<Void> {
      return OptionWriter(
        form: "", canRead: \.isEmpty,
        set: { (_, descriptor) throws(SocketError) in
          try Options.set(control, to: (), of: descriptor)
        })
    }
    guard let type = Value.self as? any OptionTextReadable.Type else { return nil }
    return opened(type, control)
  }

  /// The same, where the type has a name.
  private static func opened<T: OptionTextReadable>(
    _ type: T.Type, _ setting: some Sendable
  ) -> OptionWriter? {
    if let option = setting as? SocketOption<T> {
      return OptionWriter(option.coding, option.cName, .setOption) {
        (value, descriptor) throws(SocketError) in
        try Options.set(option, to: value, of: descriptor)
      }
    }
    guard let control = setting as? SocketControl<T> else { return nil }
    return OptionWriter(control.coding, control.cName, .deviceControl) {
      (value, descriptor) throws(SocketError) in
      try Options.set(control, to: value, of: descriptor)
    }
  }

  private init(
    form: String, canRead: @escaping @Sendable (String) -> Bool,
    set: @escaping @Sendable (String, Int32) throws(SocketError) -> Void
  ) {
    self.form = form
    self.canRead = canRead
    self.set = set
  }

  private init<T: OptionTextReadable>(
    _ coding: OptionCoding<T>, _ cName: StaticText, _ operation: SocketError.Operation,
    _ write: @escaping @Sendable (T, Int32) throws(SocketError) -> Void
  ) {
    form = T.optionForm
    canRead = { T(optionText: $0).map { coding.encode($0) != nil } ?? false }
    set = { (text, descriptor) throws(SocketError) in
      guard let value = T(optionText: text) else {
        throw SocketError(operation, .malformed, subject: .option(cName))
      }
      try write(value, descriptor)
    }
  }
}

extension OptionCatalog.Entry {
  /// What text a value is written in, in a few words; `nil` for an option that cannot be set, or not by text.
  ///
  /// Empty for an option that acts and has no value.
  public var settableForm: String? { access == .readOnly ? nil : write?.form }

  /// Whether a text is a value of the option.
  ///
  /// - Parameter text: the value, in the form that ``settableForm`` names.
  /// - Returns: whether ``set(_:on:)`` would hand it to the kernel.
  ///
  /// The corresponding C function is `setsockopt`, which is not called here.
  public func canSet(_ text: String) -> Bool {
    settableForm != nil && write?.canRead(text) == true
  }

  /// Sets the option to a value that is given as text.
  ///
  /// - Parameters:
  ///   - text: the value, in the form that ``settableForm`` names.
  ///   - socket: the socket to change.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/malformed`` when the text is not a value; otherwise as
  ///   ``SocketOwner/setOption(_:to:)`` does, `ENOTSUP` for an option that has no settable form.
  ///
  /// The corresponding C function is `setsockopt`.
  public func set(
    _ text: String, on socket: borrowing some SocketOwner & ~Copyable
  ) throws(SocketError) {
    guard settableForm != nil, let write else {
      throw SocketError(.setOption, .system(.notSupported))
    }
    try write.set(text, socket.descriptor.rawValue)
  }
}

// MARK: Numbers

/// A whole number in digits, or in hexadecimal behind `0x`.
private func wholeNumber<Number: FixedWidthInteger>(_ text: String) -> Number? {
  text.hasPrefix("0x") ? Number(text.dropFirst(2), radix: 16) : Number(text)
}

extension Bool: OptionTextReadable {
  static var optionForm: String { "on or off" }
  init?(optionText: String) {
    switch optionText.lowercased() {
    case "on", "true", "yes", "1": self = true
    case "off", "false", "no", "0": self = false
    default: return nil
    }
  }
}

extension Int32: OptionTextReadable {
  static var optionForm: String { "NUMBER" }
  init?(optionText: String) {
    guard let number: Int32 = wholeNumber(optionText) else { return nil }
    self = number
  }
}

extension UInt32: OptionTextReadable {
  static var optionForm: String { "NUMBER" }
  init?(optionText: String) {
    guard let number: UInt32 = wholeNumber(optionText) else { return nil }
    self = number
  }
}

extension UInt64: OptionTextReadable {
  static var optionForm: String { "NUMBER" }
  init?(optionText: String) {
    guard let number: UInt64 = wholeNumber(optionText) else { return nil }
    self = number
  }
}

extension OptionTextReadable where Self: RawRepresentable, RawValue: FixedWidthInteger {
  static var optionForm: String { "NUMBER" }
  init?(optionText: String) {
    guard let number: RawValue = wholeNumber(optionText) else { return nil }
    self.init(rawValue: number)
  }
}

extension OptionTextReadable
where Self: RawRepresentable & CaseIterable, RawValue: FixedWidthInteger {
  static var optionForm: String { allCases.map { "\($0)" }.joined(separator: " or ") }
  init?(optionText: String) {
    let named = Self.allCases.first { "\($0)" == optionText }
    let number: RawValue? = wholeNumber(optionText)
    guard let value = named ?? number.flatMap(Self.init(rawValue:)) else { return nil }
    self = value
  }
}

extension PathMTUDiscovery: OptionTextReadable {}
extension UDPEncapsulation: OptionTextReadable {}
extension TimestampingFlags: OptionTextReadable {}
extension TCPRepair: OptionTextReadable {}
extension TCPQueue: OptionTextReadable {}
extension BufferLocks: OptionTextReadable {}
extension IPv6AddressPreferences: OptionTextReadable {}
extension PacketRingVersion: OptionTextReadable {}
extension TrafficClass: OptionTextReadable {}

// MARK: Times

extension Duration: OptionTextReadable {
  static var optionForm: String { "a time such as 5s, 200ms or 3us" }
  init?(optionText: String) {
    let units: [(String, Int64)] = [
      ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("", 1_000_000_000),
    ]
    for (unit, nanoseconds) in units where optionText.hasSuffix(unit) {
      let digits = optionText.dropLast(unit.utf8.count)
      guard digits.utf8.count <= 18, digits.utf8.allSatisfy(ASCII.isDigit),
        let count = Int64(digits)
      else { continue }
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: nanoseconds)
      guard !isTooLarge else { return nil }
      self = .nanoseconds(product)
      return
    }
    return nil
  }
}

extension Optional: OptionTextReadable where Wrapped == Duration {
  static var optionForm: String { "none, or \(Duration.optionForm)" }
  init?(optionText: String) {
    guard optionText != "none" else {
      self = .none
      return
    }
    guard let time = Duration(optionText: optionText) else { return nil }
    self = time
  }
}

// MARK: Names, bytes and addresses

extension String: OptionTextReadable {
  static var optionForm: String { "NAME" }
  init?(optionText: String) { self = optionText }
}

extension [UInt8]: OptionTextReadable {
  static var optionForm: String { "bytes in hexadecimal such as 01ab" }
  init?(optionText: String) {
    let digits = Array<Character>(optionText.filter { $0 != " " && $0 != ":" })
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(digits.dropFirst(start).prefix(2))
      guard pair.allSatisfy(\.isHexDigit), let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    self = bytes
  }
}

extension InterfaceIndex: OptionTextReadable {
  static var optionForm: String { "an INTERFACE of this machine" }
  init?(optionText: String) {
    if let number = UInt32(optionText) {
      self.init(rawValue: number)
    } else {
      self.init(name: optionText)
    }
  }
}

extension IPv4Address: OptionTextReadable {
  static var optionForm: String { "an IPv4 ADDRESS" }
  init?(optionText: String) { self.init(optionText) }
}

extension LocalPortRange: OptionTextReadable {
  static var optionForm: String { "LOWEST-HIGHEST" }
  init?(optionText: String) {
    let parts = optionText.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let lowest = parts.first.flatMap({ UInt16($0) }),
      let highest = parts.last.flatMap({ UInt16($0) })
    else { return nil }
    self.init(lowest: lowest, highest: highest)
  }
}

/// `GROUP`, or `GROUP%INTERFACE`.
private func membership(_ text: String) -> (group: IPAddress, interface: InterfaceIndex)? {
  let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
  guard let group = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
  guard parts.count == 2 else { return (group, .any) }
  return parts.last.flatMap { InterfaceIndex(optionText: String($0)) }.map { (group, $0) }
}

extension GroupMembership: OptionTextReadable {
  static var optionForm: String { "GROUP or GROUP%INTERFACE" }
  init?(optionText: String) {
    guard let (group, interface) = membership(optionText) else { return nil }
    self.init(group: group, interface: interface)
  }
}

extension IPv4Membership: OptionTextReadable {
  static var optionForm: String { "GROUP or GROUP%INTERFACE" }
  init?(optionText: String) {
    guard let (group, interface) = membership(optionText), case .ipv4(let address) = group else {
      return nil
    }
    self.init(group: address, interface: interface)
  }
}

extension IPv6Membership: OptionTextReadable {
  static var optionForm: String { "GROUP or GROUP%INTERFACE" }
  init?(optionText: String) {
    guard let (group, interface) = membership(optionText), case .ipv6(let address) = group else {
      return nil
    }
    self.init(group: address, interface: interface)
  }
}
