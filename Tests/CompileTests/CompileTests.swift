// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// What must not compile does not, and what people copy out of the documentation does.
///
/// Each test is one run of the compiler over all its programs.
@Suite(.blocking, .serialized, .requires(.program("swiftc"))) struct CompileTests {
  @Test func theCallsOfAnotherPhaseDoNotCompile() throws {
    try expectRefused(Snippet.types, .types)
  }

  @Test func usingWhatHasEndedDoesNotCompile() throws {
    try expectRefused(Snippet.ownership, .ownership)
  }

  private func expectRefused(_ snippets: [Snippet], _ stage: Compiler.Stage) throws {
    var files: [String: String] = [:]
    for (number, snippet) in snippets.enumerated() {
      files["snippet\(number).swift"] = snippet.file(number, whole: true)
    }
    let diagnostics = try Compiler.diagnose(files, stage)
    for (number, snippet) in snippets.enumerated() {
      let said = diagnostics.filter { $0.file == "snippet\(number).swift" && $0.isError }
      #expect(Set(said.map(\.line)).count == 1, "\(snippet.testDescription): \(said)")
      #expect(
        said.first?.text.contains(snippet.diagnostic) == true,
        "\(snippet.testDescription): \(said)"
      )
    }
  }

  @Test func theSameWithoutTheMarkedLineCompiles() throws {
    var files: [String: String] = [:]
    for (number, snippet) in (Snippet.types + Snippet.ownership).enumerated() {
      files["snippet\(number).swift"] = snippet.file(number, whole: false)
    }
    let diagnostics = try Compiler.diagnose(files, .ownership)
    // A value that only the marked line used is unused now, which is a warning.
    #expect(diagnostics.filter(\.isError) == [])
  }

  /// Every block of Swift of the pages that people read first.
  @Test func everySnippetOfTheDocumentationCompiles() throws {
    var files: [String: String] = [:]
    for (number, block) in try Documentation.blocks().enumerated() {
      files["\(block.name).swift"] = Snippet.file(number, block.code)
    }
    #expect(files.keys.contains { $0.hasPrefix("README") })
    #expect(try Compiler.diagnose(files, .ownership) == [])
  }

  /// The owners may go to another thread, and be shared by several.
  @Test func theOwnersAreSendable() throws {
    let owners = [
      "Socket", "BoundSocket", "ListeningSocket", "ConnectingSocket", "ConnectedSocket",
      "MessageSocket", "ReceivedDescriptor", "ProcessDescriptor", "Splice", "StopSignal",
    ]
    let code = """
      func requireSendable<T: Sendable & ~Copyable>(_: T.Type) {}
      \(owners.map { "requireSendable(\($0).self)" }.joined(separator: "\n"))
      """
    #expect(try Compiler.diagnose(["owners.swift": Snippet.file(0, code)], .types) == [])
  }
}
