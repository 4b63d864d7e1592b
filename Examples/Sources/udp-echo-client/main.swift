// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

/// Sends, and waits for the answer; again when none comes, for a datagram may get lost on either way.
func ask(_ words: String, by socket: borrowing MessageSocket) throws -> String? {
  var buffer = [UInt8](repeating: 0, count: 65_536)
  for _ in 1...3 {
    try socket.write(words.utf8)
    do {
      let count = try socket.read(into: &buffer, deadline: .seconds(1))
      return String(decoding: buffer[..<count], as: UTF8.self)
    } catch {
      guard error.cause == .deadlinePassed else { throw error }
    }
  }
  return nil
}

do {
  let arguments = CommandLine.arguments.dropFirst()
  let address = try IPSocketAddress(parsing: arguments.first ?? "127.0.0.1:7000")
  let words = arguments.dropFirst().first ?? "hello"

  let socket = try MessageSocket(.ipv4, .datagram)
  try socket.connect(to: .ip(address))
  print(try ask(words, by: socket) ?? "no answer")
} catch {
  print("udp-echo-client:", error)
  exit(1)
}
