// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each structure is a local value that outlives the call that it is lent to.

import Glibc

/// How many descriptors this process may have.
enum DescriptorLimit {
  /// Lets the process have as many as the system allows it; `select`, which counts to 1,024, is used nowhere here.
  ///
  /// - Returns: how many it may have now.
  @discardableResult
  static func raise() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 1024
    }
    let before = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
      limit.rlim_cur = before
    }
    return Int(clamping: limit.rlim_cur)
  }
}
