// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

extension SocketAddress {
  /// An address of the given bytes.
  init(bytesOf bytes: [UInt8]) {
    self = unsafe SocketAddress(bytes: bytes.span.bytes) ?? SocketAddress()
  }

  /// 127.0.0.1 or ::1 with a port that the kernel chooses.
  static func loopback(_ family: AddressFamily) -> SocketAddress {
    switch family {
    case .ipv4: SocketAddress(bytesOf: [2, 0, 0, 0, 127, 0, 0, 1] + Array(repeating: 0, count: 8))
    case .ipv6:
      SocketAddress(
        bytesOf: [10, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 0, count: 15) + [1, 0, 0, 0, 0]
      )
    // The kernel chooses an abstract name.
    default: SocketAddress(bytesOf: [1, 0])
    }
  }
}

extension ConnectedSocket {
  /// Reads so many bytes to the beginning of the buffer.
  func read(exactlyInto buffer: inout [UInt8], upTo count: Int) throws {
    var part = [UInt8](repeating: 0, count: count)
    try read(exactlyInto: &part, deadline: .patience)
    buffer.replaceSubrange(..<count, with: part)
  }
}

extension SocketOption where Value == Bool {
  /// A switch by its numbers.
  static func flag(_ level: Int32, _ name: Int32, _ cName: StaticString) -> SocketOption<Bool> {
    SocketOption(level: level, name: name, cName: cName, coding: .flag)
  }
}
