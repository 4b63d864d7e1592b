// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let arguments = CommandLine.arguments.dropFirst()
  let path = arguments.first ?? "/tmp/echo.socket"
  let words = arguments.dropFirst().first ?? "hello"

  let server = try ConnectedSocket.connected(to: .unix(path: path), deadline: .seconds(5))
  try server.write(words.utf8)
  try server.shutdown(.write)

  var buffer = [UInt8](repeating: 0, count: 4096)
  var answer: [UInt8] = []
  while case let count = try server.read(into: &buffer, deadline: .seconds(5)), count > 0 {
    answer += buffer[..<count]
  }
  print(String(decoding: answer, as: UTF8.self))
} catch {
  print("unix-echo-client:", error)
  exit(1)
}
