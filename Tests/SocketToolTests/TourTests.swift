// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// The whole tour, as data and as text.
@Suite(.tags(.slow)) struct TourTests {
  private typealias Object = [String: Any]

  private func rows(_ run: ToolRun) throws -> [Object] {
    try #require((try run.json() as? Object)?["rows"] as? [Object])
  }

  private func calls(_ row: Object?, by role: String? = nil) -> [String] {
    (row?["steps"] as? [Object] ?? []).compactMap { step in
      guard role == nil || step["by"] as? String == role else { return nil }
      return step["call"] as? String
    }
  }

  @Test func everythingThatTheKernelSupportsWorks() async throws {
    let run = try await sockets("tour", "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    let rows = try rows(run)
    let names = rows.compactMap { $0["name"] as? String }
    #expect(
      names == [
        "tcp4", "tcp6", "unix-stream", "unix-stream-abstract", "unix-packet",
        "unix-packet-abstract", "vsock", "vsock-packet", "x25", "udp4", "udp6", "unix-datagram",
        "unix-datagram-abstract", "icmp4", "icmp6", "backlog", "threads", "processes",
      ])
    for row in rows {
      let verdict = row["verdict"] as? String
      if verdict == "worked" { continue }
      #expect(["missing", "not permitted"].contains(verdict), "\(row)")
      #expect(row["reason"] is String)
      #expect(row["remedy"] is String)
      // What every Linux has cannot be missing.
      let name = row["name"] as? String ?? ""
      #expect(!name.hasPrefix("unix") && name != "tcp4" && name != "udp4", "\(row)")
    }
  }

  @Test func theCallsOfALifecycleStandInTheirOrder() async throws {
    let rows = try rows(try await sockets("tour", "--only", "tcp4", "--json", "--no-packets"))
    #expect(rows.count == 1)
    #expect(
      calls(rows.first, by: "server") == [
        "socket", "bind", "listen", "fcntl", "fcntl", "getsockname", "accept4", "read", "send",
        "read", "read", "close", "close",
      ])
    #expect(
      calls(rows.first, by: "client") == [
        "socket", "connect", "getsockname", "send", "send", "read", "send", "shutdown", "close",
      ])
  }

  /// On a loopback interface of its own: on one that other tests keep busy, packets are lost on their way to who looks on.
  @Test(.requires(.capability(.netRaw), .root, .networkNamespaces, .program("ip")))
  func packetsStandBesideTheCallsThatCausedThem() async throws {
    let host = try NetworkHost()
    let rows = try rows(
      try await sockets(in: host, "tour", "--only", "tcp4,udp4,icmp6", "--json"))
    // For each call, the titles of the packets that were seen before the next one.
    func packets(_ row: Object) -> [(call: String, titles: [String])] {
      var result: [(call: String, titles: [String])] = []
      for step in row["steps"] as? [Object] ?? [] {
        if let call = step["call"] as? String { result.append((call, [])) }
        if let packet = step["packet"] as? String, !result.isEmpty {
          result[result.count - 1].titles.append(packet)
        }
      }
      return result
    }
    let tcp = packets(rows[0])
    #expect(tcp.first { $0.call == "connect" }?.titles == ["SYN", "SYN, ACK", "ACK"])
    #expect(tcp.first { $0.call == "send" }?.titles.contains("data, ACK") == true)
    // An acknowledgement that was delayed may come before it.
    #expect(tcp.first { $0.call == "shutdown" }?.titles.contains("FIN, ACK") == true)
    let quiet = tcp.filter { $0.call == "bind" || $0.call == "listen" }.flatMap { $0.titles }
    #expect(quiet == [])
    let udp = packets(rows[1])
    #expect(udp.filter { $0.call == "sendto" }.allSatisfy { $0.titles == ["datagram"] })
    #expect(udp.first { $0.call == "connect" }?.titles == [])
    let icmp = packets(rows[2])
    #expect(icmp.first { $0.call == "sendto" }?.titles == ["echo request", "echo reply"])
  }

  @Test func rowsAreChosenByNameOrByTheirBeginning() async throws {
    let run = try await sockets("tour", "--list", "--only", "unix-datagram", "--only", "tcp,udp6")
    #expect(
      run.output.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
        "tcp4", "tcp6", "udp6", "unix-datagram",
      ])
  }

  @Test func threadsAndProcessesServeWhileOthersKeepSilent() async throws {
    let rows = try rows(try await sockets("tour", "--only", "threads,processes", "--json"))
    #expect(rows.map { $0["verdict"] as? String } == ["worked", "worked"])
    #expect(calls(rows[0], by: "thread 2").starts(with: ["read", "send", "close"]))
    #expect(calls(rows[1], by: "server").filter { $0 == "posix_spawn" }.count == 3)
    #expect(calls(rows[1], by: "server").filter { $0 == "waitpid" }.count == 3)
  }

  // MARK: The text

  @Test func theStoryReadsAsItShould() async throws {
    let run = try await sockets(
      "tour", "--only", "tcp4,unix-datagram-abstract", "--no-packets",
      environment: ["LC_ALL=C.UTF-8"])
    let golden = try Golden.text("tour.txt", from: Golden.normalised(run.output))
    #expect(Golden.normalised(run.output) == golden)
    #expect(run.errors == "")
  }

  @Test func aLineHasAtMost80ColumnsAndNoColourWhereThereIsNoTerminal() async throws {
    let run = try await sockets("tour", environment: ["LC_ALL=C.UTF-8"])
    for line in run.output.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
    #expect(!run.output.contains("\u{1b}"))
    #expect(!run.output.contains(" \n"))
  }

  @Test func withoutUnicodeTheTextIsASCII() async throws {
    let run = try await sockets("tour", "--only", "tcp4", environment: ["LC_ALL=C"])
    #expect(run.exitCode == 0)
    #expect(run.output.utf8.allSatisfy { $0 < 0x80 })
    #expect(!run.output.contains("?"))
  }

  @Test(.requires(.program("script")), arguments: [("", true), ("1", false)])
  func aTerminalHasColoursUnlessTheyAreForbidden(noColour: String, hasColour: Bool) async throws {
    let command = "\(try builtProgram("sockets")) tour --only unix-stream"
    let text = try await BackgroundThread.run {
      let program = try ChildProcess(
        "env", ["TERM=xterm", "NO_COLOR=\(noColour)", "script", "-qec", command, "/dev/null"])
      program.closeInput()
      _ = try program.waitForExit(seconds: 30)
      return program.text
    }
    #expect(text.contains("unix-stream"))
    #expect(text.contains("\u{1b}[") == hasColour)
  }

  // MARK: What is left

  @Test func nothingIsLeftBehind() async throws {
    let folder = try ScratchFolder()
    let run = try await sockets("tour", environment: ["TMPDIR=\(folder.path)"])
    #expect(run.exitCode == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left == [])
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalLeavesNothingBehindEither(_ signal: Int32) async throws {
    let folder = try ScratchFolder()
    let path = folder.path
    let exitCode = try await BackgroundThread.run {
      let program = try ChildProcess(
        "env", ["TMPDIR=\(path)", try builtProgram("sockets"), "tour", "--timeout", "100"])
      _ = try program.waitForLine(containing: "unix-stream")
      kill(program.processIdentifier, signal)
      return try program.waitForExit(seconds: 30)
    }
    #expect(exitCode == 128 + signal || exitCode == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: path)
    #expect(left == [])
  }
}
