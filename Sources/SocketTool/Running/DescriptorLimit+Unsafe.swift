// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, the structure is a local value that the call fills or reads.

import Glibc

/// How many descriptors the process may have open.
enum DescriptorLimit {
  private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  /// What is left for a command's own, besides those of loops, streams and libraries; at least one.
  static var room: Int {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return 256 }
    return max(1, Int(clamping: limit.rlim_cur) - 24)
  }

  /// Raises the limit as far as the system lets this process: a server has one descriptor or more for each of its clients, and the
  /// limit that a shell gives is one for programs that use `select`.
  ///
  /// - Returns: the limit from now on.
  static func raise() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    // When that is refused, the limit stays as it was.
    _ = unsafe setrlimit(resource, &limit)
    _ = unsafe getrlimit(resource, &limit)
    return Int(clamping: limit.rlim_cur)
  }
}
