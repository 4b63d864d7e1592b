// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let address = try X25Address(parsing: CommandLine.arguments.dropFirst().first ?? "2001")
  // X.25 has neither streams nor datagrams: a call carries records, each of which comes whole.
  let listener = try Socket(.x25, .sequencedPacket).bind(to: .x25(address)).listen()
  print("listening on", try listener.localAddress())

  while true {
    var caller = SocketAddress()
    let call = try listener.accept(from: &caller)
    print("a call from", caller)
    do {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = try call.read(into: &buffer)
        try call.write(buffer[..<count])
      }
    } catch {
      // A stream would end with zero bytes; the end of a call is this error.
      print(error.errno == .socketNotConnected ? "the call was cleared" : "one call less: \(error)")
    }
  }
} catch {
  print("x25-echo-server:", error)
  exit(1)
}
