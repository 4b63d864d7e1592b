// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Testing

/// Rules about files and words, whatever the language.
@Suite struct TextRules {
  /// Words that say that something is not done, in halves, since this file is checked too.
  private static let unfinished = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
  /// Texts that belong to somebody's machine.
  private static let machine = [
    "/wo" + "rk/", "/tmp/w" + "t", ".libr" + "ary/", "/home" + "/", "/ro" + "ot/", "/Us" + "ers/",
  ]

  @Test func eachFileNamesItsLicence() {
    expectNone(
      Repository.files.compactMap { file in
        guard !file.path.hasSuffix(".md"), !file.path.hasSuffix(".txt") else { return nil }
        let head = file.lines.prefix(4).joined(separator: "\n")
        return head.contains("SPDX-License-Identifier: Apache-2.0")
          ? nil : Finding(path: file.path, line: 1, text: "the licence line is missing")
      }
    )
  }

  @Test func noWordSaysThatSomethingIsUnfinished() { expectNone(findings(of: Self.unfinished)) }

  @Test func noPathOfOneMachineIsNamed() { expectNone(findings(of: Self.machine)) }

  private func findings(of words: [String]) -> [Finding] {
    Repository.files.flatMap { file in
      file.lines.enumerated().compactMap { index, line in
        words.first { isSaid($0, in: line) }.map {
          Finding(path: file.path, line: index + 1, text: "must not say \($0)")
        }
      }
    }
  }

  /// Whether a line has a text; a word of letters must stand alone.
  private func isSaid(_ word: String, in line: String) -> Bool {
    guard word.allSatisfy(\.isLetter) else { return line.contains(word) }
    return line.split { !$0.isLetter }.contains { $0 == word }
  }

  @Test func noLineEndsInSpace() {
    expectNone(
      Repository.files.flatMap { file in
        file.lines.enumerated().filter { $1.hasSuffix(" ") || $1.hasSuffix("\t") }.map { index, _ in
          Finding(path: file.path, line: index + 1, text: "ends in white space")
        }
      }
    )
  }

  @Test func sourcesHaveAtMost500LinesAndTests800() {
    var found: [String: [Finding]] = [:]
    for file in Repository.files where file.path.hasSuffix(".swift") || file.path.hasSuffix(".c") {
      let limit = file.path.hasPrefix("Tests/") ? 800 : 500
      if file.lineCount <= limit { continue }
      let text = "\(file.lineCount) lines, at most \(limit): divide it by what its parts are for"
      found[file.path] = [Finding(path: file.path, line: limit + 1, text: text)]
    }
    expectNone(ExceptionList("LongFiles").unlisted(found))
  }

  @Test func functionsFitOneScreen() {
    var found: [String: [Finding]] = [:]
    for file in Repository.files where file.path.hasSuffix(".swift") {
      for function in functions(in: file) where function.lineCount > 60 {
        let text = "\(function.name) has \(function.lineCount) lines, at most 60"
        found["\(file.path) \(function.name)", default: []]
          .append(Finding(path: file.path, line: function.line, text: text))
      }
    }
    expectNone(ExceptionList("LongFunctions").unlisted(found))
  }
}
