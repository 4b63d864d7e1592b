// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation

/// The checkout that these tests are compiled from, as files and lines.
enum Repository {
  /// The folder that has `Package.swift`.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Every file of ours that is text, by path from the root, sorted; what is built or fetched left out.
  static let files: [TextFile] = {
    var found: [TextFile] = []
    for top in ["Sources", "Tests", "Examples", "Fuzz", "Snippets", "Documentation", ".ci"] {
      guard let walk = FileManager.default.enumerator(atPath: "\(root)/\(top)") else { continue }
      for case let path as String in walk {
        if path.split(separator: "/").contains(where: { $0.hasPrefix(".build") }) { continue }
        // Inputs of the fuzzer, not ours to write.
        if top == "Fuzz", path.hasPrefix("corpus/") { continue }
        TextFile(path: "\(top)/\(path)").map { found.append($0) }
      }
    }
    let single = [
      "Package.swift", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
      "SUPPORTED_PLATFORMS.md", "check",
    ]
    return (found + single.compactMap(TextFile.init(path:))).sorted { $0.path < $1.path }
  }()

  /// The Swift files below a folder.
  static func swift(in folder: String) -> [TextFile] {
    files.filter { $0.path.hasPrefix("\(folder)/") && $0.path.hasSuffix(".swift") }
  }
}

/// One file of the repository.
struct TextFile: Sendable {
  /// The path from the repository's root.
  let path: String
  /// The lines as they are.
  let lines: [String]
  /// The lines with comments removed and with string literals emptied; empty but for Swift.
  let code: [String]

  /// The extensions that are read; a name without one is a script.
  private static let extensions: Set<String> = ["swift", "c", "h", "md", "sh", "py", "txt", ""]

  /// Reads a file; `nil` for a folder, for what is not text and for what is not there.
  init?(path: String) {
    guard Self.extensions.contains(URL(filePath: path).pathExtension),
      let text = try? String(contentsOfFile: "\(Repository.root)/\(path)", encoding: .utf8)
    else { return nil }
    self.init(path: path, text: text)
  }

  /// Makes a file from text, to test the rules themselves.
  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    code = path.hasSuffix(".swift") ? Self.code(of: lines) : []
  }

  /// How many lines an editor shows.
  var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }

  /// Removes comments and empties string literals.
  ///
  /// A line scanner, good for formatted sources: it knows `//`, `/* */`, `"…"` and `"""`. What is written
  /// inside `\(…)` is taken for text.
  private static func code(of lines: [String]) -> [String] {
    var inComment = false
    var inText = false
    return lines.map { line in
      if !inComment && !inText && !line.contains("\"") && !line.contains("/") { return line }
      var kept = ""
      var rest = Substring(line)
      while !rest.isEmpty {
        if inComment || inText {
          let end = inComment ? "*/" : "\"\"\""
          guard let range = rest.range(of: end) else { return kept }
          rest = rest[range.upperBound...]
          inComment = false
          inText = false
        } else if rest.hasPrefix("//") {
          return kept
        } else if rest.hasPrefix("/*") {
          inComment = true
          rest = rest.dropFirst(2)
        } else if rest.hasPrefix("\"\"\"") {
          inText = true
          rest = rest.dropFirst(3)
        } else if rest.hasPrefix("\"") {
          kept += "\"\""
          rest = Self.afterLiteral(rest)
        } else {
          kept.append(rest.removeFirst())
        }
      }
      return kept
    }
  }

  /// What follows the string literal that `text` begins with.
  private static func afterLiteral(_ text: Substring) -> Substring {
    var rest = text.dropFirst()
    var depth = 0
    while let first = rest.first {
      if rest.hasPrefix("\\(") {
        depth += 1
        rest = rest.dropFirst(2)
        continue
      }
      if first == "\\" {
        rest = rest.dropFirst(2)
        continue
      }
      rest = rest.dropFirst()
      if depth > 0 {
        if first == "(" { depth += 1 }
        if first == ")" { depth -= 1 }
      } else if first == "\"" {
        return rest
      }
    }
    return rest
  }
}

/// One place that breaks a rule, as editors and terminals can jump to it.
struct Finding: Hashable, CustomStringConvertible {
  /// The file, from the root.
  var path: String
  /// The line, from 1.
  var line: Int
  /// What is wrong and what to do.
  var text: String

  var description: String { "\(path):\(line): \(text)" }
}

/// A committed list of exceptions: `key | reason`, or `key | number | reason`, a line each.
///
/// A list is a ratchet: an exception that nothing needs any more must be removed, and a number must be
/// lowered when fewer are left.
struct ExceptionList {
  /// The list's path from the root.
  let path: String
  /// The number of each key, 1 when none is given.
  private(set) var numbers: [String: Int] = [:]
  /// The line of each key, from 1.
  private var places: [String: Int] = [:]
  /// Lines that are not as they should be.
  private(set) var findings: [Finding] = []

  /// Reads `Tests/TidyTests/Lists/NAME.txt`.
  init(_ name: String) {
    path = "Tests/TidyTests/Lists/\(name).txt"
    guard let file = TextFile(path: path) else {
      findings.append(Finding(path: path, line: 1, text: "the list is missing"))
      return
    }
    for (index, line) in file.lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard let key = fields.first, let reason = fields.last, fields.count >= 2, reason.count >= 10
      else {
        findings.append(Finding(path: path, line: index + 1, text: "no reason is given"))
        continue
      }
      if numbers[key] != nil {
        findings.append(Finding(path: path, line: index + 1, text: "\(key) is listed twice"))
      }
      places[key] = index + 1
      numbers[key] = fields.count == 3 ? Int(fields[1]) ?? 0 : 1
    }
  }

  /// Whether a folder is listed as a whole, by a key that ends in a slash.
  func coversFolder(of path: String) -> Bool {
    numbers.keys.contains { $0.hasSuffix("/") && path.hasPrefix($0) }
  }

  /// Holds counted findings against the list: what is more than listed is a finding, what is less too.
  func unlisted(_ found: [String: [Finding]]) -> [Finding] {
    var result = findings
    for (key, places) in found.sorted(by: { $0.key < $1.key })
    where places.count > numbers[key] ?? 0 {
      result += places
    }
    for (key, number) in numbers.sorted(by: { $0.key < $1.key })
    where !key.hasSuffix("/") && (found[key]?.count ?? 0) < number {
      let count = found[key]?.count ?? 0
      result.append(
        Finding(
          path: path,
          line: 1,
          text: count == 0
            ? "remove \(key): nothing needs it" : "lower \(key) from \(number) to \(count)"
        )
      )
    }
    return result
  }
}
