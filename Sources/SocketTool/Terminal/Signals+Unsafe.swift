// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each signal set is a local value, filled before it is used; handlers are compared, never called.

import Glibc
import Sockets

/// Signals that end a program, for a command that has something to do first.
enum EndingSignals {
  /// What the interrupt key of a terminal sends.
  static let interrupt = SIGINT
  /// Those that are taken.
  ///
  /// What `nohup`, or a shell for its background jobs, has had ignored stays so: blocked, it would come all the same.
  private static let numbers = [SIGINT, SIGHUP].filter { !isIgnored($0) } + [SIGTERM, SIGUSR1]
  private static let onUserSignal = Guarded<(@Sendable () -> Void)?>(nil)
  /// How many are being answered or wait for it: one of each at most.
  private static let userSignals = Guarded(0)
  private static let onSuddenEnd = Guarded<(@Sendable () -> Void)?>(nil)

  /// From now on SIGINT, SIGTERM and SIGHUP run `cleanUp` on a thread of its own and end the process as a shell expects,
  /// and a closed pipe at standard output is an error of the write instead of the end.
  ///
  /// Call it before other threads are started: they inherit that the signals are held back.
  static func handle(_ cleanUp: @escaping @Sendable () -> Void) {
    holdBack()
    tell { number in
      cleanUp()
      endAtOnce(128 + number)
    }
  }

  /// Holds the signals back in this thread and those that it starts, and turns SIGPIPE into an error of the write.
  static func holdBack() {
    var set = waited()
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    // Whoever started this process may have ignored it: then nobody could ask how a command of ours has ended.
    signal(SIGCHLD, SIG_DFL)
  }

  /// Undoes ``holdBack()`` for a program that is to run in this process: it would inherit both.
  static func letGo() {
    var set = waited()
    signal(SIGPIPE, SIG_DFL)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// Tells each signal that would end the process, on a thread of its own.
  static func tell(_ body: @escaping @Sendable (Int32) -> Void) {
    _ = Thread.start(named: "signals") {
      var set = waited()
      var number: Int32 = 0
      while unsafe sigwait(&set, &number) == 0 {
        if number == SIGUSR1 { runOnUserSignal() } else { body(number) }
      }
    }
  }

  /// Runs what SIGUSR1 is for on a thread of its own: this one must be there for the signals that end the process.
  private static func runOnUserSignal() {
    guard let body = onUserSignal.withLock({ $0 }) else { return }
    let isFirst = userSignals.withLock { waiting in
      waiting = min(waiting + 1, 2)
      return waiting == 1
    }
    guard isFirst else { return }
    let status = Thread.start(named: "user-signal") {
      repeat { body() } while takesNextUserSignal()
    }
    if status < 0 { userSignals.withLock { $0 = 0 } }
  }

  /// Whether another signal came while the last one was answered.
  private static func takesNextUserSignal() -> Bool {
    userSignals.withLock { waiting in
      waiting -= 1
      return waiting > 0
    }
  }

  /// From now on SIGUSR1, which is otherwise ignored, runs `body` on a thread of its own, one at a time: of
  /// those that come while it runs one is answered afterwards, so that none is lost that comes just behind an answer.
  static func onUserSignal(_ body: @escaping @Sendable () -> Void) {
    onUserSignal.withLock { $0 = body }
  }

  /// From now on `body` runs when the process ends at once, before its command could: what the terminal needs.
  static func onSuddenEnd(_ body: (@Sendable () -> Void)?) {
    onSuddenEnd.withLock { $0 = body }
  }

  /// A terminal that takes nothing at the moment does not keep the process.
  static func cleanUpAtOnce() {
    guard let body = onSuddenEnd.withLock({ $0 }) else { return }
    let done = Pending<Bool>()
    let status = Thread.start(named: "clean-up") {
      body()
      done.complete(true)
    }
    if status >= 0 { _ = done.wait(until: .milliseconds(100)) }
  }

  /// Whether the process was started with a signal ignored.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    return unsafe handler == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func waited() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    return set
  }
}

/// Ends the process at once, as a shell expects after a signal if the code says so: `exit` has things to do first, while the command
/// goes on and may end with a code of its own.
func endAtOnce(_ code: Int32) -> Never {
  EndingSignals.cleanUpAtOnce()
  _exit(code)
}
