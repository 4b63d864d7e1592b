// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

extension SlowParser {
  // MARK: Unix

  static func unix(_ text: Text) -> UnixAddress? {
    if text == Text("(unnamed)") { return .unnamed }
    if let name = behind("@", text) {
      guard let bytes = unescaped(name), bytes.count <= 107 else { return nil }
      return try? UnixAddress(abstractBytes: bytes.span)
    }
    if let path = behind("(unterminated)", text) {
      guard let bytes = unescaped(path), bytes.count == 108, !bytes.contains(0) else { return nil }
      return try? UnixAddress(pathBytes: bytes.span, unterminated: true)
    }
    guard let bytes = unescaped(text), (1...107).contains(bytes.count), !bytes.contains(0) else {
      return nil
    }
    return try? UnixAddress(pathBytes: bytes.span)
  }

  private static func unescaped(_ text: Text) -> [UInt8]? {
    // Between backslashes that stand for themselves there are pieces of text; each piece may have \xNN.
    var bytes: [UInt8] = []
    var rest = text
    while let first = rest.first {
      if rest.starts(with: "\\\\") {
        bytes.append(0x5c)
        rest.removeFirst(2)
      } else if first == "\\" {
        guard rest.count >= 4, rest[1] == "x", isHexadecimal(Text(rest[2...3])),
          let byte = UInt8(String(rest[2...3]), radix: 16)
        else { return nil }
        bytes.append(byte)
        rest.removeFirst(4)
      } else {
        bytes.append(UInt8(first.unicodeScalars.reduce(0) { $0 + $1.value }))
        rest.removeFirst()
      }
    }
    return bytes
  }

  // MARK: Other families

  static func x25(_ text: Text) -> X25Address? {
    if text == ["*"] { return .any }
    if text == Text("(none)") { return X25Address.none }
    guard isDecimal(text), text.count <= 15 else { return nil }
    let zeros = [UInt8](repeating: 0, count: 16 - text.count)
    let family: [UInt8] = [9, 0]
    let bytes = family + text.compactMap(\.asciiValue) + zeros
    return SocketAddress(bytes: bytes).flatMap { X25Address(socketAddress: $0) }
  }

  static func vsock(_ text: Text) -> VsockAddress? {
    let (context, rest) = cut(text, ":")
    guard let rest, let contextID = numberOrAny(context) else { return nil }
    let (portText, flag) = cut(rest, "/")
    guard let port = numberOrAny(portText), flag == nil || flag == Text("to-host") else {
      return nil
    }
    return VsockAddress(
      contextID: .init(rawValue: contextID),
      port: port,
      goesToHost: flag != nil
    )
  }

  private static func numberOrAny(_ text: Text) -> UInt32? {
    text == ["*"] ? UInt32.max : decimal(text, Int(UInt32.max)).map { UInt32($0) }
  }

  static func netlink(_ text: Text) -> NetlinkAddress? {
    let (portText, fields) = cut(text, ",")
    guard let port = decimal(portText, Int(UInt32.max)) else { return nil }
    guard let fields else { return NetlinkAddress(portID: UInt32(port)) }
    guard let digits = behind("groups=", fields),
      let groups = hexadecimal(digits, Int(UInt32.max))
    else { return nil }
    return NetlinkAddress(portID: UInt32(port), groups: UInt32(groups))
  }

  static func hardware(_ text: Text) -> HardwareAddress? {
    if text.isEmpty { return HardwareAddress() }
    var bytes: [UInt8] = []
    for pair in split(text, ":") {
      guard pair.count == 2, isHexadecimal(pair), let byte = UInt8(String(pair), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return bytes.count <= 32 ? HardwareAddress(bytes: bytes.span) : nil
  }

  static func linkLayer(_ text: Text) -> LinkLayerAddress? {
    let pieces = split(text, ",")
    guard !text.isEmpty else { return nil }
    guard let index = pieces[0] == ["*"] ? .any : interface(pieces[0]) else { return nil }
    var address = LinkLayerAddress(interface: index)
    let order = ["ethertype", "hardware", "packet", "address"].map { Text($0) }
    var names = order[...]
    for piece in pieces.dropFirst() {
      let (name, value) = cut(piece, "=")
      guard let value, let place = names.firstIndex(of: name) else { return nil }
      names = names[(place + 1)...]
      switch place {
      case 0:
        guard let number = hexadecimal(value, 0xffff) else { return nil }
        address.etherType = UInt16(number)
      case 1:
        guard let number = decimal(value, 0xffff) else { return nil }
        address.hardwareType = UInt16(number)
      case 2:
        guard let number = decimal(value, 0xff) else { return nil }
        address.packetType = .init(rawValue: UInt8(number))
      default:
        guard let hardware = hardware(value) else { return nil }
        address.hardwareAddress = hardware
      }
    }
    return address
  }
}
