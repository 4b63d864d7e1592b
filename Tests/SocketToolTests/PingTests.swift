// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// `sockets ping` across three routers, held against the ping of iputils.
@Suite(.requires(.root, .networkNamespaces, .program("ip")), .timeLimit(.minutes(5)))
struct PingTests {
  private typealias Object = [String: Any]

  private func events(_ run: ToolRun, _ name: String) throws -> [Object] {
    try run.jsonLines().filter { $0["event"] as? String == name }
  }

  private func statistics(_ run: ToolRun) throws -> Object {
    try #require(try events(run, "statistics").last, "\(run.output)\(run.errors)")
  }

  @Test(.requires(.program("ping")), arguments: [false, true], [false, true])
  func answersAreCountedAndTimedAsIputilsDoes(isVersion6: Bool, isAllowed: Bool) async throws {
    let chain = try ProbeChain()
    // Who is not allowed a datagram socket has a raw one as root.
    try chain.allowEchoes(isAllowed)
    let target = isVersion6 ? ProbeChain.target6 : ProbeChain.target4
    let run = try await sockets(
      in: chain.client, "ping", target, "--count", "3", "--interval", "20ms", "--json")
    #expect(run.exitCode == 0 && run.errors == "", "\(run.errors)")
    let start = try #require(try events(run, "start").first)
    #expect(start["way"] as? String == (isAllowed ? "datagram" : "raw"))
    let replies = try events(run, "reply")
    #expect(replies.map { $0["sequence"] as? Int } == [1, 2, 3])
    for reply in replies {
      #expect(reply["from"] as? String == target)
      // 64 less three routers; 56 bytes of data and 8 of the header.
      #expect(reply["timeToLive"] as? Int == 61 && reply["bytes"] as? Int == 64)
      #expect(reply["isDuplicate"] as? Bool == false && reply["isAltered"] as? Bool == false)
    }
    let total = try statistics(run)
    #expect(total["sent"] as? Int == 3 && total["received"] as? Int == 3)
    let times = ["minimum", "average", "maximum"].compactMap {
      total["\($0)Milliseconds"] as? Double
    }
    #expect(times.count == 3 && times == times.sorted() && times[0] > 0, "\(total)")
    let theirs = try await TestsHost.ping(chain, target)
    #expect(theirs.output.contains("ttl=61") && theirs.output.contains(" 0% packet loss"))
  }

  @Test(.requires(.program("nft"), .program("ping")))
  func whatIsLostIsCountedAsLost() async throws {
    let chain = try ProbeChain()
    // Every fourth request is dropped, by a counter of its own for each of the two programs.
    try await TestsHost.nft(
      chain.hosts[1],
      "add rule inet t f icmp type echo-request numgen inc mod 4 0 drop")
    let run = try await sockets(
      in: chain.client, "ping", ProbeChain.target4, "-c", "20", "--interval", "5ms",
      "--timeout", "3s", "--json")
    #expect(run.exitCode == 0)
    let total = try statistics(run)
    #expect(total["received"] as? Int == 15 && total["loss"] as? Double == 0.25, "\(total)")
    #expect(try events(run, "timeout").count == 5 && events(run, "reply").count == 15)
    let theirs = try await TestsHost.ping(chain, ProbeChain.target4, "-c", "20", "-i", "0.01")
    #expect(theirs.output.contains(" 25% packet loss"), "\(theirs.output)")
    // And by chance: what was sent is what came and what did not.
    try await TestsHost.nft(
      chain.hosts[2], "add rule inet t f icmp type echo-request numgen random mod 2 0 drop")
    let random = try await sockets(
      in: chain.client, "ping", ProbeChain.target4, "-c", "40", "--interval", "2ms",
      "--timeout", "2s", "--json")
    let came = try events(random, "reply").count
    #expect(try came + events(random, "timeout").count == 40)
    #expect(came > 0 && came < 40)
  }

