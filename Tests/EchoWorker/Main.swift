// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

/// Sends back what comes, behind its own process number; ends badly when it is told `die`.
@main
enum EchoWorker {
  static func main() throws {
    guard let channel = try WorkerChannel.fromEnvironment() else {
      print("not started by a server")
      return
    }
    _ = try channel.serve(by: .threads(atMost: 8)) { connection, _ in
      var buffer = [UInt8](repeating: 0, count: 256)
      while case let count = try connection.read(into: &buffer), count > 0 {
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        if text == "die" { raise(SIGKILL) }
        try connection.write("\(channel.workerNumber): \(text)".utf8)
      }
    }
  }
}
