// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

// Options by their numbers, as a program makes those that have no name in the package.

extension SocketOption where Value == String {
  static var bindToDevice: Self {
    Self(
      level: 1,
      name: 25,
      cName: "SO_BINDTODEVICE",
      coding: OptionCoding(
        capacity: 16,
        encode: { Array($0.utf8) + [0] },
        decode: { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      )
    )
  }
}

extension SocketOption where Value == Bool {
  static var broadcast: Self { Self(level: 1, name: 6, cName: "SO_BROADCAST", coding: .flag) }
}
