// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation

/// A function or initializer, found by the form that the formatter gives it.
struct FunctionText {
  /// The name, `init` for an initializer.
  var name: String
  /// The line of the declaration, from 1.
  var line: Int
  /// How many lines from the declaration to its closing brace.
  var lineCount: Int
}

/// The functions of a formatted file: from a line with `func` or `init` to the brace at its indentation.
func functions(in file: TextFile) -> [FunctionText] {
  let code = file.code
  var found: [FunctionText] = []
  for (index, line) in code.enumerated() {
    guard let name = functionName(line) else { continue }
    let indentation = line.prefix { $0 == " " }
    guard
      let end = code[index...].firstIndex(where: {
        $0.hasPrefix("\(indentation)}") || $0 == line && closes($0)
      })
    else { continue }
    found.append(FunctionText(name: name, line: index + 1, lineCount: end - index + 1))
  }
  return found
}

/// Whether a declaration ends on its own line.
private func closes(_ line: String) -> Bool {
  line.contains("{") && line.filter { $0 == "{" }.count == line.filter { $0 == "}" }.count
}

/// The name of the function that a line of code declares.
func functionName(_ line: String) -> String? {
  let words = line.split(whereSeparator: { " (<{".contains($0) }).map(String.init)
  if let index = words.firstIndex(of: "func"), index + 1 < words.count { return words[index + 1] }
  guard let word = words.first(where: { !modifiers.contains($0) }) else { return nil }
  return ["init", "init?"].contains(word) && line.contains("(") && !line.contains(" = ")
    ? "init" : nil
}

private let modifiers: Set<String> = [
  "public", "package", "internal", "private", "fileprivate", "convenience", "required", "override",
  "@inlinable", "nonisolated",
]

/// A public declaration with the comment above it.
struct PublicDeclaration {
  /// The name.
  var name: String
  /// The line, from 1.
  var line: Int
  /// The documentation comment.
  var comment: String
  /// The first line of code.
  var code: String
}

/// The public functions and static members of a file, with their comments.
func publicDeclarations(in file: TextFile) -> [PublicDeclaration] {
  let code = file.code
  return code.enumerated().compactMap { index, line in
    let trimmed = line.trimmingCharacters(in: .whitespaces)
    guard trimmed.hasPrefix("public ") || trimmed.contains(" public ") else { return nil }
    let words = trimmed.split(whereSeparator: { " (<{:=".contains($0) }).map(String.init)
    let keywords = ["func", "let", "var"]
    guard let keyword = words.firstIndex(where: keywords.contains), keyword + 1 < words.count else {
      return nil
    }
    var comment: [String] = []
    for above in file.lines[..<index].reversed() {
      let text = above.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("///") {
        comment.append(text)
      } else if !text.hasPrefix("@") && !text.hasPrefix("//") {
        break
      }
    }
    let name = words[keyword] == "func" && trimmed.contains("func ==") ? "==" : words[keyword + 1]
    return PublicDeclaration(
      name: name,
      line: index + 1,
      comment: comment.reversed().joined(separator: "\n"),
      code: trimmed
    )
  }
}
