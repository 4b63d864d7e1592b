// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc
package import Testing

/// Runs work on a thread of its own, for what would block, or change, a thread of the pool.
package enum BackgroundThread {
  /// Starts a thread that nobody waits for; it ends with its work, or with the process.
  ///
  /// - Parameter work: what it does.
  package static func start(_ work: @escaping @Sendable () -> Void) {
    let box = unsafe Unmanaged.passRetained(Work(work)).toOpaque()
    var thread = pthread_t()
    // SAFETY: the box is retained for the thread, which takes it over.
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box)
    precondition(status == 0, "a test could not start a thread: errno \(status)")
    pthread_detach(thread)
  }

  /// Runs work on a fresh thread, still as part of the calling task, and suspends until it is done.
  ///
  /// What a test expects in there is recorded as that test's own.
  ///
  /// - Parameter work: what it does.
  /// - Returns: what the work returned.
  /// - Throws: what the work threw.
  package static func run<R: Sendable>(_ work: @Sendable () throws -> R) async throws -> R {
    try await withTaskExecutorPreference(Executor()) { try await onPreferredExecutor(work) }
  }

  @concurrent
  private static func onPreferredExecutor<R: Sendable>(
    _ work: @Sendable () throws -> R
  ) async throws -> R {
    try work()
  }

  /// Gives each piece of a task a thread of its own.
  fileprivate final class Executor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      // SAFETY: each job is run once, here.
      BackgroundThread.start { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }

  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// Runs the tests of a suite on threads of their own, since they block them: those of the pool are few, and others' tests
/// wait for them.
package struct ThreadsOfTheirOwn: SuiteTrait, TestTrait, TestScoping {
  package var isRecursive: Bool { true }

  @concurrent
  package func provideScope(
    for test: Test, testCase: Test.Case?,
    performing body: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(BackgroundThread.Executor()) { try await body() }
  }
}

extension Trait where Self == ThreadsOfTheirOwn {
  /// The tests block their threads; see ``ThreadsOfTheirOwn``.
  package static var blocking: Self { Self() }
}
