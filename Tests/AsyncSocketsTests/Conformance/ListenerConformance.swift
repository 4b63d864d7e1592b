// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// What every back end does alike with a listener, its clients and its process.
@Suite(.serialized) struct ListenerConformance {
  @Test(arguments: Case.tcp.filter { !$0.isReversed })
  func whereNobodyListensACallIsRefused(_ setting: Case) async throws {
    try await setting.run { backEnd, address in
      let nobody = try DeafPort(address)
      let deaf = nobody.address
      await #expect(
        throws: SocketError(.connect, .system(.connectionRefused), subject: .address(deaf))
      ) {
        _ = try await backEnd.connect(to: deaf, .stream, deadline: .patience)
      }
    }
  }

  @Test(arguments: Case.listeners)
  func anAcceptEndsAtItsDeadlineAndTheNextOneWorks(_ setting: Case) async throws {
    try await setting.run { backEnd, address in
      let type = setting.carrier.type
      let listener = try await backEnd.listen(at: address, type, backlog: nil)
      for deadline in [Deadline.milliseconds(-1000), .now, .milliseconds(5)] {
        await #expect(throws: SocketError(.accept, .deadlinePassed)) {
          _ = try await listener.take(deadline: deadline)
        }
      }
      async let accepting = listener.take(deadline: .patience)
      let client = try await backEnd.connect(to: listener.address, type, deadline: .patience)
      let server = try await accepting
      try await client.write([1])
      #expect(try await server.bytes() == [1])
      try await client.close()
      try await server.close()
      try await listener.end()
    }
  }

  private static let full = Case.listeners.filter { $0.carrier == .tcp4 || $0.carrier == .unixPath }

  /// More clients than the backlog holds: the first are served as if nothing were, the others wait and none is lost.
  @Test(arguments: full)
  func aBacklogThatIsFullMakesClientsWait(_ setting: Case) async throws {
    try await setting.run { backEnd, address in
      let type = setting.carrier.type
      let listener = try await backEnd.listen(at: address, type, backlog: 1)
      let place = try listener.address
      var clients: [any Wire] = []
      var waiting = 0
      for number in 0..<6 {
        do {
          let client = try await backEnd.connect(to: place, type, deadline: .milliseconds(40))
          try await client.write([UInt8(number)])
          clients.append(client)
        } catch {
          let cause = (error as? SocketError)?.cause
          #expect(cause == .deadlinePassed, "\(error)")
          waiting += 1
        }
      }
      #expect(!clients.isEmpty && waiting > 0)
      var heard: Set<UInt8> = []
      for _ in clients {
        let server = try await listener.take(deadline: .patience)
        heard.formUnion(try await server.bytes())
        try await server.close()
      }
      #expect(heard.count == clients.count)
      // There is room again.
      let next = try await backEnd.connect(to: place, type, deadline: .patience)
      try await next.write([99])
      var last: [UInt8] = []
      // Who gave up may have been let in meanwhile.
      while last != [99] {
        let server = try await listener.take(deadline: .patience)
        last = try await server.bytes()
        try await server.close()
      }
      for client in clients { try await client.close() }
      try await next.close()
      try await listener.end()
    }
  }

  /// What a process starts gets none of its sockets.
  @Test(arguments: Case.listeners)
  func aProgramThatIsStartedInheritsNothing(_ setting: Case) async throws {
    try await setting.run { backEnd, address in
      let type = setting.carrier.type
      let listener = try await backEnd.listen(at: address, type, backlog: nil)
      let client = try await backEnd.connect(to: listener.address, type, deadline: .patience)
      let server = try await listener.take(deadline: .patience)
      let listing = try ChildProcess("ls", ["-l", "/proc/self/fd"])
      #expect(try listing.waitForExit() == 0)
      // Its standard input is the test's own socket.
      let sockets = listing.text.split(separator: "\n").filter {
        $0.contains("socket:") && !$0.contains(" 0 -> ")
      }
      #expect(sockets == [])
      #expect(!listing.text.contains("anon_inode"))
      try await client.close()
      try await server.close()
      try await listener.end()
    }
  }
}
