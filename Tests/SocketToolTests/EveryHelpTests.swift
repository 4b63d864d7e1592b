// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import SocketTool

/// The help of every command, whose examples are command lines that are taken, and any other words, which never end in a trap.
@Suite struct EveryHelpTests {
  /// A command's name, and what stands below its options.
  struct Command: CustomTestStringConvertible, Sendable {
    let name: String
    let discussion: String
    var testDescription: String { name }

    init(_ type: any ParsableCommand.Type) {
      name = type.configuration.commandName ?? ""
      discussion = type.configuration.discussion
    }
  }

  /// All that are shown.
  static let commands = SocketsCommand.configuration.subcommands
    .filter { $0.configuration.shouldDisplay }.map { Command($0) }

  /// Commands that wait for nobody, and those whose bytes are the peer's and not data.
  private static let withoutTimeout: Set = ["support", "errors", "engines", "parse"]
  private static let withoutData: Set = ["connect"]

  @Test func noCommandIsForgotten() {
    #expect(
      Set(Self.commands.map(\.name)) == [
        "listen", "connect", "relay", "serve", "list", "resolve", "ping", "trace", "scan", "wait",
        "bench", "tour", "support", "options", "errors", "engines", "parse",
      ])
  }

  @Test(arguments: commands)
  func itHasExamplesExitCodesAndTheOptionsOfAll(_ command: Command) async throws {
    let run = try await sockets(command.name, "--help")
    #expect(run.exitCode == 0 && run.errors == "")
    let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for part in ["USAGE: sockets \(command.name)", "Examples:", "Exit codes: 0 ", " 2 "] {
      #expect(text.contains(part), "\(part)")
    }
    let hasTimeout = run.output.contains("--timeout ")
    #expect(hasTimeout != Self.withoutTimeout.contains(command.name))
    #expect(!hasTimeout || run.output.contains("124"))
    let hasData = run.output.contains("--json")
    #expect(hasData != Self.withoutData.contains(command.name))
    #expect(!run.output.contains("\u{1b}"))
  }

  // MARK: Examples

  /// The lines below "Examples:", without what is said of them.
  private static func examples(_ discussion: String) -> [String] {
    let lines = discussion.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "Examples:") else { return [] }
    return lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.map { line in
      let text = line.dropFirst(2)
      // Two spaces or more stand before a remark.
      return String(text.firstRange(of: "  ").map { text[..<$0.lowerBound] } ?? text[...])
    }
  }

  /// The words of the part of a shell's line that runs the tool.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      switch character {
      case "'": (isQuoted, word) = (!isQuoted, word ?? "")
      case _ where isQuoted: word = (word ?? "") + String(character)
      case " ":
        if let word { words.append(word) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    // Behind variables that are set for it.
    let commands = words.split(separator: "|").map { $0.drop { $0.contains("=") } }
    let command = commands.first { $0.first == "sockets" } ?? []
    return Array(command.dropFirst().prefix { $0 != "<" && $0 != ">" })
  }

  @Test(arguments: commands + [Command(SocketsCommand.self)])
  func everyExampleIsTaken(_ command: Command) throws {
    let examples = Self.examples(command.discussion)
    #expect(examples.count >= 2, "\(examples)")
    for example in examples {
      // What `wait` runs afterwards is no word of its own.
      let words = Self.words(example).split(separator: "--", omittingEmptySubsequences: false)[0]
      let isOther = command.name == "sockets" || example.contains("| sockets connect ")
      #expect(!words.isEmpty && (isOther || words.first == command.name), "\(example)")
      #expect(throws: Never.self, "\(example)") {
        _ = try SocketsCommand.parseAsRoot(Array(words))
      }
    }
  }

  /// Those that ask nobody outside of this machine do what they say.
  @Test(.requires(.root), arguments: ["errors", "engines", "parse", "support", "options", "list"])
  func examplesThatNeedNobodyWork(_ name: String) async throws {
    let command = try #require(Self.commands.first { $0.name == name })
    let tool = try builtProgram("sockets")
    let folder = tool.prefix(upTo: tool.lastIndex(of: "/") ?? tool.endIndex)
    // Without those that need a peer, another program or an end.
    let others = ["--connect", "| jq", "--watch"]
    for example in Self.examples(command.discussion)
    where !others.contains(where: example.contains) {
      let (code, text) = try await BackgroundThread.run {
        let process = try ChildProcess(
          "sh", ["-c", "PATH=\"$0:$PATH\"; \(example)", String(folder)])
        process.closeInput()
        return (try process.waitForExit(), process.text)
      }
      #expect(code == 0, "\(example): \(text)")
    }
  }

  /// The five lines of the README, in a folder and a network of their own, as somebody pastes them.
  @Test(.requires(.root, .networkNamespaces, .program("bash"), .program("curl"), .program("ip")))
  func theLinesOfTheREADMEWork() async throws {
    let readme = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../README.md"), encoding: .utf8)
    let section = try #require(readme.components(separatedBy: "\n## The tool\n").dropFirst().first)
    let lines = section.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.hasPrefix("    ") }.prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
    #expect(lines.count == 5 && lines[0].hasPrefix("swift build -c release && export PATH="))
    let tool = try builtProgram("sockets")
    let bin = String(tool.prefix(upTo: tool.lastIndex(of: "/") ?? tool.endIndex))
    let script = lines.dropFirst().joined(separator: "\n")
    let (code, text) = try await BackgroundThread.run {
      let folder = try ScratchFolder()
      try folder.write(readme, to: "README.md")
      let host = try NetworkHost()
      let process = try host.run {
        try ChildProcess(
          "bash",
          [
            "-c", "cd \"$0\"; PATH=\"$1:$PATH\"\n\(script)\nwait\nwc -c talk.pcapng",
            folder.path, bin,
          ])
      }
      process.closeInput()
      return (try process.waitForExit(), process.text)
    }
    #expect(code == 0, "\(text)")
    for word in [
      "tcp://127.0.0.1:7000 answers after ", "hello\n", "# swift-sockets\n", "requests",
      "127.0.0.1:7000 ", "127.0.0.1:7001 ", "127.0.0.1:8000 ", "relay: ",
    ] {
      #expect(text.contains(word), "\(word): \(text)")
    }
    #expect(!text.contains("sockets: "), "\(text)")
    #expect(text.contains(/[0-9]{4,} talk.pcapng/), "\(text)")
  }

  // MARK: Any words

  /// Words that make sense somewhere, and such that make none.
  private static func vocabulary() -> [String] {
    var words: Set<String> = [
      "", "-", "--", "=", "0", "1", "-1", "65535", "65536", "9223372036854775807",
      "9223372036854775808", "-9223372036854775808", "1e400", "nan", "inf", "0x10", "١", "1.5.2",
      "1ns", "1us", "0.0000001", "99999999999h", "8796093022208h", "366d", "1023T", "8388608T",
      "101%", "50%", "%", "127.0.0.1", "::1", "[::1]", "[::1", "127.0.0.1:0", "tcp://127.0.0.1:1",
      "tcp://:", "tcp://*:0", "udp://:1", "unix:", "unix:@", "unix:@a", "unix:/a",
      "unix-datagram:/a", "unix-packet:@b", "vsock://1:1", "vsock://*:*", "x25://1", "icmp://::1",
      "sctp://[::1]:1", "a b", "é", "\u{202e}",
      "\u{1b}[31m", "a\u{0}b", "\n", String(repeating: "x", count: 5000), "80-", "1-65535", "80,81",
      "10.0.0.0/8", "::/129", "lo", "root", "established", "tcp.noDelay=1", "noDelay", "=", "x=y",
      "priority=99999999999999999999", "\\x", "\\xff", "\\", "'", "\"", "epoll", "both",
    ]
    for command in SocketsCommand.configuration.subcommands {
      words.insert(command.configuration.commandName ?? "")
      let help = SocketsCommand.helpMessage(for: command)
      for match in help.matches(of: /--?[a-z][a-z0-9-]*/) { words.insert(String(match.output)) }
    }
    // It would print, and end this process.
    words.remove("--generate-completion-script")
    return words.sorted()
  }

  /// Whatever the words are, they are taken or refused in one line, and nothing traps.
  @Test func anyWordsAreTakenOrRefusedInALine() throws {
    let vocabulary = Self.vocabulary()
    var random = SeededGenerator()
    var refused = 0
    let count = Int(environment("SOCKETS_COMMAND_LINES") ?? "") ?? 150
    for _ in 0..<count {
      var words = [Self.commands.randomElement(using: &random)?.name ?? ""]
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        var word = vocabulary.randomElement(using: &random) ?? ""
        if Int.random(in: 0..<6, using: &random) == 0 {
          word += "=" + (vocabulary.randomElement(using: &random) ?? "")
        }
        words.append(word)
      }
      do {
        _ = try SocketsCommand.parseAsRoot(words)
      } catch {
        guard SocketsCommand.exitCode(for: error) != .success else { continue }
        refused += 1
        let line =
          error.asCommandFailure?.text ?? UsageMessage.line(SocketsCommand.message(for: error))
        let isClean = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        #expect(isClean && !line.isEmpty, "\(words) \(line.debugDescription)")
      }
    }
    #expect(refused > count / 4 && refused < count)
  }
}

#endif
