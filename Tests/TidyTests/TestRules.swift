// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Testing

/// Rules about the tests themselves: they can fail, they do not wait by the clock, they are not left out.
@Suite struct TestRules {
  /// Halves, since this file is checked too.
  private static let weak = ["#expect(" + "true)", "withKnown" + "Issue", ".dis" + "abled("]
  private static let sleeps = ["usl" + "eep(", "nanosl" + "eep(", ".sl" + "eep(", " sl" + "eep("]

  @Test func aSkipGoesThroughRequires() {
    let forms = [".ena" + "bled(if:"]
    var found = findings(
      of: forms,
      "skip by .requires(…), so that the reason is printed and CI counts it"
    )
    found["Tests/TestSupport/Requirement.swift"] = nil
    expectNone(ExceptionList("OtherSkips").unlisted(found))
  }

  @Test func noTestIsSwitchedOffOrCannotFail() {
    expectNone(
      findings(of: Self.weak, "a test that cannot fail tests nothing").values.flatMap { $0 }
    )
  }

  @Test func noTestSleeps() {
    expectNone(
      ExceptionList("Sleeps").unlisted(
        findings(of: Self.sleeps, "wait for the state, not for time")
      )
    )
  }

  /// Which has the kernel hand over a contended lock, unseen by the thread sanitizer: a false race, once in many runs.
  @Test func testsLockByGuarded() {
    let forms = ["Mut" + "ex(", "Mut" + "ex<"]
    expectNone(findings(of: forms, "guard it by Guarded").values.flatMap { $0 })
  }

  private func findings(of forms: [String], _ text: String) -> [String: [Finding]] {
    var found: [String: [Finding]] = [:]
    for file in Repository.swift(in: "Tests") {
      for (index, line) in file.code.enumerated() where forms.contains(where: line.contains) {
        found[file.path, default: []].append(Finding(path: file.path, line: index + 1, text: text))
      }
    }
    return found
  }
}

/// The tidy tests see what they should see: each rule on a small text.
@Suite struct RuleTests {
  @Test func codeIsWhatIsLeftWithoutCommentsAndTexts() {
    let file = TextFile(
      path: "a.swift",
      text:
        "let a = \"try! \\(b(\"x\"))\" + c // fatalError(\n/* try! */ d\n\"\"\"\n try!\n\"\"\" + e"
    )
    #expect(file.code == ["let a = \"\" + c ", " d", "", "", " + e"])
  }

  @Test func functionsAreMeasuredToTheirBrace() {
    let file = TextFile(
      path: "a.swift",
      text: "struct A {\n  func b() {\n    c()\n  }\n  func d() { e() }\n}"
    )
    #expect(functions(in: file).map(\.lineCount) == [3, 1])
    #expect(functions(in: file).map(\.name) == ["b", "d"])
  }

  @Test func aDeclarationHasTheCommentAboveIt() {
    let file = TextFile(path: "a.swift", text: "  /// One.\n  @inlinable\n  public func b() {}\n")
    #expect(publicDeclarations(in: file).map(\.comment) == ["/// One."])
    #expect(publicDeclarations(in: file).map(\.name) == ["b"])
  }
}
