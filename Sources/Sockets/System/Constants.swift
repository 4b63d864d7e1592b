// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc

/// C constants that Swift does not import in a usable form, under Swift names.
package enum Constants {
  /// `SOCK_CLOEXEC`
  package static let socketCloseOnExec: Int32 = 0o2000000
  /// `SOCK_NONBLOCK`
  package static let socketNonBlocking: Int32 = 0o4000
}
