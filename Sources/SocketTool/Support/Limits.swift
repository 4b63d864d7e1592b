// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What the kernel says of itself under `/proc/sys`.
enum Limits {
  /// The text of a setting without its line end, or `nil` when the kernel has none of that name.
  static func setting(_ name: String) -> String? {
    SmallFile.text("/proc/sys/\(name)").map { text in
      text.split { $0 == "\n" || $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
  }

  /// The text of a setting for a sentence.
  static func text(_ name: String) -> String { setting(name) ?? "a number of its own" }

  /// The ports that the kernel chooses from, in words.
  static var ephemeralPorts: String {
    guard let range = setting("net/ipv4/ip_local_port_range") else { return "its ephemeral range" }
    return "its ephemeral range " + range.split(separator: " ").joined(separator: "–")
  }
}
