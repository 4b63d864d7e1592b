// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// The completion scripts: three shells, each with every command, and one of them at work.
@Suite struct CompletionTests {
  private static let commands = [
    "tour", "support", "options", "errors", "engines", "resolve", "parse", "list",
  ]

  @Test(arguments: ["bash", "zsh", "fish"])
  func everyShellGetsAScriptWithEveryCommand(shell: String) async throws {
    let run = try await sockets("--generate-completion-script", shell)
    #expect(run.exitCode == 0)
    #expect(run.errors == "")
    for command in Self.commands { #expect(run.output.contains(command), "\(command)") }
    #expect(run.output.contains("no-processes"))
    #expect(!run.output.contains("tour-worker"), "what is hidden is not offered")
  }

  /// Runs the script's function as bash does when somebody presses the tab key at the end of a line.
  private func completions(of words: [String]) async throws -> [String] {
    let script = try await sockets("--generate-completion-script", "bash").output
    return try await BackgroundThread.run {
      let folder = try ScratchFolder()
      try folder.write(script, to: "completion")
      let program = try ChildProcess(
        "bash",
        [
          "-c",
          """
          bash -n "$0" || exit 1
          source "$0" || exit 1
          COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
          _sockets sockets "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" || exit 1
          printf '%s\\n' "${COMPREPLY[@]}"
          """, folder.path + "/completion",
        ] + words)
      let code = try program.waitForExit()
      try #require(code == 0, "\(program.text)")
      return program.text.split(separator: "\n").map(String.init)
    }
  }

  @Test(.requires(.program("bash"))) func bashCompletesCommandsOptionsAndValues() async throws {
    #expect(Set(try await completions(of: ["sockets", "li"])) == ["list", "listen"])
    #expect(Set(try await completions(of: ["sockets", ""])).isSuperset(of: Self.commands))
    #expect(try await completions(of: ["sockets", "list", "--st"]) == ["--state"])
    #expect(
      Set(try await completions(of: ["sockets", "list", "--state", "close"])) == ["close-wait"])
    #expect(try await completions(of: ["sockets", "list", "--sort", "retr"]) == ["retransmits"])
  }
}
