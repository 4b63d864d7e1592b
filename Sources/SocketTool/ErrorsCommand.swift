// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets
import SystemPackage

struct ErrorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "errors",
    abstract:
      "Print what the errors of sockets and of name resolution mean, and what to do about them.",
    discussion: """
      Examples:
        sockets errors                all errors
        sockets errors ECONNREFUSED   one, with advice
        sockets errors 111            the same
        sockets errors EAI_NONAME     one of name resolution

      \(ExitStatus.help)
      """)

  @Argument(help: "The C name or the number of an error.")
  var error: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let rows = try error.map { [try Self.row(named: $0)] } ?? Self.rows
    if output.json {
      let values = rows.map(\.json)
      Output.write((error == nil ? JSON.array(values) : values[0]).text)
    } else if error == nil {
      Output.write(rows.map { $0.line + "\n" }.joined())
    } else {
      Output.write(rows.map { $0.line + "\n" + $0.adviceLines }.joined())
    }
  }

  /// One error of either number space.
  private struct Row {
    var number: Int
    var cName: String
    var sentence: String
    var advice: String

    var line: String {
      TextLayout.leading(String(number), 4) + "  " + TextLayout.padded(cName, 17) + sentence
    }

    var adviceLines: String {
      Terminal.plain.paragraph(advice, indent: 23).map { $0 + "\n" }.joined()
    }

    var json: JSON {
      .object([
        ("number", .number(number)), ("name", .string(cName)), ("sentence", .string(sentence)),
        ("advice", .optional(advice.isEmpty ? nil : advice)),
      ])
    }
  }

  private static let rows: [Row] =
    ErrorTable.rows.map {
      Row(
        number: Int($0.errno.rawValue), cName: $0.cName, sentence: $0.sentence, advice: $0.advice)
    }
    + ResolutionError.Code.known.map {
      Row(
        number: Int($0.rawValue), cName: $0.cName, sentence: $0.sentence,
        advice: resolutionAdvice[$0.cName] ?? "")
    }

  /// What to do about the errors of name resolution that somebody can do something about.
  private static let resolutionAdvice = [
    "EAI_NONAME": """
    Is it spelt right? Names come from /etc/hosts and from the name servers of /etc/resolv.conf, \
    services from /etc/services.
    """,
    "EAI_AGAIN": """
    No name server answered: is there a network, and does it reach those of /etc/resolv.conf?
    """,
    "EAI_FAIL": "A name server failed, and asking again may not help: try another one.",
    "EAI_NODATA": "The name is known, but has no address: is it the name of a machine?",
    "EAI_SERVICE": "/etc/services has no such service for this protocol: give the port's number.",
    "EAI_ADDRFAMILY": "The name has addresses of the other IP version only.",
  ]

  private static func row(named text: String) throws -> Row {
    if let number = Int(text), let row = rows.first(where: { $0.number == number }) { return row }
    let name = text.uppercased()
    if let row = rows.first(where: { $0.cName == name }) { return row }
    throw ValidationError("there is no error \(text.debugDescription); sockets errors lists them")
  }
}
