// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let wire = try ConnectedSocket.pair()

  // A stream has no borders: what was written in two pieces may come in one.
  try wire.first.write("one".utf8)
  try wire.first.write("two".utf8)
  var buffer = [UInt8](repeating: 0, count: 100)
  var count = try wire.second.read(into: &buffer)
  print("two writes, one read: \(count) bytes,", String(decoding: buffer[..<count], as: UTF8.self))

  // And what was written in one piece may come in several.
  try wire.first.write("three".utf8)
  var small = [UInt8](repeating: 0, count: 2)
  for _ in 1...3 {
    count = try wire.second.read(into: &small)
    print(
      "one write, many reads: \(count) bytes,", String(decoding: small[..<count], as: UTF8.self))
  }

  // If you know how much must come, ask for exactly that.
  try wire.first.write("fo".utf8)
  try wire.first.write("ur".utf8)
  var four = [UInt8](repeating: 0, count: 4)
  try wire.second.read(exactlyInto: &four)
  print("exactly 4 bytes:", String(decoding: four, as: UTF8.self))

  // Zero is the end: the other side will write no more.
  try wire.first.shutdown(.write)
  count = try wire.second.read(into: &buffer)
  print("the end: \(count) bytes")
} catch {
  print("counts:", error)
  exit(1)
}
