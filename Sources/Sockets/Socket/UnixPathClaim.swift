// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A Unix path that a listening socket has made: it is removed at the claim's end, if it is still ours.
package struct UnixPathClaim: ~Copyable, Sendable {
  package init() {}
  package mutating func keep() {}
}
