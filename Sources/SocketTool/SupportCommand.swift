// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

struct SupportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "support",
    abstract: "Print what this kernel and this user may do with sockets, and what would help.",
    discussion: """
      Examples:
        sockets support
        sockets support --json | jq '.protocols[] | select(.state != "yes")'

      Exit codes: 0 done, 2 usage.
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    let sections = SupportSection.all()
    guard !output.json else {
      let members = sections.map { ($0.name, JSON.array($0.rows.map(\.json))) }
      return Output.write(JSON.object([("kernel", .optional(Self.kernel))] + members).text)
    }
    let terminal = Terminal.standardOutput()
    var lines = [terminal.styled(Self.kernel ?? "a kernel that does not tell its name", .title)]
    for section in sections {
      lines += ["", terminal.styled(section.title, .title)]
      lines += section.rows.flatMap { Self.lines($0, terminal) }
    }
    Output.write(lines, terminal)
  }

  /// For example `Linux 6.12.1`.
  private static var kernel: String? {
    Limits.setting("kernel/osrelease").map { "Linux \($0)" }
  }

  /// A row, and below it why not and what helps; numbers have no such lines.
  private static func lines(_ row: SupportRow, _ terminal: Terminal) -> [String] {
    let (mark, style): (String, Style) =
      switch row.state {
      case .yes: ("✓", .good)
      case .no: ("–", .faint)
      case .forbidden: ("✗", .bad)
      case .value: ("·", .faint)
      }
    var lines = [terminal.styled("  \(mark) ", style)]
    if let value = row.value {
      lines[0] += TextLayout.padded(row.name, 42) + terminal.styled(value, .strong)
      lines += terminal.paragraph(row.text, indent: 6, .faint)
    } else {
      lines[0] += TextLayout.padded(row.name, 22) + row.text
    }
    guard row.state == .no || row.state == .forbidden else { return lines }
    for text in [row.reason, row.remedy.map { "What helps: \($0)" }].compactMap({ $0 }) {
      lines += terminal.paragraph(text, indent: 6, .faint)
    }
    return lines
  }
}
