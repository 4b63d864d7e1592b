// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each signal set is a local value, filled before it is used.

import Glibc
import Sockets

/// Signals that end a program, for a command that has something to remove first.
enum EndingSignals {
  /// From now on SIGINT, SIGTERM and SIGHUP run `cleanUp` on a thread of its own and end the process as a shell expects,
  /// and a closed pipe at standard output is an error of the write instead of the end.
  ///
  /// Call it before other threads are started: they inherit that the signals are held back.
  static func handle(_ cleanUp: @escaping @Sendable () -> Void) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    let waited = set
    _ = Thread.start(named: "signals") {
      var waited = waited
      var number: Int32 = 0
      guard unsafe sigwait(&waited, &number) == 0 else { return }
      cleanUp()
      // At once: `exit` has things to do first, while the command goes on and may end with a code of its own.
      _exit(128 + number)
    }
  }
}
