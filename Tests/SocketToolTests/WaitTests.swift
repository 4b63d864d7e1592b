// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// `sockets wait`: who begins to listen while it waits, who never does, and what runs afterwards.
@Suite(.blocking, .timeLimit(.minutes(5))) struct WaitTests {
  /// A listener that is there from the beginning.
  private struct Ready: ~Copyable {
    let socket: ListeningSocket
    let text: String

    init() throws {
      let socket = try ListeningSocket.bound(to: .ipv4(.loopback, port: 0))
      text = "tcp://\(try socket.localAddress())"
      self.socket = socket
    }
  }

  @Test(.requires(.program("socat"))) func itEndsWhenTheLastOneListens() throws {
    let ready = try Ready()
    let folder = try ScratchFolder()
    let path = "\(folder.path)/later"
    let late = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: 0))
    let lateText = "tcp://\(try late.localAddress())"
    let waiting = try ChildProcess(
      builtProgram("sockets"),
      ["wait", ready.text, lateText, "unix:\(path)", "--timeout", "2m", "--interval", "5ms"])
    // Now it tries.
    _ = try waiting.waitForLine(containing: "\(ready.text) answers")
    let listener = try late.listen()
    _ = try waiting.waitForLine(containing: "\(lateText) answers")
    let server = try ChildProcess("socat", ["UNIX-LISTEN:\(path),fork", "PIPE"])
    _ = try waiting.waitForLine(containing: "unix:\(path) answers")
    #expect(try waiting.waitForExit() == 0)
    server.end()
    _ = consume listener
  }

  @Test func theDeadlineNamesThoseThatNeverAnswered() async throws {
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let ready = try Ready()
    let text = "tcp://\(nobody.address)"
    let run = try await sockets(
      "wait", text, ready.text, "unix:/nowhere/at/all", "tcp://no-such-name.invalid:1",
      "--timeout", "5600ms", "--interval", "20ms", "--quiet")
    #expect(run.exitCode == 124 && run.output == "")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.errors.contains("timed out after 5.6 s"), "\(run.errors)")
    #expect(run.errors.contains("\(text) (connection refused (ECONNREFUSED))"))
    #expect(run.errors.contains("unix:/nowhere/at/all (no such file or directory (ENOENT))"))
    #expect(run.errors.contains("tcp://no-such-name.invalid:1 ("))
    #expect(!run.errors.contains(ready.text))
    let data = try await sockets("wait", text, "--timeout", "10s", "--interval", "1ms", "--json")
    let object = try #require(try data.json() as? [String: Any])
    let row = try #require((object["endpoints"] as? [[String: Any]])?.first)
    #expect(row["isAnswering"] as? Bool == false && row["milliseconds"] is NSNull)
    #expect(row["attempts"] as? Int ?? 0 > 1)
  }

  @Test func manyAreWaitedForWithFewDescriptors() async throws {
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let ready = try Ready()
    let endpoints = Array(repeating: "tcp://\(nobody.address)", count: 300) + [ready.text]
    let run = try await sockets(
      ["wait", "--timeout", "15s", "--interval", "1ms", "--json"] + endpoints, descriptors: 64)
    #expect(run.exitCode == 124)
    let object = try #require(try run.json() as? [String: Any])
    let rows = try #require(object["endpoints"] as? [[String: Any]])
    #expect(rows.last?["isAnswering"] as? Bool == true, "\(rows.last ?? [:])")
    let reasons = Set(rows.dropLast().map { $0["reason"] as? String ?? "none" })
    #expect(reasons == ["connection refused (ECONNREFUSED)"])
  }

  @Test func aCommandRunsInItsPlaceAfterwards() async throws {
    let ready = try Ready()
    let ran = try await sockets(
      "wait", ready.text, "--", "sh", "-c", "echo \"$0 $$\"; exit 7", "word")
    #expect(ran.exitCode == 7 && ran.output.hasPrefix("word "))
    #expect(ran.errors.contains("answers after"))
    // Signals are not held back in it.
    let ended = try await sockets(
      "wait", ready.text, "--quiet", "--", "sh", "-c", "kill -TERM $$; echo survived")
    #expect(ended.exitCode == 128 + 15 && ended.output == "" && ended.errors == "")
    // Neither SIGHUP, SIGINT, SIGUSR1, SIGPIPE nor SIGTERM is held back or ignored.
    let inherited = try await sockets(
      "wait", ready.text, "--quiet", "--", "sh", "-c",
      "grep -E 'SigBlk|SigIgn' /proc/self/status; exit 0")
    let masks = inherited.output.split(whereSeparator: \.isWhitespace).compactMap {
      UInt64($0, radix: 16)
    }
    #expect(masks.count == 2 && masks.allSatisfy { $0 & 0x5203 == 0 }, "\(inherited.output)")
    let missing = try await sockets("wait", ready.text, "--quiet", "--", "no-such-program")
    #expect(missing.exitCode == 127)
    #expect(missing.errors == "sockets: no-such-program: no such file or directory (ENOENT)\n")
    let forbidden = try await sockets("wait", ready.text, "--quiet", "--", "/etc/passwd")
    #expect(forbidden.exitCode == 126)
    // It does not run when somebody did not answer.
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let late = try await sockets(
      "wait", "tcp://\(nobody.address)", "--timeout", "50ms", "--", "echo", "ran")
    #expect(late.exitCode == 124 && late.output == "")
  }

  @Test func aSignalEndsIt() throws {
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let ready = try Ready()
    let words = ["wait", "tcp://\(nobody.address)", ready.text]
    let program = try ChildProcess(builtProgram("sockets"), words)
    _ = try program.waitForLine(containing: "answers")
    kill(program.processIdentifier, SIGTERM)
    #expect(try program.waitForExit() == 128 + 15)
    #expect(program.text.hasSuffix("\nno answer yet from tcp://\(nobody.address)\n"))
  }

  @Test(arguments: [
    ["wait"], ["wait", "udp://127.0.0.1:53"], ["wait", "unix-datagram:/tmp/x"],
    ["wait", "icmp://127.0.0.1"], ["wait", "tcp://"], ["wait", "80", "--timeout", "0"],
    ["wait", "80", "--interval", "1us"], ["wait", "80", "--timeout", "soon"],
    ["ping"], ["ping", ""], ["ping", "a b"], ["ping", "127.0.0.1", "--count", "0"],
    ["ping", "127.0.0.1", "--size", "65508"], ["ping", "127.0.0.1", "--ttl", "256"],
    ["ping", "127.0.0.1", "--interval", "0"], ["ping", "127.0.0.1", "--ipv6"],
    ["ping", "::1", "--from", "127.0.0.1"], ["ping", "::1", "--ipv4", "--ipv6"],
    ["ping", "::1", "--from", "localhost"], ["ping", "::1", "--port", "65536"],
    ["ping", "tcp://127.0.0.1:1"], ["ping", "127.0.0.1:80"], ["ping", "[127.0.0.1]"],
    ["trace", "::1", "--icmp", "--tcp"], ["trace", "::1", "--icmp", "--port", "1"],
    ["trace", "::1", "--first-hop", "31"], ["trace", "::1", "--queries", "0"],
    ["trace", "::1", "--tcp", "--size", "100"], ["trace", "::1", "--size", "27"],
    ["scan", "::1"], ["scan", "::1", ""], ["scan", "::1", "0"], ["scan", "::1", "65536"],
    ["scan", "::1", "9-8"], ["scan", "::1", "1-2-3"], ["scan", "::1", "80,,81"],
    ["scan", "::1", "-5"], ["scan", "::1", "5-"], ["scan", "::1", "no-such-service"],
    ["scan", "::1", "80", "--concurrency", "0"], ["scan", "::1", "80", "--rate", "0"],
  ]) func aWrongCommandLineIsOneLineAndExitCode2(arguments: [String]) async throws {
    try await usageError(arguments)
  }
}
