// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation

/// Output that is compared with a file, after what differs from run to run was taken out.
enum Golden {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  /// The text of a golden file.
  ///
  /// With `SOCKETS_WRITE_GOLDEN=1` the file is written first; look at the difference before it is committed.
  static func text(_ name: String, from output: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["SOCKETS_WRITE_GOLDEN"] == "1" {
      try output.write(to: file, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// Takes out ports, descriptors, times, the kernel's settings and names of folders, and puts together the lines
  /// that were broken at another place because of them.
  static func normalised(_ output: String) -> String {
    var lines: [String] = []
    for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = line.replacing(/\ +[0-9.]+ (ns|µs|ms|s)$/, with: "")
      let isBroken = text.hasPrefix(String(repeating: " ", count: 16)) && !text.contains("│")
      if let last = lines.last, isBroken && isCall(last) || isWords(text) && isWords(last) {
        lines[lines.count - 1] += " " + text.drop { $0 == " " }
      } else {
        lines.append(String(text))
      }
    }
    var text = lines.joined(separator: "\n")
    text.replace(/127\.0\.0\.1:[1-9][0-9]*/, with: "127.0.0.1:PORT")
    text.replace(/([Pp]ort) [1-9][0-9]*/, with: { "\($0.output.1) PORT" })
    text.replace(/sockets-tour-[A-Za-z0-9]{6}/, with: "sockets-tour-NAME")
    text.replace(/(\(|= )[0-9]+/, with: { "\($0.output.1)N" })
    text.replace(/range [0-9]+–[0-9]+/, with: "range FIRST–LAST")
    text.replace(/cut to [0-9]+/, with: "cut to N")
    return text
  }

  private static func isCall(_ line: String) -> Bool {
    line.hasPrefix("  server    ") || line.hasPrefix("  client    ")
  }

  /// A line of a sentence: two spaces, and then words with one space between them.
  private static func isWords(_ line: some StringProtocol) -> Bool {
    line.hasPrefix("  ") && !line.dropFirst(2).contains("  ") && !isCall(String(line))
  }
}
