// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

// Options by their numbers, as a program makes those that have no name in the package.

extension SocketOption where Value == String {
  static var bindToDevice: Self {
    Self(
      level: 1, name: 25, cName: "SO_BINDTODEVICE",
      coding: OptionCoding(
        capacity: 16,
        encode: { Array($0.utf8) + [0] },
        decode: { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }))
  }
}

extension SocketOption where Value == Bool {
  static var broadcast: Self { Self(level: 1, name: 6, cName: "SO_BROADCAST", coding: .flag) }
  static var passCredentials: Self { Self(level: 1, name: 16, cName: "SO_PASSCRED", coding: .flag) }
  static var receiveErrorsIPv4: Self {
    Self(level: 0, name: 11, cName: "IP_RECVERR", coding: .flag)
  }
  static var receiveErrorsIPv6: Self {
    Self(level: 41, name: 25, cName: "IPV6_RECVERR", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  static var pathMTUDiscoveryIPv4: Self {
    Self(level: 0, name: 10, cName: "IP_MTU_DISCOVER", coding: .integer)
  }
  static var pathMTUDiscoveryIPv6: Self {
    Self(level: 41, name: 23, cName: "IPV6_MTU_DISCOVER", coding: .integer)
  }
  static var mtuIPv4: Self { Self(level: 0, name: 14, cName: "IP_MTU", coding: .integer) }
  static var mtuIPv6: Self { Self(level: 41, name: 24, cName: "IPV6_MTU", coding: .integer) }
}

extension SocketOption where Value == [UInt8] {
  static func bytes(_ level: Int32, _ name: Int32, _ cName: StaticString) -> Self {
    Self(
      level: level, name: name, cName: cName,
      coding: OptionCoding(capacity: 512, encode: { $0 }, decode: { $0 }))
  }
}
