// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the structure is a local value that the call fills.

import Glibc

/// How many more descriptors this process may have.
enum DescriptorRoom {
  /// What is left for a command's own, besides those of loops, streams and libraries; at least one.
  static var count: Int {
    var limit = rlimit()
    let status = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard status == 0 else { return 256 }
    return max(1, Int(clamping: limit.rlim_cur) - reserve)
  }

  private static let reserve = 24
}
