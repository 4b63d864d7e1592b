// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// A socket that listens as long as this lives.
final class ListeningSocketHolder: Sendable {
  private let socket: ListeningSocket

  init(port: UInt16) throws {
    socket = try ListeningSocket.bound(to: .ipv4(.any, port: Port(port)))
  }

  /// Nothing: it is still there.
  func keep() {}
}

/// `sockets scan` of a host with known ports, held against ncat.
@Suite(.requires(.root, .networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct ScanTests {
  private typealias Object = [String: Any]

  /// Listens on the ports that it is given, and says so.
  private static let listeners = """
    import socket, sys
    kept = [socket.create_server(('', int(port))) for port in sys.argv[1:]]
    print('ready', flush=True)
    sys.stdin.read()
    """

  private func states(_ run: ToolRun) throws -> [Int: String] {
    let object = try #require(try run.json() as? Object, "\(run.errors)")
    let rows = try #require(object["ports"] as? [Object])
    return Dictionary(
      uniqueKeysWithValues: rows.compactMap { row in
        guard let port = row["port"] as? Int, let state = row["state"] as? String else {
          return nil
        }
        return (port, state)
      })
  }

  @Test(.requires(.program("python3"), .program("nft"), .program("ncat")))
  func openClosedAndFilteredPortsAreToldApart() async throws {
    let chain = try ProbeChain()
    let open = [9000, 9003, 9007, 9010]
    try await TestsHost.nft(
      chain.target, "add rule inet t i tcp dport { 9001, 9007 } drop",
      "add rule inet t i tcp dport 9002 reject with icmp type admin-prohibited")
    let server = try chain.target.run {
      try ChildProcess("python3", ["-c", Self.listeners] + open.map(String.init))
    }
    _ = try server.waitForLine(containing: "ready")
    let run = try await sockets(
      in: chain.client, "scan", ProbeChain.target4, "9000-9010", "--all", "--json", "--timeout",
      "3s")
    #expect(run.exitCode == 0 && run.errors == "", "\(run.errors)")
    var wanted = Dictionary(uniqueKeysWithValues: (9000...9010).map { ($0, "closed") })
    for port in open { wanted[port] = "open" }
    for port in [9001, 9002, 9007] { wanted[port] = "filtered" }
    #expect(try states(run) == wanted)
    let rows = try #require((try run.json() as? Object)?["ports"] as? [Object])
    let forbidden = try #require(rows.first { $0["port"] as? Int == 9002 }?["reason"] as? String)
    #expect(forbidden == "forbidden by a rule, says 10.9.3.2")
    // The same by a program that we did not write, but for the word filtered.
    for (port, state) in wanted {
      let theirs = try await SocketToolTests.run(
        ["ncat", "-z", "-w", "1", ProbeChain.target4, String(port)], in: chain.client)
      #expect((theirs.exitCode == 0) == (state == "open"), "\(port)")
    }
    // Only what is open, in words.
    let text = try await sockets(
      in: chain.client, "scan", ProbeChain.target4, "9003,9000,9004-9006")
    #expect(text.output == "9000  open\n9003  open\n" && text.errors == "")
    let none = try await sockets(in: chain.client, "scan", ProbeChain.target4, "9004-9006")
    #expect(none.exitCode == 1 && none.output == "" && none.errors == "")
    server.closeInput()
    #expect(try server.waitForExit() == 0)
  }

  @Test func moreAtOnceThanThereAreDescriptorsIsNoFailure() async throws {
    let chain = try ProbeChain()
    let tool = try builtProgram("sockets")
    // A machine that answers nothing, so that every attempt keeps its descriptor for its whole time.
    try chain.hosts[1].configure("route add blackhole 10.7.0.0/16")
    let shell = "ulimit -n 64; exec \"$@\""
    let run = try await run(
      [
        tool, "scan", "10.7.0.1", "1-300", "--concurrency", "1000", "--timeout", "100ms", "--json",
      ], in: chain.client, shell: shell)
    let object = try #require(try run.json() as? Object, "\(run.errors)")
    #expect(object["filtered"] as? Int == 300 && run.exitCode == 1 && run.errors == "")
    let closed = try await SocketToolTests.run(
      [tool, "scan", ProbeChain.target6, "1-2000", "--json"], in: chain.client, shell: shell)
    #expect((try closed.json() as? Object)?["closed"] as? Int == 2000, "\(closed.errors)")
    // As many a second as was said: 20 take a second, less the first.
    let start = Date()
    let slow = try await sockets(
      in: chain.client, "scan", ProbeChain.target4, "1-20", "--rate", "20", "--json")
    #expect((try slow.json() as? Object)?["closed"] as? Int == 20)
    #expect(Date().timeIntervalSince(start) > 0.9)
  }

  @Test func whereThereIsNoWayNothingIsFiltered() async throws {
    let host = try NetworkHost()
    let run = try await sockets(in: host, "scan", "10.1.2.3", "1-10")
    #expect(run.exitCode == 1 && run.output == "")
    #expect(run.errors == "sockets: 10.1.2.3: network is unreachable (ENETUNREACH)\n")
    // A port that is one's own is nobody's who listens.
    try host.write("40000 40010", to: "ipv4/ip_local_port_range")
    let own = try await sockets(in: host, "scan", "127.0.0.1", "40000-40010", "--json")
    #expect((try own.json() as? Object)?["open"] as? Int == 0, "\(own.output)")
  }
}
