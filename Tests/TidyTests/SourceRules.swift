// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Testing

/// Rules about the code of the libraries and the tool.
@Suite struct SourceRules {
  /// What stops a program, or promises what the compiler cannot check.
  private static let traps = [
    "try!", "as!", "fatalError(", "precondition(", "preconditionFailure(", "assert(",
    "assertionFailure(", "@unchecked Sendable", "nonisolated(unsafe)", "unsafelyUnwrapped",
    "unsafeBitCast", "unowned", "UnsafeContinuation",
  ]

  /// The figure F8: a trap that a peer's bytes could reach must not exist, so each trap is known.
  @Test func eachTrapIsListedWithAReason() {
    var found: [String: [Finding]] = [:]
    for file in Repository.swift(in: "Sources") {
      for (index, line) in file.code.enumerated() {
        for trap in Self.traps + ["!"] {
          for _ in 0..<count(of: trap, in: line) {
            let text =
              "\(trap) is not in Tests/TidyTests/Lists/Traps.txt, or more often than listed"
            found["\(file.path) \(trap)", default: []]
              .append(Finding(path: file.path, line: index + 1, text: text))
          }
        }
      }
    }
    expectNone(ExceptionList("Traps").unlisted(found))
  }

  /// How often a trap occurs; `!` alone means unwrapping by force.
  private func count(of trap: String, in line: String) -> Int {
    guard trap == "!" else {
      let pieces = line.components(separatedBy: trap)
      // A word that only ends like the trap (`expectPrecondition(`) is another word.
      return pieces.dropLast().count { piece in
        guard let last = piece.last, trap.first?.isLetter == true else { return true }
        return !(last.isLetter || last == "_")
      }
    }
    let characters = Array(line)
    return characters.indices.count { index in
      guard characters[index] == "!", index > 0 else { return false }
      let before = characters[index - 1]
      let after = index + 1 < characters.count ? characters[index + 1] : " "
      guard before.isLetter || before.isNumber || ")]}".contains(before), after != "=" else {
        return false
      }
      let word = String(characters[..<index].reversed().prefix { $0.isLetter }.reversed())
      return !["try", "as"].contains(word)
    }
  }

