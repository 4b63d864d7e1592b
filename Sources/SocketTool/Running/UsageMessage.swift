// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser

/// What is wrong with a command line, in one line.
enum UsageMessage {
  /// The message of the argument parser, or of a command, as one line that begins with the word that is meant.
  ///
  /// What a terminal would act on is escaped: the words are somebody's, and maybe a script's.
  static func line(_ message: String) -> String {
    var text = unwrapped(message) ?? message
    // Where the parser makes several lines of it.
    for (lines, line) in [
      ("\n  - ", " "), ("\n   or: ", ", or: "), ("\n    ", " "), ("\nPlease", " Please"),
    ] {
      text = text.split(separator: lines, omittingEmptySubsequences: false)
        .joined(separator: line)
    }
    if let first = text.first, first.isASCII, first.isUppercase,
      text.dropFirst().first?.isLowercase == true
    {
      text = first.lowercased() + text.dropFirst()
    }
    return escaped(text)
  }

  /// What is wrong when the first word of a command line should be a command and is none; otherwise `nil`.
  static func unknownCommand(_ words: some Collection<String>) -> String? {
    guard let word = words.first, !word.hasPrefix("-"), word != "help" else { return nil }
    let commands = SocketsCommand.configuration.subcommands.map { $0.configuration }
    guard !commands.contains(where: { $0.commandName == word }) else { return nil }
    let names = commands.filter { $0.shouldDisplay }.compactMap { $0.commandName }
    let near = NearestWords.to(word, among: names)
    let hint =
      near.isEmpty
      ? "'sockets --help' lists them" : "did you mean \(near.joined(separator: " or "))?"
    return "there is no command '\(escaped(word))'; \(hint)"
  }

  /// `The value 'x' is invalid for '--port <ports>': 'x' is no port` as `--port: 'x' is no port`.
  private static func unwrapped(_ message: String) -> String? {
    let beginning = "The value '"
    guard message.hasPrefix(beginning),
      let middle = message.firstRange(of: "' is invalid for '")
    else { return nil }
    let value = message[beginning.endIndex(in: message)..<middle.lowerBound]
    let rest = message[middle.upperBound...]
    guard let quote = rest.firstIndex(of: "'") else { return nil }
    let name = rest[..<quote].split(separator: " ").first ?? ""
    let subject = name.hasPrefix("<") ? String(name.dropFirst().dropLast()) : String(name)
    var reason = rest[rest.index(after: quote)...]
    while let first = reason.first, first == ":" || first == "." || first == " " {
      reason = reason.dropFirst()
    }
    if reason.hasPrefix("Please provide one of") {
      let choice = reason.dropFirst("Please provide".count)
      return "\(subject): '\(value)': wanted is"
        + (choice.last == "." ? choice.dropLast() : choice)
    }
    if reason.isEmpty { return "\(subject): '\(value)' is not what is wanted" }
    // A sentence that begins with the wrong word, or has all of it, needs no introduction.
    let saysWhat = reason.hasPrefix("'") || reason.hasPrefix("\"") || reason.contains(value)
    return saysWhat ? "\(subject): \(reason)" : "\(subject): '\(value)': \(reason)"
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned:
        ForeignText.shown(String(scalar))
      default: String(scalar)
      }
    }.joined()
  }
}

extension String {
  /// Where this text ends when another one begins with it.
  fileprivate func endIndex(in text: String) -> String.Index {
    text.index(text.startIndex, offsetBy: count)
  }
}
