// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// `sockets options`: the catalog, and the values that a socket has.
@Suite struct OptionsCommandTests {
  @Test func anOptionIsFoundByItsNameOrItsMeaning() async throws {
    let golden = """
      SOL_SOCKET
        SO_KEEPALIVE                   keepAlive
            Probes an idle connection, so that a peer that has vanished is noticed.
            read, set; all; Linux 2.0

      """
    for text in ["SO_KEEPALIVE", "vanished"] {
      let run = try await sockets("options", "--find", text)
      #expect(run.output == golden)
      #expect(run.exitCode == 0 && run.errors == "")
    }
    let all = try await sockets("options", "--json")
    let rows = try #require(try all.json() as? [[String: Any]])
    #expect(rows.count == OptionCatalog.entries.count && rows.count >= 140)
    #expect(rows.allSatisfy { $0["value"] == nil })
  }

  @Test func aSocketOfTheEndpointsKindIsAskedForItsValues() async throws {
    let run = try await sockets("options", "tcp://127.0.0.1:0", "--find", "SO_PROTOCOL")
    #expect(run.output.contains("IPPROTO_TCP"))
    let unix = try await sockets("options", "unix:/nowhere", "--json")
    let rows = try #require(try unix.json() as? [[String: Any]])
    let domain = try #require(rows.first { $0["name"] as? String == "SO_DOMAIN" })
    #expect(domain["value"] as? String == "AF_UNIX")
    // What TCP alone has is not asked for.
    #expect(!rows.contains { $0["name"] as? String == "TCP_NODELAY" })
    // What cannot be read says so.
    let forced = try #require(rows.first { $0["name"] as? String == "SO_RCVBUFFORCE" })
    #expect(forced["value"] is NSNull && forced["obstacle"] as? String != nil)
  }

  @Test func aConnectedSocketHasThePeersValues() async throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
    let address = try listener.localAddress()
    let run = try await sockets(
      "options", "tcp://\(address)", "--connect", "--find", "SO_PEERNAME")
    #expect(run.output.contains("\(address)"))
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let refused = try await sockets("options", "tcp://\(nobody.address)", "--connect")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.hasSuffix("connection refused (ECONNREFUSED)\n"))
  }

  @Test func whatMakesNoSenseIsAUsageError() async throws {
    for arguments in [
      ["--connect"], ["--find", "no such option"], ["sctp://127.0.0.1:1"], ["tcp://127.0.0.1:x y"],
      ["--timeout", "0", "tcp://127.0.0.1:1"], ["--colour"],
    ] {
      let run = try await sockets(["options"] + arguments)
      #expect(run.exitCode == 2, "\(arguments)")
      #expect(run.output == "" && run.errors.hasPrefix("sockets: "))
    }
  }
}
