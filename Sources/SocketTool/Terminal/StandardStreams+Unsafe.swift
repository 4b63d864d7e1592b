// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the C string outlives the call that it is lent to.

import Glibc

/// Descriptors 0, 1 and 2, which a program may be started without.
enum StandardStreams {
  /// Opens the null device in the place of those that are closed, so that no socket takes their numbers and no message is written
  /// into one.
  ///
  /// It is open for reading only: what is written fails as it would have, and the command says so.
  static func open() {
    for descriptor in CInt(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      // The lowest free number is this one: those below it are open.
      _ = unsafe Glibc.open("/dev/null", O_RDONLY)
    }
  }
}
