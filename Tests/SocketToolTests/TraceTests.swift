// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// `sockets trace` across three routers, held against traceroute.
@Suite(.requires(.root, .networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct TraceTests {
  private typealias Object = [String: Any]

  /// What a hop's first probe said.
  private func first(_ run: ToolRun) throws -> [Object?] {
    let object = try #require(try run.json() as? Object, "\(run.errors)")
    let hops = try #require(object["hops"] as? [Object])
    return hops.map { ($0["probes"] as? [Any])?.first as? Object }
  }

  private func senders(_ run: ToolRun) throws -> [String?] {
    try first(run).map { $0?["from"] as? String }
  }

  @Test(
    .requires(.program("traceroute")),
    arguments: [["--udp"], ["--icmp"], ["--tcp", "--port", "7"]],
    [false, true])
  func everyHopIsShownInOrderAsByTraceroute(method: [String], isVersion6: Bool) async throws {
    let chain = try ProbeChain()
    let target = isVersion6 ? ProbeChain.target6 : ProbeChain.target4
    let path = isVersion6 ? ProbeChain.path6 : ProbeChain.path4
    let options = method == ["--udp"] ? [] : method
    let run = try await run(
      [try builtProgram("sockets"), "trace", target, "--json"] + options, in: chain.client)
    #expect(run.exitCode == 0 && run.errors == "", "\(run.errors)")
    #expect(try senders(run) == path, "\(run.output)")
    let object = try #require(try run.json() as? Object)
    #expect(object["isReached"] as? Bool == true)
    let probes = (object["hops"] as? [Object] ?? []).map { $0["probes"] as? [Any] ?? [] }
    #expect(probes.allSatisfy { $0.count == 3 && $0.allSatisfy { $0 is Object } }, "\(run.output)")
    let last = try #require(try first(run).last as? Object)
    #expect(last["isTarget"] as? Bool == true)
    #expect(last["port"] as? String == (method == ["--icmp"] ? nil : "closed"))
    // The same way by a program that we did not write.
    let theirs = ["--icmp": "-I", "--tcp": "-T"][method[0]].map { [$0] } ?? []
    let other = try await SocketToolTests.run(
      ["traceroute", "-n", "-q", "1"] + theirs + [target], in: chain.client)
    let seen = other.output.split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: " ").dropFirst().first.map(String.init)
    }
    #expect(seen == path, "\(other.output)\(other.errors)")
  }

  @Test(.requires(.program("setpriv"))) func withoutRightsItGoesByUDPAndTCP() async throws {
    let chain = try ProbeChain()
    try chain.allowEchoes(false)
    let udp = try await sockets(
      in: chain.client, "trace", ProbeChain.target4, "--json", isNobody: true)
    #expect(try senders(udp) == ProbeChain.path4, "\(udp.errors)")
    let tcp = try await sockets(
      in: chain.client, "trace", ProbeChain.target6, "--tcp", "--json", isNobody: true)
    #expect(try senders(tcp) == ProbeChain.path6, "\(tcp.errors)")
    let icmp = try await sockets(
      in: chain.client, "trace", ProbeChain.target4, "--icmp", isNobody: true)
    #expect(icmp.exitCode == 1 && icmp.output == "")
    #expect(icmp.errors.contains("ping_group_range") && icmp.errors.contains("without --icmp"))
    try chain.allowEchoes(true)
    let allowed = try await sockets(
      in: chain.client, "trace", ProbeChain.target4, "--icmp", "--json", isNobody: true)
    #expect(try senders(allowed) == ProbeChain.path4, "\(allowed.errors)")
    let object = try #require(try allowed.json() as? Object)
    #expect(object["way"] as? String == "datagram")
  }

  @Test func hopsThatAreDeadAreStarsAndCostLittleTime() async throws {
    let chain = try ProbeChain()
    try chain.hosts[2].configure("route add blackhole 10.8.1.0/24")
    let start = Date()
    let run = try await sockets(
      in: chain.client, "trace", "10.8.1.1", "--timeout", "1s", "--max-hops", "21")
    // One after the other, 60 packets would take a minute.
    #expect(Date().timeIntervalSince(start) < 50)
    #expect(run.exitCode == 1)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 22)
    #expect(lines[1].hasPrefix(" 1  10.9.0.2  "))
    // The second router forwards nothing, and says nothing of it: it drops before it counts.
    #expect(lines[2...].allSatisfy { $0.hasSuffix("*  *  *") }, "\(run.output)")
    #expect(lines.last == "21  *  *  *")
    #expect(run.errors == "sockets: 10.8.1.1: no answer from it, as far as hop 21\n")
  }

  @Test func aSilentRouterBetweenOthersDoesNotHoldUpTheEnd() async throws {
    let chain = try ProbeChain()
    try await TestsHost.nft(
      chain.client, "add rule inet t i icmp type time-exceeded ip saddr 10.9.1.2 drop")
    let start = Date()
    let run = try await sockets(
      in: chain.client, "trace", ProbeChain.target4, "--timeout", "60s", "--json")
    #expect(Date().timeIntervalSince(start) < 30)
    #expect(run.exitCode == 0)
    var path: [String?] = ProbeChain.path4
    path[1] = nil
    #expect(try senders(run) == path)
  }

  @Test(.requires(.program("nft"))) func whatEndsTheWayIsMarked() async throws {
    let chain = try ProbeChain()
    let rows = [
      ("10.8.0.1", "icmp type net-unreachable", "!N"),
      ("10.8.0.2", "icmp type host-unreachable", "!H"),
      ("10.8.0.3", "icmp type prot-unreachable", "!P"),
      ("10.8.0.4", "icmp type admin-prohibited", "!X"), ("fd00:8::1", "icmpv6 type no-route", "!N"),
      ("fd00:8::2", "icmpv6 type addr-unreachable", "!H"),
      ("fd00:8::3", "icmpv6 type admin-prohibited", "!X"),
    ]
    for (target, answer, _) in rows {
      let family = target.contains(":") ? "ip6" : "ip"
      try await TestsHost.nft(
        chain.hosts[2], "add rule inet t f \(family) daddr \(target) reject with \(answer)")
    }
    for (target, _, mark) in rows {
      let router = target.contains(":") ? "fd00:9:1::2" : "10.9.1.2"
      for method in [["--queries", "2"], ["--icmp"], ["--tcp"]] {
        let words = [try builtProgram("sockets"), "trace", target, "--json"] + method
        let run = try await run(words, in: chain.client)
        #expect(run.exitCode == 1, "\(target)")
        // The router counts before it filters, so that it is seen twice.
        let hops = try first(run).compactMap(\.self)
        #expect(
          hops.dropFirst().map { $0["from"] as? String } == [router, router], "\(run.output)")
        #expect(hops.last?["mark"] as? String == mark, "\(target) \(method)")
      }
    }
  }

  @Test(.requires(.program("nft")))
  func aTargetThatRejectsWasReached() async throws {
    let chain = try ProbeChain()
    try await TestsHost.nft(
      chain.target, "add rule inet t i ip saddr 10.9.0.1 reject with icmp type host-prohibited",
      "add rule inet t i ip6 saddr fd00:9::1 reject with icmpv6 type admin-prohibited")
    for target in [ProbeChain.target4, ProbeChain.target6] {
      let run = try await sockets(in: chain.client, "trace", target, "--json")
      #expect(run.exitCode == 0, "\(run.output)")
      let last = try #require(try first(run).last as? Object)
      #expect(last["isTarget"] as? Bool == true && last["from"] as? String == target)
      #expect(last["mark"] as? String == "!X" && last["port"] is NSNull, "\(last)")
    }
  }

  @Test func theSizeThatFitsIsTold() async throws {
    let chain = try ProbeChain()
    try chain.hosts[2].configure("link set right mtu 1400")
    let run = try await sockets(
      in: chain.client, "trace", ProbeChain.target4, "--size", "1500", "--queries", "1")
    #expect(run.exitCode == 1)
    let line = try #require(run.output.split(separator: "\n").last)
    #expect(line.hasPrefix(" 3  10.9.1.2  ") && line.hasSuffix("  !F-1400"), "\(run.output)")
    let six = try await sockets(
      in: chain.client, "trace", ProbeChain.target6, "--size", "1500", "--icmp", "--json")
    let probe = try #require(try first(six).last as? Object)
    #expect(probe["mtu"] as? Int == 1400 && probe["from"] as? String == "fd00:9:1::2")
    let long = try await sockets(in: chain.client, "trace", ProbeChain.target4, "--size", "1600")
    #expect(long.exitCode == 1 && long.errors.contains("(EMSGSIZE)"))
  }

  @Test func anOpenPortAndTheSourceAreSeen() async throws {
    let chain = try ProbeChain()
    let run = try await BackgroundThread.run {
      let listener = try chain.target.run {
        try ListeningSocketHolder(port: 80)
      }
      defer { listener.keep() }
      return try chain.client.run {
        try ChildProcess(
          try builtProgram("sockets"),
          ["trace", ProbeChain.target4, "--tcp", "--from", "10.9.0.1", "--queries", "1", "--names"])
      }.run()
    }
    #expect(run.exitCode == 0)
    #expect(run.output.split(separator: "\n").last?.hasSuffix("  open") == true, "\(run.output)")
    let foreign = try await sockets(
      in: chain.client, "trace", ProbeChain.target4, "--from", "10.9.0.77")
    #expect(foreign.exitCode == 1 && foreign.errors.contains("10.9.0.77"))
    #expect(foreign.errors.contains("(EADDRNOTAVAIL)"))
  }
}