  @Test(.requires(.program("nft")), arguments: [true, false])
  func aRouterThatSaysNoIsNamed(isAllowed: Bool) async throws {
    let chain = try ProbeChain()
    try chain.allowEchoes(isAllowed)
    try await TestsHost.nft(
      chain.hosts[2], "add rule inet t f ip daddr 10.8.1.1 reject with icmp type host-unreachable",
      "add rule inet t f ip6 daddr fd00:8:1::1 reject with icmpv6 type admin-prohibited")
    let run = try await sockets(
      in: chain.client, "ping", "10.8.1.1", "--count", "2", "--interval", "10ms", "--json")
    #expect(run.exitCode == 1)
    let failures = try events(run, "error")
    #expect(failures.map { $0["sequence"] as? Int } == [1, 2])
    #expect(failures.allSatisfy { $0["from"] as? String == "10.9.1.2" })
    #expect(failures.allSatisfy { $0["reason"] as? String == "host unreachable" })
    let text = try await sockets(in: chain.client, "ping", "fd00:8:1::1", "--count", "1")
    #expect(text.exitCode == 1)
    #expect(
      text.output.contains("from fd00:9:1::2: sequence 1, forbidden by a rule"), "\(text.output)")
    // A packet that may pass two routers dies at the second.
    let expired = try await sockets(
      in: chain.client, "ping", ProbeChain.target6, "--count", "1", "--ttl", "2", "--json")
    let failure = try #require(try events(expired, "error").first)
    #expect(failure["from"] as? String == "fd00:9:1::2")
    #expect(failure["reason"] as? String == "hop limit exceeded")
  }

  @Test func aMachineThatIsNotThereIsToldByItsRouter() async throws {
    let chain = try ProbeChain()
    // The router looks for it for three seconds, on a busy machine for longer.
    async let echo = sockets(
      in: chain.client, "ping", "10.9.3.77", "-c", "1", "--timeout", "60s", "--json")
    async let path = sockets(
      in: chain.client, "trace", "fd00:9:3::77", "--first-hop", "4", "--timeout", "60s", "--json")
    let failure = try #require(try events(try await echo, "error").first)
    #expect(failure["from"] as? String == "10.9.2.2")
    #expect(failure["reason"] as? String == "host unreachable")
    let text = try await path.output
    #expect(text.contains("\"mark\": \"!H\"") && text.contains("fd00:9:2::2"), "\(text)")
  }

  @Test func aPacketThatDoesNotFitIsToldWithTheSizeThatDoes() async throws {
    let chain = try ProbeChain()
    try chain.hosts[2].configure("link set right mtu 1400")
    try chain.hosts[3].configure("link set left mtu 1400")
    for (target, router) in [(ProbeChain.target4, "10.9.1.2"), (ProbeChain.target6, "fd00:9:1::2")]
    {
      let run = try await sockets(
        in: chain.client, "ping", target, "--size", "1420", "--whole", "--count", "2",
        "--interval", "100ms", "--json")
      #expect(run.exitCode == 1)
      let failures = try events(run, "error")
      #expect(
        failures.count == 2 && failures.allSatisfy { $0["mtu"] as? Int == 1400 }, "\(run.output)")
      // The second one is not even sent: the kernel knows by then.
      #expect(failures.first?["from"] as? String == router)
      #expect(failures.last?["from"] is NSNull)
    }
  }

  @Test(.requires(.program("setpriv")))
  func whoHasNoRightIsToldWhatHelps() async throws {
    let chain = try ProbeChain()
    try chain.allowEchoes(false)
    let refused = try await sockets(
      in: chain.client, "ping", ProbeChain.target4, "-c", "1", isNobody: true)
    #expect(refused.exitCode == 1 && refused.output == "")
    for word in [ProbeChain.target4, "ping_group_range", "setcap", "--port", "(EPERM)"] {
      #expect(refused.errors.contains(word), "\(refused.errors)")
    }
    #expect(refused.errors.split(separator: "\n").count == 1)
    // Nobody listens there, and that is an answer.
    let tcp = try await sockets(
      in: chain.client, "ping", ProbeChain.target4, "-c", "2", "--interval", "10ms", "--port", "9",
      "--json", isNobody: true)
    #expect(tcp.exitCode == 0, "\(tcp.errors)")
    #expect(try events(tcp, "start").first?["way"] as? String == "tcp")
    #expect(try events(tcp, "reply").map { $0["manner"] as? String } == ["refused", "refused"])
    try chain.allowEchoes(true)
    for target in [ProbeChain.target4, ProbeChain.target6] {
      let allowed = try await sockets(
        in: chain.client, "ping", target, "-c", "1", "--json", isNobody: true)
      #expect(allowed.exitCode == 0, "\(allowed.errors)")
      #expect(try events(allowed, "start").first?["way"] as? String == "datagram")
      #expect(try events(allowed, "reply").first?["timeToLive"] as? Int == 61)
    }
  }

  /// Answers twice, alters the third answer, and sends much that is no answer.
  private static let hostile = """
    import socket, struct
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    def checksum(b):
        b += b'\\0' * (len(b) % 2)
        n = sum(struct.unpack('!%dH' % (len(b) // 2), b))
        while n >> 16: n = (n & 0xffff) + (n >> 16)
        return ~n & 0xffff
    def send(to, kind, code, body):
        head = struct.pack('!BBH', kind, code, 0)
        s.sendto(head[:2] + struct.pack('!H', checksum(head + body)) + body, to)
    print('ready', flush=True)
    while True:
        packet, (host, _) = s.recvfrom(65535)
        to = (host, 0)
        message = packet[20:]
        if message[0] != 8: continue
        number = struct.unpack('!H', message[6:8])[0]
        s.sendto(message[:4], to)
        s.sendto(b'\\0\\0', to)
        send(to, 0, 0, message[4:6])
        send(to, 0, 0, bytes([message[4] ^ 1]) + message[5:])
        send(to, 0, 0, message[4:6] + struct.pack('!H', number + 500) + message[8:])
        send(to, 0, 7, message[4:])
        s.sendto(b'\\0\\0\\1\\2' + message[4:], to)
        send(to, 3, 3, b'\\0' * 4 + packet[:10])
        send(to, 11, 0, b'\\xff' * 40)
        body = message[4:] if number != 3 else message[4:-1] + b'?'
        send(to, 0, 0, body)
        send(to, 0, 0, body)
    """

  @Test(.requires(.program("python3")), arguments: [true, false])
  func duplicatesAreToldAndHostileAnswersDoNoHarm(isAllowed: Bool) async throws {
    let chain = try ProbeChain()
    try chain.allowEchoes(isAllowed)
    try chain.target.write("1", to: "ipv4/icmp_echo_ignore_all")
    let server = try chain.target.run { try ChildProcess("python3", ["-c", Self.hostile]) }
    _ = try server.waitForLine(containing: "ready")
    let run = try await sockets(
      in: chain.client, "ping", ProbeChain.target4, "-c", "4", "--interval", "50ms", "--timeout",
      "5s", "--json")
    server.end()
    #expect(run.exitCode == 0 && run.errors == "", "\(run.errors)")
    let replies = try events(run, "reply")
    let first = replies.filter { $0["isDuplicate"] as? Bool == false }
    #expect(first.map { $0["sequence"] as? Int } == [1, 2, 3, 4])
    #expect(first.map { $0["isAltered"] as? Bool } == [false, false, true, false])
    let total = try statistics(run)
    #expect(total["received"] as? Int == 4 && total["loss"] as? Double == 0)
    // The last one may still be on its way when the fourth has come.
    #expect((3...4).contains(total["duplicates"] as? Int ?? 0), "\(total)")
  }

  /// Answers each request, says that it was refused, and answers it again, three times.
  private static let undecided = hostile.replacingOccurrences(
    of: "    s.sendto(message[:4], to)\n",
    with: """
          for _ in range(3):
              send(to, 0, 0, message[4:])
              send(to, 3, 1, b'\\0' * 4 + packet)
          continue

      """)

  @Test(.requires(.program("python3")), arguments: [true, false])
  func aRequestIsCountedOnce(isAllowed: Bool) async throws {
    let chain = try ProbeChain()
    try chain.allowEchoes(isAllowed)
    try chain.target.write("1", to: "ipv4/icmp_echo_ignore_all")
    let server = try chain.target.run { try ChildProcess("python3", ["-c", Self.undecided]) }
    _ = try server.waitForLine(containing: "ready")
    // What comes of one is there before the next is sent: an error may be told to that one instead, again and again.
    let run = try await sockets(
      in: chain.client, "ping", ProbeChain.target4, "-c", "4", "--interval", "3s", "--timeout",
      "5s", "--json")
    server.end()
    #expect(run.exitCode == 0 && run.errors == "", "\(run.errors)")
    let total = try statistics(run)
    #expect(total["sent"] as? Int == 4, "\(total)")
    // When something has come of the last one, the rest of it is not waited for.
    #expect((3...4).contains(total["received"] as? Int ?? 0), "\(total)")
    #expect((3...4).contains(total["errors"] as? Int ?? 0), "\(total)")
    #expect((6...8).contains(total["duplicates"] as? Int ?? 0), "\(total)")
    let first = try events(run, "reply").filter { $0["isDuplicate"] as? Bool == false }
    #expect(first.prefix(3).map { $0["sequence"] as? Int } == [1, 2, 3])
  }

  @Test func connectionsAreBegunAtTheirInstantsWhateverComesBack() async throws {
    let chain = try ProbeChain()
    try chain.hosts[2].configure("route add blackhole 10.8.1.0/24")
    let start = Date()
    let run = try await sockets(
      in: chain.client, "ping", "10.8.1.1", "--tcp", "-c", "24", "--interval", "20ms",
      "--timeout", "5s", "--json")
    // One after the other, they would take two minutes; a busy machine takes a while to start a program.
    #expect(Date().timeIntervalSince(start) < 60)
    #expect(run.exitCode == 1)
    #expect(try statistics(run)["sent"] as? Int == 24)
    #expect(try events(run, "timeout").count == 24, "\(run.output)")
  }

  @Test func aSignalEndsItWithTheStatistics() async throws {
    let chain = try ProbeChain()
    try chain.hosts[2].configure("route add blackhole 10.8.1.0/24")
    for (target, word, code) in [
      (ProbeChain.target4, "sequence 2", Int32(0)), ("10.8.1.1", "no answer", 1),
    ] {
      let run = try await BackgroundThread.run {
        let program = try chain.client.run {
          try ChildProcess(
            try builtProgram("sockets"),
            ["ping", target, "--interval", "20ms", "--timeout", "50ms"])
        }
        _ = try program.waitForLine(containing: word)
        kill(program.processIdentifier, SIGINT)
        return try program.run()
      }
      #expect(run.exitCode == code, "\(run.output)")
      #expect(run.output.contains(" sent, ") && run.output.contains(" % lost, "))
    }
  }
}

/// Programs of others in hosts.
enum TestsHost {
  /// The ping of iputils.
  static func ping(
    _ chain: ProbeChain, _ target: String, _ options: String...
  ) async throws -> ToolRun {
    let words = options.isEmpty ? ["-c", "3", "-i", "0.02"] : options
    return try await run(["ping", "-n"] + words + [target], in: chain.client)
  }

  /// Rules of a host's packet filter, beneath a table `t` with the chains `f` of what passes and `i` of what arrives.
  static func nft(_ host: NetworkHost, _ rules: String...) async throws {
    let head = [
      "add table inet t", "add chain inet t f { type filter hook forward priority 0; }",
      "add chain inet t i { type filter hook input priority 0; }",
    ]
    let result = try await run(["nft", (head + rules).joined(separator: "; ")], in: host)
    guard result.exitCode == 0 else {
      throw NetworkHost.Failure(description: "nft: \(result.errors)")
    }
  }
}
