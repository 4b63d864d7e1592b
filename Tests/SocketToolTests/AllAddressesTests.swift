// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// Datagram sockets at all addresses: each asker is answered from the address that he has asked.
@Suite(.blocking, .timeLimit(.minutes(5))) struct AllAddressesTests {
  private static let endpoints = ["udp4://*:0", "udp://*:0"]

  /// Where a program listens, by an address that the kernel would not choose for what it sends to this machine.
  private func other(_ program: ChildProcess) throws -> String {
    let port = try #require(program.listeningEndpoint().split(separator: ":").last)
    return "udp4://127.0.0.2:\(port)"
  }

  /// The other side hears its peer alone, whose address it knows.
  private func expectEcho(_ endpoint: String) async throws {
    let run = try await sockets("connect", endpoint, "--send", "one", "--expect", "one")
    #expect(run.exitCode == 0 && run.output == "one", "\(run)")
  }

  @Test(arguments: endpoints) func anEchoComesFromTheAddressThatWasAsked(_ endpoint: String)
    async throws
  {
    let server = try startSockets("listen", endpoint, "--echo")
    try await expectEcho(try other(server))
  }

  @Test(arguments: endpoints) func aRelayAnswersFromTheAddressThatWasAsked(_ endpoint: String)
    async throws
  {
    let server = try startSockets("listen", "udp4://127.0.0.1:0", "--echo")
    let relay = try startSockets("relay", endpoint, server.listeningEndpoint())
    try await expectEcho(try other(relay))
  }

  @Test(arguments: endpoints) func aPeerThatIsJoinedIsHeardOnAndAnswered(_ endpoint: String)
    async throws
  {
    let listener = try startSockets("listen", endpoint)
    let place = try other(listener)
    listener.write("hello\n")
    let run = try await sockets(
      "connect", place, "--send", "one\\n", "--expect", "hello", "--send", "two\\n")
    #expect(run.exitCode == 0 && run.output == "hello\n", "\(run)")
    _ = try listener.waitForLine(containing: "two")
  }
}
