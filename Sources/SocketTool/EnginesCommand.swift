// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets

struct EnginesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract:
      "Print the ways in which event loops can wait here, which one they take, and why not the others.",
    discussion: """
      The variable \(EngineKind.environmentVariable) chooses one for all loops that do not say otherwise.

      Examples:
        sockets engines
        \(EngineKind.environmentVariable)=io_uring sockets engines

      Exit codes: 0 done, 2 usage.
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    let probes = EngineKind.probe()
    let asked = environmentVariable(EngineKind.environmentVariable)
    guard !output.json else {
      return Output.write(
        JSON.object([
          ("variable", .optional(asked)), ("engines", .array(probes.map(Self.json))),
        ]).text)
    }
    let terminal = Terminal.standardOutput()
    var lines: [String] = []
    for probe in probes {
      let mark =
        probe.obstacle == nil ? terminal.styled("✓", .good) : terminal.styled("–", .faint)
      let choice = probe.isAutomatic ? "  " + terminal.styled("loops take this one", .strong) : ""
      lines.append(
        "  \(mark) " + TextLayout.padded(probe.kind.description, 10)
          + Self.meaning(of: probe.kind) + choice)
      lines += terminal.paragraph(probe.obstacle ?? "", indent: 14, .faint)
    }
    if let mistake = EngineVariable.mistake { lines += ["", "  " + mistake] }
    Output.write(lines, terminal)
  }

  private static func meaning(of kind: EngineKind) -> String {
    switch kind {
    case .epoll: "readiness, told by epoll(7)"
    case .ioUring: "completions, told by io_uring(7)"
    case .poll: "readiness, asked for by poll(2)"
    }
  }

  private static func json(_ probe: EngineKind.Probe) -> JSON {
    .object([
      ("name", .string(probe.kind.description)), ("works", .bool(probe.obstacle == nil)),
      ("obstacle", .optional(probe.obstacle)), ("isAutomatic", .bool(probe.isAutomatic)),
    ])
  }
}

/// The variable of the environment that chooses an engine.
enum EngineVariable {
  /// What is wrong with it; an empty one is as good as none.
  static var mistake: String? {
    guard let asked = environmentVariable(EngineKind.environmentVariable), !asked.isEmpty else {
      return nil
    }
    guard let kind = EngineKind(rawValue: asked) else {
      let names = EngineKind.allCases.map(\.description).joined(separator: ", ")
      return "\(EngineKind.environmentVariable) names no engine: '\(ForeignText.shown(asked))'; "
        + "there are \(names)"
    }
    guard let obstacle = EngineKind.probe().first(where: { $0.kind == kind })?.obstacle else {
      return nil
    }
    return "\(EngineKind.environmentVariable) names \(kind), which cannot be used here: \(obstacle)"
  }

  /// Fails when it names no engine that works here: a measurement would be of another one than was meant.
  ///
  /// - Throws: `ValidationError`.
  static func validate() throws {
    if let mistake { throw ValidationError(mistake) }
  }
}
