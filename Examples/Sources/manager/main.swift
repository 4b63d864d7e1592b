// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets

/// The agents that have been heard of, by their addresses.
actor Agents {
  private var known: [SocketAddress: Int] = [:]

  func heard(from address: SocketAddress) { known[address] = 0 }

  /// Those to be asked now; one that has not answered three times is forgotten.
  func toBeAsked() -> [SocketAddress] {
    for (address, silence) in known {
      known[address] = silence >= 3 ? nil : silence + 1
    }
    return Array(known.keys)
  }
}

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let place = try Endpoint(parsing: arguments.first ?? "udp://127.0.0.1:7000")
  let rounds = Int(arguments.count > 1 ? arguments[1] : "") ?? 3
  guard let address = place.socketAddress else { throw SocketError(.bind, .wrongAddressFamily) }
  let socket = try await DatagramSocket.bind(to: address)
  print("listening on", try socket.localAddress())
  let agents = Agents()

  try await withThrowingTaskGroup { group in
    group.addTask {
      for try await datagram in socket.datagrams(limit: 512) {
        await agents.heard(from: datagram.sender)
        print(String(decoding: datagram.bytes, as: UTF8.self))
      }
    }
    for _ in 0..<rounds {
      try await Task.sleep(for: .milliseconds(200))
      for agent in await agents.toBeAsked() {
        try? await socket.send("how are you?".utf8, to: agent, deadline: .seconds(1))
      }
    }
    try await Task.sleep(for: .milliseconds(200))
    // Ends the other task as well.
    try await socket.close()
  }
} catch {
  print("manager:", error)
  exit(1)
}
