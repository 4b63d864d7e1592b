// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let path = CommandLine.arguments.dropFirst().first ?? "/tmp/descriptors.socket"
  let listener = try ListeningSocket.bound(to: .unix(path: path))
  print("listening on", try listener.localAddress())

  let sender = try listener.accept()
  var buffer = [UInt8](repeating: 0, count: 100)
  var message = try sender.receiveDescriptors(into: &buffer)
  print("received:", String(decoding: buffer[..<message.byteCount], as: UTF8.self))

  guard let descriptor = message.descriptors.takeFirst() else {
    print("descriptor-receiver: no descriptor came")
    exit(1)
  }
  let client = try descriptor.connectedSocket()
  try client.write("hello from process \(getpid())\n".utf8)
  try client.close()
} catch {
  print("descriptor-receiver:", error)
  exit(1)
}
