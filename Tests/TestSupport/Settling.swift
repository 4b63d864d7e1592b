// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc
internal import Sockets

/// Asks again and again until something is so, for what the kernel does a moment later and tells nobody.
///
/// - Parameter condition: what is to become true.
/// - Returns: whether it did before patience ended.
/// - Throws: what the condition threw.
package func settles(_ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = Deadline.patience
  while !deadline.hasPassed {
    if try condition() { return true }
    sched_yield()
  }
  return false
}
