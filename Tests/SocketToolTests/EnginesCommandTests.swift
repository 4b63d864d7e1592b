// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Foundation
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
