// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let wire = try ConnectedSocket.pair()
  try wire.first.write("hello".utf8)

  var buffer = [UInt8](repeating: 0, count: 100)
  let count = try wire.second.read(into: &buffer)
  print("the other end read:", String(decoding: buffer[..<count], as: UTF8.self))
} catch {
  print("two-ends:", error)
  exit(1)
}
