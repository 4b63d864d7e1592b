// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let arguments = CommandLine.arguments.dropFirst()
  let called = try X25Address(parsing: arguments.first ?? "2001")
  let calling = try X25Address(parsing: arguments.dropFirst().first ?? "1001")
  let words = arguments.dropFirst(2).first ?? "hello"

  // The kernel does not choose an address for the caller, as IP does: bind first.
  let socket = try Socket(.x25, .sequencedPacket).bind(to: .x25(calling))
  let call = try socket.connect(to: .x25(called), deadline: .seconds(5))
  try call.write(words.utf8)

  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = try call.read(into: &buffer, deadline: .seconds(5))
  print(String(decoding: buffer[..<count], as: UTF8.self))
  // Closing clears the call.
  try call.close()
} catch {
  print("x25-echo-client:", error)
  exit(1)
}
