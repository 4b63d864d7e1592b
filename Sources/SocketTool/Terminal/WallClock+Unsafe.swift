// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, the structure is a local value that the call fills.

import Glibc

/// The time of day.
enum WallClock {
  /// Seconds since the beginning of 1970.
  static var seconds: Int64 { Int64(time(nil)) }

  /// Nanoseconds since the beginning of 1970.
  static func nanoseconds() -> UInt64 {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(clamping: now.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: now.tv_nsec)
  }
}
