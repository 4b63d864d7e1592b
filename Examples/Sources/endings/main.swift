// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
  let address = try listener.localAddress()
  var buffer = [UInt8](repeating: 0, count: 100)

  // The good end: one side says that it has finished, and still hears the answer.
  let asker = try ConnectedSocket.connected(to: address)
  let answerer = try listener.accept()
  try asker.write("what is six times seven?".utf8)
  try asker.shutdown(.write)
  while try answerer.read(into: &buffer) > 0 {}
  try answerer.write("42".utf8)
  try answerer.close()
  let count = try asker.read(into: &buffer)
  print("after the half-close came:", String(decoding: buffer[..<count], as: UTF8.self))
  print("and then the end:", try asker.read(into: &buffer))
  try asker.close()

  // The bad end: one side closes with bytes waiting that it has not read.
  let talker = try ConnectedSocket.connected(to: address)
  let ignorer = try listener.accept()
  try talker.write("are you listening?".utf8)
  try ignorer.close()
  do {
    _ = try talker.read(into: &buffer)
  } catch {
    print(error)
  }

  // What lingers: the side that closes first keeps the pair of addresses for a minute.
  let client = try ConnectedSocket.connected(to: address)
  try listener.accept().close()
  try client.close()
  try listener.close()
  do {
    _ = try Socket(.ipv4).bind(to: address)
  } catch {
    print("bind: the port is still in use, though nobody listens")
  }
  _ = try ListeningSocket.bound(to: address)
  print("bind with SO_REUSEADDR: the port is ours again")
} catch {
  print("endings:", error)
  exit(1)
}
