// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// A call that may block for long, made by a thread of its own, so that no loop waits: files, terminals and pipes, which are shared
/// with other programs and must not be made non-blocking.
enum BlockingCall {
  /// Makes the call and waits for it, as a task waits.
  ///
  /// When the task is cancelled the wait ends at once; the thread goes on until its call returns, and its result is lost.
  ///
  /// - Parameter body: what to do.
  /// - Returns: what the body returned.
  /// - Throws: `CancellationError`; `CommandFailure` when there can be no more threads.
  static func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async throws -> R {
    let waiter = Waiter<R>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard waiter.wait(continuation) else { return }
        let status = Thread.start(named: "blocking-call") { waiter.resume(.success(body())) }
        if status < 0 {
          let errno = Errno(rawValue: CInt(truncatingIfNeeded: -status))
          waiter.resume(.failure(CommandFailure("a thread", errno)))
        }
      }
    } onCancel: {
      waiter.resume(.failure(CancellationError()))
    }
  }

  /// Who waits for the result; the first one that is given is taken.
  private final class Waiter<R: Sendable>: Sendable {
    private enum State: Sendable {
      case new
      case waiting(CheckedContinuation<R, any Error>)
      case over
    }

    private let state = Guarded<State>(.new)

    /// Notes who waits, unless the end came first.
    func wait(_ continuation: CheckedContinuation<R, any Error>) -> Bool {
      let isOver = state.withLock { state in
        if case .over = state { return true }
        state = .waiting(continuation)
        return false
      }
      if isOver { continuation.resume(throwing: CancellationError()) }
      return !isOver
    }

    func resume(_ result: Result<R, any Error>) {
      let before = state.withLock { state in
        defer { state = .over }
        return state
      }
      if case .waiting(let continuation) = before { continuation.resume(with: result) }
    }
  }
}
