// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// An instant by both clocks: the one that the kernel's notes are of, and the one that nobody sets.
struct ProbeInstant: Sendable {
  var monotonic: Int64
  var real: Int64

  static var now: ProbeInstant {
    ProbeInstant(monotonic: Deadline.now.nanoseconds, real: WallClock.nanoseconds)
  }

  /// How long ago this was, in nanoseconds, when something came back now.
  ///
  /// The kernel's note of when it came is taken, which a busy machine does not make later. A note that cannot be true, because the
  /// clock was set meanwhile, is not.
  func nanoseconds(until timestamp: MessageTimestamp?) -> Int64 {
    let elapsed = max(0, Deadline.now.nanoseconds &- monotonic)
    guard let timestamp else { return elapsed }
    let (whole, overflows) = timestamp.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let noted = whole &+ Int64(timestamp.nanoseconds) &- real
    return !overflows && noted >= 0 && noted <= elapsed ? noted : elapsed
  }
}
