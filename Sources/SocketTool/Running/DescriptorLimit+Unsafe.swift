// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, the structure is a local value that the call fills or reads.

import Glibc

/// How many descriptors the process may have open.
enum DescriptorLimit {
  /// Raises the limit as far as the system lets this process: a server has one descriptor or more for each of its clients, and the
  /// limit that a shell gives is one for programs that use `select`.
  ///
  /// - Returns: the limit from now on.
  @discardableResult static func raise() -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    // When that is refused, the limit stays as it was.
    _ = unsafe setrlimit(resource, &limit)
    _ = unsafe getrlimit(resource, &limit)
    return Int(clamping: limit.rlim_cur)
  }
}
