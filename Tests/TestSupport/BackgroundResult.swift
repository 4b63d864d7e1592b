// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Dispatch
internal import Sockets

/// Work on a thread of its own, whose result the test asks for: the other end of a blocking conversation.
package final class BackgroundResult<R: Sendable>: Sendable {
  private let result = Guarded<Result<R, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  /// The work took longer than a minute; the thread is left behind.
  package struct TookTooLong: Error {}

  /// Starts the work.
  package init(_ work: @escaping @Sendable () throws -> R) {
    BackgroundThread.start {
      let outcome = Result { try work() }
      self.result.withLock { $0 = outcome }
      self.done.signal()
    }
  }

  /// What the work returned, or threw; waits for it.
  package var value: R {
    get throws {
      guard done.wait(timeout: .now() + 150) == .success else { throw TookTooLong() }
      done.signal()
      guard let outcome = result.withLock({ $0 }) else { throw TookTooLong() }
      return try outcome.get()
    }
  }
}
