// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// How long a loop asks for events before it sleeps, by configuration and experience.
struct Spin {
  /// The longest spin, in nanoseconds.
  private let longest: Int64
  /// The present one.
  private(set) var window: Int64
  /// How many spins in a row brought nothing.
  private var failures = 0

  init(_ duration: Duration) {
    let (seconds, attoseconds) = max(.zero, min(duration, .seconds(1))).components
    longest = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    window = longest
  }

  /// Whether there may ever be a spin.
  var isConfigured: Bool { longest > 0 }

  /// Whether to spin now.
  var isOn: Bool { window > 0 }

  /// Something came: it was worth it.
  mutating func succeeded() {
    failures = 0
    window = longest
  }

  /// Nothing came: spin half as long the next time, and after eight times in a row not at all until something comes
  /// soon after a sleep.
  mutating func failed() {
    failures += 1
    window = failures >= 8 ? 0 : window / 2
  }

  /// The loop slept so long until something came.
  mutating func slept(_ nanoseconds: Int64) {
    if nanoseconds <= longest {
      failures = 0
      window = longest
    }
  }
}
