// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let port = try Port(parsing: CommandLine.arguments.dropFirst().first ?? "7000")
  let socket = try MessageSocket(.ipv4, .datagram)
  try socket.bind(to: .ipv4(.loopback, port: port))
  print("listening on", try socket.localAddress())

  // As large as a datagram can be: what does not fit would be lost.
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let datagram = try socket.receiveDatagram(into: &buffer)
    try socket.sendDatagram(buffer[..<datagram.byteCount], to: datagram.sender)
  }
} catch {
  print("udp-echo-server:", error)
  exit(1)
}
