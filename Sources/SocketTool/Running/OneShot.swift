// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// A result that comes once, and a task that waits for it.
final class OneShot<Value: Sendable>: Sendable {
  private enum State: Sendable {
    case new
    case waiting(CheckedContinuation<Value, any Error>)
    case over(Result<Value, any Error>)
  }

  private let state = Guarded<State>(.new)

  /// It has come; a second one is lost.
  func fire(_ result: Result<Value, any Error>) {
    let before = state.withLock { state in
      defer { if case .over = state {} else { state = .over(result) } }
      return state
    }
    if case .waiting(let continuation) = before { continuation.resume(with: result) }
  }

  /// Waits until it has come, for one task.
  ///
  /// - Returns: the result.
  /// - Throws: `CancellationError`; the result's failure.
  func wait() async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<Value, any Error>? in
          if case .over(let result) = state { return result }
          state = .waiting(continuation)
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      fire(.failure(CancellationError()))
    }
  }
}

extension OneShot<Void> {
  /// It has happened.
  func fire() { fire(.success(())) }
}
