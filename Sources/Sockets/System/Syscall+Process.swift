// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

extension Syscall {
  /// `getpid`, `getuid`, `getgid`: calls that cannot fail, and so are not observed.
  package static func currentCredentials() -> ProcessCredentials {
    ProcessCredentials(processID: getpid(), userID: getuid(), groupID: getgid())
  }
}
