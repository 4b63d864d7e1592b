// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Something that happens once, and a task that waits for it.
final class OneShot: Sendable {
  private enum State: Sendable {
    case new
    case waiting(CheckedContinuation<Bool, Never>)
    case over(hasHappened: Bool)
  }

  private let state = Guarded<State>(.new)

  /// It has happened; a second time does nothing.
  func fire() { end(hasHappened: true) }

  /// Waits until it has happened, for one task.
  ///
  /// - Throws: `CancellationError`.
  func wait() async throws {
    let hasHappened = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if case .over(let hasHappened) = state { return hasHappened }
          state = .waiting(continuation)
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      end(hasHappened: false)
    }
    guard hasHappened else { throw CancellationError() }
  }

  private func end(hasHappened: Bool) {
    let before = state.withLock { state in
      defer { if case .over = state {} else { state = .over(hasHappened: hasHappened) } }
      return state
    }
    if case .waiting(let continuation) = before { continuation.resume(returning: hasHappened) }
  }
}
