// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// The article for learners says what the examples say, do and print; `Examples/run` compiles and runs them.
@Suite(.blocking) struct ArticleTests {
  private let lines: [String]
  private let examples: [String]
  private let outputs: Set<String>
  private let folder = "\(Compiler.root)/Examples"

  init() throws {
    let article = "\(Compiler.root)/Sources/Sockets/Sockets.docc/GroundUp.md"
    lines = try readFile(article).components(separatedBy: "\n")
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/Sources")
    examples = try names.map { [folder] name in
      Self.withoutIndentation(try readFile("\(folder)/Sources/\(name)/main.swift"))
    }
    let expected = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/Expected")
    let texts = try expected.filter { $0.hasSuffix(".txt") }.map { [folder] in
      try readFile("\(folder)/Expected/\($0)")
    }
    outputs = Set(texts.flatMap { $0.components(separatedBy: "\n") }.map(Self.withoutPorts))
  }

  @Test func everyPieceOfSwiftIsInAnExample() {
    let pieces = blocks(after: "```swift")
    #expect(pieces.count >= 12)
    for piece in pieces {
      let text = Self.withoutIndentation(piece.joined(separator: "\n"))
      #expect(examples.contains { $0.contains(text) }, "\(piece.first ?? "an empty piece")")
    }
  }

  @Test func everyLineOfOutputIsPrintedByAnExample() {
    let printed = blocks(after: "```").flatMap(\.self)
    #expect(printed.count >= 20)
    for line in printed { #expect(outputs.contains(Self.withoutPorts(line))) }
  }

  @Test func theCallsAreThoseThatWereRecorded() throws {
    let calls = lines.filter { $0.hasPrefix("    ") && $0.contains(": socket ") }
    #expect(calls.count == 5)
    for line in calls {
      let parts = line.trimmingCharacters(in: .whitespaces).components(separatedBy: ": ")
      let recorded = try readFile("\(folder)/Expected/\(parts[0]).calls")
      #expect(parts[1] == recorded.split(separator: "\n").joined(separator: " "))
    }
  }

  @Test(.requires(.program("python3")))
  func thePictureIsWhatItsScriptDraws() throws {
    let scratch = try ScratchFolder()
    let script = "\(Compiler.root)/Documentation/Pictures/lifecycle.py"
    #expect(try ChildProcess("python3", [script, scratch.path]).waitForExit() == 0)
    for name in ["lifecycle.svg", "lifecycle~dark.svg"] {
      let committed = try readFile("\(Compiler.root)/Sources/Sockets/Sockets.docc/Images/\(name)")
      #expect(try readFile("\(scratch.path)/\(name)") == committed)
    }
  }

  /// The lines of each block that such a line opens.
  private func blocks(after opening: String) -> [[String]] {
    var blocks: [[String]] = []
    var open: String?
    for line in lines {
      if open == nil, line.hasPrefix("```") {
        open = line
        if line == opening { blocks.append([]) }
      } else if line == "```" {
        open = nil
      } else if open == opening {
        blocks[blocks.count - 1].append(line)
      }
    }
    return blocks
  }

  private static func withoutIndentation(_ text: String) -> String {
    text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: "\n")
  }

  private static func withoutPorts(_ line: String) -> String {
    line.replacing(/:[0-9]{4,5}/, with: ":PORT")
  }
}
