// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import Glibc

/// Threads of the system, for calls that block and cannot be interrupted.
package enum Thread {
  /// Starts a thread that nobody waits for.
  ///
  /// It takes no signals: the program's handlers run on the program's own threads.
  ///
  /// - Parameters:
  ///   - name: what `ps -L` and `top -H` show; the system keeps 15 bytes of it.
  ///   - work: what it does before it ends.
  /// - Returns: zero, or an errno negated: `EAGAIN` when there can be no more threads.
  package static func start(named name: StaticString, _ work: @escaping @Sendable () -> Void) -> Int
  {
    var all = sigset_t()
    var before = sigset_t()
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Work(name, work))
    // SAFETY: the sets are this call's own. The box is retained for the thread, which takes it over, or is
    // released here when there is no thread.
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    let status = unsafe pthread_create(
      &thread,
      nil,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      },
      box.toOpaque()
    )
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    if status == 0 { pthread_detach(thread) } else { unsafe box.release() }
    return -Int(status)
  }

  /// What a thread does, as something that a pointer can point to.
  private final class Work {
    private let name: StaticString
    private let body: @Sendable () -> Void

    init(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }

    func run() {
      // SAFETY: the text of a static string ends with a zero.
      unsafe cs_name_thread(name.utf8Start)
      body()
    }
  }
}
