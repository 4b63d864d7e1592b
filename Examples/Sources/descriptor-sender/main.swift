// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let arguments = CommandLine.arguments.dropFirst()
  let path = arguments.first ?? "/tmp/descriptors.socket"
  let port = try Port(parsing: arguments.dropFirst().first ?? "7000")

  let receiver = try ConnectedSocket.connected(to: .unix(path: path), deadline: .seconds(5))
  let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: port))
  print("listening on", try listener.localAddress())

  // The client is accepted here and served there: what travels is its open connection.
  let client = try listener.accept()
  try receiver.sendDescriptor(of: client, with: "a client from process \(getpid())".utf8)
  // Our own descriptor closes here; the receiver's is another one of the same connection.
} catch {
  print("descriptor-sender:", error)
  exit(1)
}
