// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import AsyncSockets
import Foundation
import Sockets
import TestSupport
import Testing

@testable import SocketTool

/// `sockets bench` from outside: every mode, on servers of ours and of others, and what it says of servers that fail.
@Suite struct BenchTests {
  /// Short, and still long enough on a machine that has much to do.
  private static let short = ["--duration", "0.3", "--warmup", "0.05", "--json"]

  private func data(_ run: ToolRun) throws -> [String: Any] {
    try #require(try run.json() as? [String: Any], "\(run.output) \(run.errors)")
  }

  /// Measures for a short time; once more, and for longer, when that is too short for a machine with much else to do.
  private func measure(_ words: [String], _ short: [String] = Self.short) async throws -> ToolRun {
    let run = try await sockets(["bench"] + words + short)
    let isTooShort = ["came back", "was measured", "that was due"]
      .contains { run.errors.contains(": nothing \($0)") }
    return isTooShort ? try await sockets(["bench"] + words + short + ["--duration", "5"]) : run
  }

  private func number(_ object: [String: Any], _ name: String) -> Int { object[name] as? Int ?? -1 }

  /// What must agree in each report.
  private func check(_ report: [String: Any]) throws {
    let operations = number(report, "operations")
    #expect(operations > 0)
    #expect(number(report, "mismatches") == 0)
    let intervals = try #require(report["intervals"] as? [[String: Any]])
    let counted = intervals.reduce(0) { $0 + number($1, "operations") }
    // What was answered after the end is in no interval.
    #expect(counted <= operations)
    if let latency = report["latency"] as? [String: Any] {
      #expect(number(latency, "count") == operations)
      let histogram = try #require(latency["histogram"] as? [[String: Any]])
      #expect(histogram.reduce(0) { $0 + number($1, "count") } == operations)
      let names = [
        "minimumNanoseconds", "p50Nanoseconds", "p90Nanoseconds", "p99Nanoseconds",
        "p999Nanoseconds", "maximumNanoseconds",
      ]
      let values = names.map { number(latency, $0) }
      #expect(values == values.sorted() && values[0] > 0, "\(values)")
      #expect(number(report, "receivedBytes") == operations * number(report, "sizeBytes"))
    }
    let seconds = try #require(report["durationSeconds"] as? Double)
    let rate = try #require(report["operationsPerSecond"] as? Double)
    // Both are written to some digits.
    #expect((rate * seconds - Double(operations)).magnitude < 1 + Double(operations) * 1e-4)
    let processor = try #require(report["processor"] as? [String: Any])
    #expect(try #require(processor["loadSeconds"] as? Double) > 0)
  }

