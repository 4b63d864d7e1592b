// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import CSockets

extension Syscall {
  /// `ppoll` of an array's items in place; EINTR is the caller's.
  package static func poll(_ items: inout [cs_pollfd], nanoseconds: Int64) -> Int {
    // SAFETY: the buffer is the array's own and is lent for the length of the call.
    unsafe items.withUnsafeMutableBufferPointer { unsafe poll($0, nanoseconds: nanoseconds) }
  }
}
