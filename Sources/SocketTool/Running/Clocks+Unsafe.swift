// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, the structure is a local value that the call fills.

import Glibc

/// The time of day, by which the kernel notes when a packet came.
enum WallClock {
  /// Seconds since the beginning of 1970.
  static var seconds: Int64 { Int64(time(nil)) }
  /// Nanoseconds since the beginning of 1970.
  static var nanoseconds: Int64 { read(CLOCK_REALTIME) }
}

/// Processor time, in nanoseconds.
enum ProcessorTime {
  /// What all threads of this process have used.
  static var ofProcess: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }
  /// What this thread has used.
  static var ofThread: Int64 { read(CLOCK_THREAD_CPUTIME_ID) }
}

private func read(_ clock: clockid_t) -> Int64 {
  var now = timespec()
  guard unsafe clock_gettime(clock, &now) == 0 else { return 0 }
  return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
}
