// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Foundation
import Sockets
import TestSupport
import Testing

/// `sockets engines` and `sockets tour --async`.
@Suite struct EnginesCommandTests {
  @Test func theEnginesAreListedAndOneIsTaken() async throws {
    let run = try await sockets("engines", environment: ["-u", EngineKind.environmentVariable])
    #expect(run.exitCode == 0 && run.errors == "")
    for kind in EngineKind.allCases { #expect(run.output.contains("\(kind)")) }
    #expect(run.output.split(separator: "\n").count { $0.contains("loops take this one") } == 1)
  }

  @Test func theVariableChoosesAndAWrongOneIsSaid() async throws {
    let poll = try await sockets(
      "engines", "--json", environment: ["\(EngineKind.environmentVariable)=poll"])
    let object = try #require(try poll.json() as? [String: Any])
    let engines = try #require(object["engines"] as? [[String: Any]])
    let taken = engines.filter { $0["isAutomatic"] as? Bool == true }
    #expect(taken.map { $0["name"] as? String } == ["poll"])
    let wrong = try await sockets(
      "engines", environment: ["\(EngineKind.environmentVariable)=kqueue"])
    let sentence =
      "\(EngineKind.environmentVariable) names no engine: 'kqueue'; there are epoll, io_uring, poll"
    #expect(wrong.exitCode == 0 && wrong.output.contains(sentence))
    let measuring = try await sockets(
      "list", environment: ["\(EngineKind.environmentVariable)=kqueue"])
    #expect(measuring.exitCode == 2 && measuring.output == "")
    #expect(measuring.errors.contains(sentence))
    let empty = try await sockets("list", environment: ["\(EngineKind.environmentVariable)="])
    #expect(empty.exitCode == 0 && empty.errors == "")
  }

  /// io_uring where it is forbidden, as a container forbids it: no noise, unless somebody asks for it.
  @Test(.requires(.program("strace"))) func anEngineThatIsForbiddenIsSaidToWhoeverAsksForIt()
    async throws
  {
    let tool = try builtProgram("sockets")
    func forbidden(_ variable: String, _ command: String) async throws -> ToolRun {
      try await run([
        "strace", "-f", "-o", "/dev/null", "-e", "trace=io_uring_setup",
        "-e", "inject=io_uring_setup:error=EPERM",
        // The leak sanitizer cannot work beside strace.
        "env", "ASAN_OPTIONS=detect_leaks=0", "\(EngineKind.environmentVariable)=\(variable)", tool,
        command,
      ])
    }
    let quiet = try await forbidden("", "list")
    #expect(quiet.exitCode == 0 && quiet.errors == "")
    let sentence = "\(EngineKind.environmentVariable) names io_uring, which cannot be used here: "
    let asked = try await forbidden("io_uring", "list")
    #expect(asked.exitCode == 2 && asked.output == "")
    #expect(asked.errors.contains(sentence) && asked.errors.contains("(EPERM)"), "\(asked.errors)")
    let engines = try await forbidden("io_uring", "engines")
    #expect(engines.exitCode == 0 && engines.output.contains(sentence))
  }

  /// A filter of system calls that is older than `epoll_pwait2` refuses it: then the loop waits by the call of before.
  @Test(.requires(.program("strace"))) func aWaitThatIsForbiddenIsDoneTheOldWay() async throws {
    let folder = try ScratchFolder()
    let trace = "\(folder.path)/trace"
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let waiting = try await run([
      "strace", "-f", "-o", trace, "-e", "trace=epoll_pwait2",
      "-e", "inject=epoll_pwait2:error=EPERM", "env", "ASAN_OPTIONS=detect_leaks=0",
      "\(EngineKind.environmentVariable)=epoll",
      try builtProgram("sockets"), "wait", "tcp://\(nobody.address)", "--timeout", "500ms",
    ])
    #expect(waiting.exitCode == 124, "\(waiting)")
    // Once, but for threads that ask at the same moment.
    let calls = try readFile(trace).split(separator: "\n").count { $0.contains("epoll_pwait2(") }
    #expect((1...4).contains(calls), "\(calls) calls")
  }

  @Test func theTourOnLoopsWorksOnEveryEngine() async throws {
    let run = try await sockets("tour", "--async", "--json")
    #expect(run.exitCode == 0 && run.errors == "")
    let rows = try #require(try run.json() as? [[String: Any]])
    #expect(rows.count >= 8 && rows.count.isMultiple(of: 4))
    #expect(rows.allSatisfy { $0["verdict"] as? String == "worked" })
    let text = try await sockets("tour", "--async")
    #expect(text.output.contains("\(rows.count) worked, 0 failed."))
    let both = try await sockets("tour", "--async", "--only", "tcp4")
    #expect(both.exitCode == 2)
  }
}