  @Test(arguments: [
    ["tcp://127.0.0.1:0"], ["tcp://127.0.0.1:0", "--pipeline", "16", "--connections", "4"],
    ["tcp://127.0.0.1:0", "--rate", "500", "--connections", "3"],
    ["tcp://127.0.0.1:0", "--size", "1000000", "--connections", "2"],
    ["tcp://127.0.0.1:0", "--size", "100000", "--pipeline", "7"],
    ["tcp://127.0.0.1:0", "--connect", "--connections", "2"],
    ["tcp://127.0.0.1:0", "--connect", "--size", "0", "--rate", "200"],
    ["tcp://127.0.0.1:0", "--stream", "both"], ["tcp://127.0.0.1:0", "--stream", "send"],
    ["tcp://127.0.0.1:0", "--stream", "receive", "--connections", "2"],
    ["tcp://127.0.0.1:0", "--loops", "2", "--connections", "5"],
    ["unix:@NAME"], ["unix:@NAME", "--pipeline", "300", "--size", "1"],
    ["unix:@NAME", "--stream", "both", "--size", "5000"],
    ["unix-packet:@NAME"], ["unix-packet:@NAME", "--pipeline", "64"],
    ["unix-packet:@NAME", "--rate", "300"],
    ["udp://127.0.0.1:0"], ["udp://127.0.0.1:0", "--pipeline", "8", "--size", "1200"],
    ["udp://127.0.0.1:0", "--rate", "1000", "--connections", "2"],
    ["unix-datagram:@NAME"], ["unix-datagram:@NAME", "--pipeline", "5"],
  ]) func itsOwnServerIsMeasured(arguments: [String]) async throws {
    let name = "bench-\(UInt64.random(in: 0 ... .max))"
    let words = arguments.map { $0.replacingOccurrences(of: "NAME", with: name) }
    let run = try await measure(["--self"] + words)
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.errors == "")
    let report = try data(run)
    try check(report)
    let processor = try #require(report["processor"] as? [String: Any])
    #expect(try #require(processor["serverSeconds"] as? Double) > 0)
    if arguments.contains("--rate") {
      #expect(report["loop"] as? String == "open")
      // Not one more than were due, in 0.3 s, or in 5 when these were too short.
      let seconds = try #require(report["durationSeconds"] as? Double) < 1 ? 0.3 : 5
      let rate = try #require(
        Double(arguments[arguments.firstIndex(of: "--rate").map { $0 + 1 } ?? 0]))
      #expect(number(report, "requestsSent") <= Int(rate * seconds) + 1)
    }
  }

  @Test(.requires(.family(.ipv6))) func itsOwnServerIsMeasuredOverIPv6() async throws {
    for endpoint in ["tcp6://[::1]:0", "udp6://[::1]:0"] {
      let run = try await measure(["--self", endpoint])
      #expect(run.exitCode == 0, "\(run.errors)")
      try check(try data(run))
    }
  }

  @Test(.requires(.file("/sys/module/vsock_loopback")))
  func itsOwnServerIsMeasuredOverVsock() async throws {
    let port = UInt32.random(in: 100_000...(.max - 1))
    let run = try await measure(["--self", "vsock://1:\(port)"])
    #expect(run.exitCode == 0, "\(run.errors)")
    try check(try data(run))
  }

  @Test(arguments: ["epoll", "io_uring", "poll"]) func everyEngineMeasures(engine: String)
    async throws
  {
    let run = try await measure([
      "--self", "--engine", engine, "--rate", "500", "--connections", "2",
    ])
    // Where an engine is not allowed, that is told in a line.
    let probe = try #require(EngineKind.probe().first { $0.kind.rawValue == engine })
    guard probe.obstacle == nil else {
      #expect(run.exitCode == 1 && run.errors.split(separator: "\n").count == 1)
      return
    }
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = try data(run)
    #expect(report["engine"] as? String == engine)
    try check(report)
  }

  @Test(.requires(.program("socat"))) func socatIsMeasured() async throws {
    let folder = try ScratchFolder()
    let tcp = try startEchoingSocat("TCP-LISTEN:0,bind=127.0.0.1,fork,backlog=64")
    let port = try #require(tcp.line.split(separator: ":").last)
    let stream = try startEchoingSocat("UNIX-LISTEN:\(folder.path)/stream,fork")
    let packet = try startEchoingSocat("UNIX-LISTEN:\(folder.path)/packet,fork,socktype=5")
    for (endpoint, more) in [
      ("tcp://127.0.0.1:\(port)", ["--connections", "3"]),
      ("127.0.0.1:\(port)", ["--pipeline", "16", "--size", "100"]),
      ("tcp://127.0.0.1:\(port)", ["--connect"]),
      ("unix:\(folder.path)/stream", []), ("unix-packet:\(folder.path)/packet", []),
    ] {
      let run = try await measure([endpoint] + more)
      #expect(run.exitCode == 0, "\(endpoint) \(more): \(run.errors)")
      try check(try data(run))
    }
    for process in [tcp.process, stream.process, packet.process] { process.end() }
  }

  @Test(.requires(.program("python3"))) func pythonIsMeasured() async throws {
    let server = try FaultyServer.none.start()
    for mode in [
      ["--stream", "both"], ["--stream", "both", "--connections", "3", "--size", "1000"],
      ["--connect"], ["--rate", "300", "--connections", "3"], ["--size", "300000"],
    ] {
      let run = try await measure([server.endpoint] + mode)
      #expect(run.exitCode == 0, "\(mode): \(run.errors)")
      try check(try data(run))
    }
  }

  @Test(.requires(.program("ncat"))) func ncatIsMeasured() async throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/ncat"
    let ncat = try ChildProcess("ncat", ["-v", "-l", "-k", "-U", path, "-e", "/bin/cat"])
    _ = try ncat.waitForLine(containing: "Listening on ")
    let run = try await measure(["unix:\(path)", "--connections", "2"])
    #expect(run.exitCode == 0, "\(run.errors)")
    try check(try data(run))
    ncat.end()
  }

  // MARK: Coordinated omission

  @Test(.requires(.program("python3"))) func aStallCountsForAllWhoWouldHaveAsked() async throws {
    let server = try FaultyServer.stalling.start()
    // It stalls after a second, for half of one. What waits at the end does not count, so there is time for it.
    let run = try await sockets(
      "bench", server.endpoint, "--rate", "200", "--duration", "6", "--warmup", "0", "--timeout",
      "60", "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = try data(run)
    try check(report)
    let latency = try #require(report["latency"] as? [String: Any])
    #expect(number(latency, "p999Nanoseconds") >= 400_000_000)
    #expect(number(latency, "maximumNanoseconds") >= 450_000_000)
    // A hundred were due meanwhile, half of which had to wait for more than a quarter of a second.
    let histogram = try #require(latency["histogram"] as? [[String: Any]])
    let slow = histogram.filter { number($0, "upToNanoseconds") > 250_000_000 }
      .reduce(0) { $0 + number($1, "count") }
    #expect(slow >= 40, "\(slow)")
    #expect(number(report, "delayedRequests") >= 80)
    #expect(number(report, "longestDelayNanoseconds") >= 400_000_000)
  }

  @Test(.requires(.program("python3"))) func aClosedLoopSaysThatItHidesStalls() async throws {
    let server = try FaultyServer.stalling.start()
    let run = try await sockets("bench", server.endpoint, "--duration", "2", "--warmup", "0")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.output.contains("Closed loop:") && run.output.contains("--rate"))
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(run.output.contains("█"))
  }

  // MARK: Failures

  @Test(.requires(.program("python3"))) func aWrongAnswerIsNamed() async throws {
    let server = try FaultyServer.wrong.start()
    for mode in [[], ["--pipeline", "8"], ["--stream", "both"], ["--rate", "1000"]] {
      // It ends at the wrong answer, long before.
      let run = try await sockets(
        ["bench", server.endpoint, "--size", "100", "--duration", "60", "--json"] + mode)
      #expect(run.exitCode == 1)
      #expect(run.errors.hasPrefix("sockets: \(server.endpoint): "), "\(run.errors)")
      #expect(try #require(data(run)["durationSeconds"] as? Double) < 55)
      #expect(run.errors.contains("differs from what was sent"))
      #expect(run.errors.split(separator: "\n").count == 1)
      #expect(number(try data(run), "mismatches") == 1)
      if mode.first != "--stream" { #expect(run.errors.contains("answer 21 of connection 1")) }
    }
  }

  @Test(.requires(.program("python3"))) func aServerThatClosesIsAnError() async throws {
    let server = try FaultyServer.closing.start()
    let run = try await sockets(
      "bench", server.endpoint, "--duration", "20", "--connections", "2", "--json")
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("nothing worked: "), "\(run.errors)")
    let report = try data(run)
    #expect(number(report, "operations") == 0)
    #expect(number(report, "errors") >= 2)
    // It gave up long before the time was over.
    #expect(try #require(report["durationSeconds"] as? Double) < 15)
  }

  @Test(.requires(.program("python3"))) func aServerThatIsSilentTimesOut() async throws {
    let server = try FaultyServer.silent.start()
    for mode in [[], ["--rate", "100"], ["--connect"]] {
      let run = try await sockets(
        ["bench", server.endpoint, "--timeout", "100ms", "--connections", "2"] + mode + Self.short)
      #expect(run.exitCode == 1)
      #expect(run.errors.contains("nothing worked: read: "), "\(run.errors)")
      #expect(run.errors.contains("deadline"), "\(run.errors)")
      #expect(number(try data(run), "errors") >= 2)
    }
  }

  @Test func nobodyThereIsOneLine() async throws {
    let port = try DeafPort(.ipv4(.loopback, port: .any))
    let run = try await sockets("bench", "tcp://\(port.address)", "--connections", "10")
    #expect(run.exitCode == 1)
    #expect(run.output == "")
    #expect(
      run.errors == "sockets: connect to \(port.address): connection refused (ECONNREFUSED)\n")
    let datagrams = try DeafPort(.ipv4(.loopback, port: .any), .datagram)
    let lost = try await sockets(
      ["bench", "udp://\(datagrams.address)", "--timeout", "50ms"] + Self.short)
    #expect(lost.exitCode == 1)
    #expect(lost.errors.split(separator: "\n").count == 1)
    let report = try data(lost)
    #expect(number(report, "lost") >= 1)
  }

  @Test(.requires(.program("python3"))) func lostDatagramsAreCountedByTheirNumbers() async throws {
    let server = try FaultyServer.lossy.start()
    // It ends when all but the lost ones are answered, or after this long.
    let run = try await sockets(
      "bench", server.endpoint, "--rate", "400", "--duration", "5", "--warmup", "0",
      "--timeout", "5", "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = try data(run)
    let sent = number(report, "requestsSent")
    let lost = number(report, "lost")
    #expect(sent > 100)
    // The server says how many it dropped; on a machine that has much to do a queue may have dropped others.
    kill(server.process.processIdentifier, SIGTERM)
    let line = try server.process.waitForLine(containing: "dropped ")
    let dropped = Int(line.split(separator: " ").last ?? "") ?? -1
    #expect(dropped > 10 && lost >= dropped, "\(lost) of \(sent), \(dropped) by the server")
    #expect(number(report, "operations") == sent - lost)
    #expect(number(report, "duplicateAnswers") > 5)
    #expect(number(report, "strayDatagrams") == 0)
  }

  // MARK: Many, plots, the end

  @Test func aThousandConnectionsAreMeasured() async throws {
    let run = try await sockets(
      "bench", "--self", "--connections", "1000", "--duration", "5", "--timeout", "60", "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = try data(run)
    try check(report)
    #expect(number(report, "operations") > 1_000)
    #expect(number(report, "errors") == 0)
  }

  @Test func tooFewDescriptorsAreOneLine() async throws {
    let run = try await sockets("bench", "--self", "--connections", "100", descriptors: 200)
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("need 264 descriptors") && run.errors.contains("200"))
  }

  @Test(.requires(.program("python3"))) func aPlotIsWellFormed() async throws {
    let folder = try ScratchFolder()
    for (name, mode) in [("a", []), ("b", ["--rate", "500"]), ("c", ["--stream", "both"])] {
      let file = "\(folder.path)/\(name) & <\(name)>.svg"
      let run = try await measure(
        ["--self", "unix:\(folder.path)/\(name)&<>\"", "--plot", file] + mode)
      #expect(run.exitCode == 0, "\(run.errors)")
      let parser = try await BackgroundThread.run {
        let program = try ChildProcess(
          "python3",
          [
            "-c",
            "import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]); "
              + "print('texts', len(d.getElementsByTagName('text')), "
              + "'curves', len(d.getElementsByTagName('polyline')))", file,
          ])
        return (try program.waitForExit(), program.text)
      }
      #expect(parser.0 == 0, "\(parser.1)")
      #expect(parser.1.contains("curves \(name == "c" ? 1 : 2)"), "\(parser.1)")
    }
    let run = try await sockets(
      ["bench", "--self", "--plot", "\(folder.path)/none/x.svg"] + Self.short)
    #expect(run.exitCode == 1)
    #expect(run.errors.hasSuffix("(ENOENT)\n"), "\(run.errors)")
    // That is told before anything is measured, and what was in a file is replaced.
    #expect(run.output == "")
    let file = "\(folder.path)/old.svg"
    try String(repeating: "old", count: 100_000).write(
      toFile: file, atomically: false, encoding: .utf8)
    let again = try await measure(["--self", "--plot", file])
    #expect(again.exitCode == 0, "\(again.errors)")
    let text = try readFile(file)
    #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n") && !text.contains("old"))
  }

  @Test(arguments: [[], ["--connect"], ["udp://127.0.0.1:0", "--timeout", "100ms"]])
  func aRateThatNobodyCanKeepUpWithEndsInTime(mode: [String]) async throws {
    // To release each request by itself would take minutes.
    let run = try await sockets(
      ["bench", "--self", "--rate", "100000000", "--duration", "3", "--warmup", "0", "--json"]
        + mode)
    let report = try data(run)
    // All that was due is counted, in no more time than a few requests take.
    let all = number(report, "requestsSent") + number(report, "unsentRequests")
    #expect((299_000_000...301_000_000).contains(all), "\(all)")
  }

  @Test func aSignalEndsARateThatNobodyCanKeepUpWith() async throws {
    let (code, text) = try await BackgroundThread.run {
      let program = try ChildProcess(
        builtProgram("sockets"),
        [
          "bench", "--self", "--rate", "100000000", "--duration",
          "100", "--warmup", "0", "--json",
        ])
      _ = try settles { try program.processorTicks > 40 }
      kill(program.processIdentifier, SIGINT)
      return (try program.waitForExit(), program.text)
    }
    #expect(code == 130)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    #expect(report["interrupted"] as? Bool == true)
  }

  @Test func aRequestThatCannotBeSentIsAnError() async throws {
    let name = "@bench-\(UInt64.random(in: 0 ... .max))"
    let run = try await sockets(
      "bench", "--self", "unix-packet:\(name)", "--size", "300000", "--duration", "2", "--json")
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("nothing worked: write: "), "\(run.errors)")
    #expect(run.errors.hasSuffix("(EMSGSIZE)\n"), "\(run.errors)")
    #expect(number(try data(run), "errors") >= 1)
  }

  @Test(.requires(.program("python3"))) func aLargeRequestOfAConnectionIsReadWhileItIsWritten()
    async throws
  {
    let server = try FaultyServer.none.start()
    // One that is on its way at the end is waited for, and counts when it began after the warm-up.
    let run = try await measure(
      [server.endpoint, "--connect", "--size", "20000000"],
      ["--duration", "0.3", "--warmup", "0", "--timeout", "60", "--json"])
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = try data(run)
    try check(report)
    #expect(number(report, "errors") == 0)
  }

  @Test(.requires(.program("python3"))) func whoIsNotAnsweredAtTheEndWasNotInterrupted()
    async throws
  {
    let server = try FaultyServer.silent.start()
    // More than is taken by a peer that does not read.
    let run = try await sockets(
      "bench", server.endpoint, "--connect", "--size", "20000000", "--connections", "2",
      "--duration", "2", "--warmup", "0", "--timeout", "4")
    #expect(run.exitCode == 1)
    #expect(!run.output.contains("interrupted"), "\(run.output)")
    #expect(run.output.contains("deadline"), "\(run.output)")
  }

  @Test func whatIsDueIsComputed() {
    for rate in [0.001, 1, 333.3, 1e8] {
      for connections in [1, 7] {
        let schedule = Schedule(start: 5_000_000_000, rate: rate, connections: connections)
        for connection in [0, connections - 1] {
          for count in [0, 1, 2, 1_000] {
            let due = schedule.due(count, of: connection)
            #expect(schedule.count(before: due, of: connection) == count)
            #expect(schedule.count(before: due + 1, of: connection) == count + 1)
          }
          #expect(schedule.count(before: 0, of: connection) == 0)
        }
      }
    }
  }

  @Test func aSignalEndsItWithTheReportSoFar() async throws {
    // The time that it has may be too little on a busy machine: not three times.
    var isWhole = false
    for _ in 0..<3 where !isWhole { isWhole = try await tellsWhatItHas() }
    #expect(isWhole)
  }

  /// - Returns: whether a signal leaves it the time for its report and its plot.
  private func tellsWhatItHas() async throws -> Bool {
    let (code, text, plot) = try await BackgroundThread.run {
      let folder = try ScratchFolder()
      let program = try ChildProcess(
        "/bin/sh",
        [
          "-c",
          "exec \"$0\" bench --self --duration 100 --warmup 0 --timeout 60 --json --plot \"$1\"",
          try builtProgram("sockets"), "\(folder.path)/p.svg",
        ])
      // The load is running when the process uses its processor time.
      _ = try settles { try program.processorTicks > 40 }
      kill(program.processIdentifier, SIGINT)
      let code = try program.waitForExit()
      return (code, program.text, try? readFile("\(folder.path)/p.svg"))
    }
    #expect(code == 130)
    guard plot?.hasSuffix("</svg>\n") == true, !text.isEmpty else { return false }
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    #expect(report["interrupted"] as? Bool == true)
    #expect(number(report, "operations") > 0)
    #expect(number(report, "errors") == 0, "\(text.prefix(2000))")
    #expect(try #require(report["durationSeconds"] as? Double) < 99)
    return true
  }

  @Test(.requires(.program("python3"))) func bytesFromAServerThatOnlyTalksAreMeasured() async throws
  {
    let server = try FaultyServer.talking.start()
    let run = try await measure([server.endpoint, "--stream", "receive"])
    #expect(run.exitCode == 0, "\(run.errors)")
    try check(try data(run))
  }

  @Test(arguments: [
    [], ["tcp://"], ["--self", "--connect", "--stream", "both"], ["--self", "--size", "0"],
    ["--self", "--stream", "sideways"], ["--self", "--rate", "0"], ["--self", "--rate", "-1"],
    ["--self", "--rate", "1e9"], ["--self", "--stream", "both", "--rate", "5"],
    ["--self", "--connections", "0"], ["--self", "--duration", "0"], ["--self", "--engine", "x"],
    ["--self", "--pipeline", "0"], ["--self", "--connect", "--pipeline", "2"],
    ["--self", "udp://127.0.0.1:0", "--size", "7"], ["--self", "udp://127.0.0.1:0", "--connect"],
    ["--self", "unix-packet:@x", "--stream", "both"], ["--self", "icmp://127.0.0.1"],
    ["--self", "--size", "1G"], ["--self", "--loops", "0"], ["--self", "--timeout", "0"],
    ["--self", "--seed", "-1"], ["--self", "--interval", "1us", "--duration", "1h"],
    ["--self", "--size", "1M", "--pipeline", "1000"],
    ["--self", "--size", "64M", "--connections", "1000"],
    ["--self", "udp://127.0.0.1:0", "--size", "60000", "--connections", "100000"],
  ]) func aWrongCommandLineIsOneLine(arguments: [String]) async throws {
    try await usageError(["bench"] + arguments)
  }

  @Test func helpSaysWhatClosedMeans() async throws {
    let run = try await sockets("bench", "--help")
    #expect(run.output.contains("closed loop") && run.output.contains("open loop"))
  }
}

#endif