  /// The other half of F8: foreign bytes are read through a reader that knows their end.
  ///
  /// An index may be outside. Addresses have twin parsers and the fuzzer for it.
  @Test func eachIndexIntoForeignBytesIsListedWithAReason() {
    let places = [
      "Sources/Sockets/Messages/", "Sources/Sockets/Options/", "Sources/SocketTool/Packets/",
      "Sources/HTTPMessages/",
    ]
    var found: [String: [Finding]] = [:]
    for file in Repository.swift(in: "Sources")
    where places.contains(where: file.path.hasPrefix) {
      for (index, line) in file.code.enumerated() {
        for _ in line.matches(of: /[A-Za-z0-9_)\]]\[/) {
          let text = "read it by a reader that knows its end, or list it in Lists/Indices.txt"
          found[file.path, default: []]
            .append(Finding(path: file.path, line: index + 1, text: text))
        }
      }
    }
    expectNone(ExceptionList("Indices").unlisted(found))
  }

  @Test func unsafeCodeIsOnlyWhereItIsExpected() {
    let places = ["Sources/Sockets/System/"]
    var found: [String: [Finding]] = [:]
    for file in Repository.swift(in: "Sources") {
      if file.path.hasSuffix("+Unsafe.swift") || places.contains(where: file.path.hasPrefix) {
        continue
      }
      if let line = file.code.firstIndex(where: usesUnsafe) {
        let text = "unsafe code belongs in System/ or in a file that ends +Unsafe.swift"
        found[file.path] = [Finding(path: file.path, line: line + 1, text: text)]
      }
    }
    expectNone(ExceptionList("UnsafeFiles").unlisted(found))
  }

  /// One sentence for a function, or one for the whole file in the comment that it begins with.
  @Test func unsafeCodeSaysWhyItIsSafe() {
    var found: [String: [Finding]] = [:]
    for file in Repository.swift(in: "Sources") {
      let head = file.lines.prefix { $0.hasPrefix("//") || $0.isEmpty }
      if head.contains(where: { $0.contains("SAFETY:") }) { continue }
      for (index, line) in file.code.enumerated() where usesUnsafe(line) {
        if isExplained(file, index) { continue }
        found[file.path, default: []]
          .append(Finding(path: file.path, line: index + 1, text: "no // SAFETY: sentence above"))
      }
    }
    expectNone(ExceptionList("SafetySentences").unlisted(found))
  }

  private func usesUnsafe(_ line: String) -> Bool {
    line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).contains("unsafe")
  }

  /// Whether a SAFETY sentence stands in the declaration that the line is in, or right above that.
  private func isExplained(_ file: TextFile, _ index: Int) -> Bool {
    let start =
      file.code[...index].lastIndex { functionName($0) != nil || isPropertyStart($0) } ?? 0
    let indentation = file.code[start].prefix { $0 == " " }
    let end = file.code[index...].firstIndex { $0.hasPrefix("\(indentation)}") } ?? index
    let above = file.lines[..<start].reversed().prefix {
      let text = $0.trimmingCharacters(in: .whitespaces)
      return text.hasPrefix("//") || text.hasPrefix("@")
    }
    return (file.lines[start...end] + above).contains { $0.contains("SAFETY:") }
  }

  private func isPropertyStart(_ line: String) -> Bool {
    let indentation = line.prefix { $0 == " " }.count
    let words = line.split(separator: " ")
    return indentation <= 2
      && (words.contains("var") || words.contains("let") || words.contains("deinit"))
  }

  @Test func theCoreHasNoFoundationAndNoConcurrency() {
    let forbidden = [
      "import Foundation", "import Dispatch", " async ", "await ", "Task {", "actor ",
    ]
    expectNone(
      Repository.swift(in: "Sources/Sockets").flatMap { file in
        file.code.enumerated().compactMap { index, line in
          forbidden.first { line.contains($0) }.map {
            Finding(path: file.path, line: index + 1, text: "the synchronous core has no `\($0)`")
          }
        }
      }
    )
  }

  @Test func platformsAreToldApartOnlyInSystem() {
    expectNone(
      Repository.swift(in: "Sources").flatMap { file in
        file.code.enumerated().compactMap { index, line -> Finding? in
          guard line.contains("#if os(") || line.contains("canImport("),
            !file.path.contains("/System/")
          else { return nil }
          return Finding(
            path: file.path,
            line: index + 1,
            text: "platform conditions belong in System/"
          )
        }
      }
    )
  }

  @Test func noPublicNameBeginsWithAnUnderscore() {
    expectNone(
      Repository.swift(in: "Sources").flatMap { file in
        publicDeclarations(in: file).filter { $0.name.hasPrefix("_") }.map {
          Finding(path: file.path, line: $0.line, text: "\($0.name): no public name begins with _")
        }
      }
    )
  }

  /// Each option and each public function of the core says what its C name is.
  @Test func theCoreNamesItsCorrespondingC() {
    var found: [String: [Finding]] = [:]
    let list = ExceptionList("NoCName")
    for file in Repository.swift(in: "Sources/Sockets") where !list.coversFolder(of: file.path) {
      for declaration in publicDeclarations(in: file)
      where declaration.code.contains("func ") || declaration.code.contains("static let")
        || declaration.code.contains("static var") && declaration.code.contains("SocketOption<")
      {
        let isMember = declaration.code.contains("static")
        if isMember && !declaration.code.contains("func ") && !file.path.contains("/Options/") {
          continue
        }
        if ["The corresponding C", "The C name is", "The C value is"]
          .contains(where: declaration.comment.contains)
        {
          continue
        }
        found[declaration.name, default: []]
          .append(
            Finding(
              path: file.path,
              line: declaration.line,
              text: "\(declaration.name): no sentence \"The corresponding C … is …\""
            )
          )
      }
    }
    expectNone(list.unlisted(found))
  }
}
