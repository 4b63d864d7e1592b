// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

do {
  let path = CommandLine.arguments.dropFirst().first ?? "/tmp/echo.socket"
  // Only our own user may connect; a socket that an earlier run left behind is replaced.
  let access = UnixPathAccess(permissions: .ownerReadWrite)
  let listener = try ListeningSocket.bound(to: .unix(path: path), access: access)
  print("listening on", try listener.localAddress())

  _ = try listener.serve { connection, _ in
    // The kernel knows who is at the other end.
    let client = try connection.option(.peerCredentials)
    print("a client: process \(client.processID) of user \(client.userID)")
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = try connection.read(into: &buffer), count > 0 {
      try connection.write(buffer[..<count])
    }
  }
} catch {
  print("unix-echo-server:", error)
  exit(1)
}
