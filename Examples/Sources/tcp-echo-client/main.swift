// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let arguments = CommandLine.arguments.dropFirst()
  let address = try IPSocketAddress(parsing: arguments.first ?? "127.0.0.1:7000")
  let words = arguments.dropFirst().first ?? "hello"

  let socket = try Socket(.ipv4, .stream)
  let connection = try socket.connect(to: .ip(address))
  try connection.write(words.utf8)
  try connection.shutdown(.write)

  var buffer = [UInt8](repeating: 0, count: 4096)
  var answer: [UInt8] = []
  while true {
    let count = try connection.read(into: &buffer)
    if count == 0 { break }
    answer += buffer[..<count]
  }
  print(String(decoding: answer, as: UTF8.self))
  try connection.close()
} catch {
  print("tcp-echo-client:", error)
  exit(1)
}
