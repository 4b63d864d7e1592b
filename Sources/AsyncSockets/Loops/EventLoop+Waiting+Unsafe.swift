// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are the table's, see SocketSlot+Unsafe.swift; a task waits on the loop's thread, or by a request from
// elsewhere.

internal import CSockets
package import Sockets
internal import Synchronization

extension EventLoop {
  /// Waits for an operation on the loop's thread.
  ///
  /// The task may go on elsewhere: a caller that is isolated to an actor goes back to it. So the operation is over, and its memory
  /// given back, before the task is resumed.
  ///
  /// - Returns: its result.
  nonisolated(nonsending) package func finish(_ operation: OperationPointer) async -> Int {
    unsafe parking = operation
    return await parker.hop()
  }

  /// The same for a task whose cancellation nobody else watches.
  @inline(never)
  nonisolated(nonsending) package func finishCancellably(
    _ operation: OperationPointer
  ) async -> Int {
    let reference = unsafe OperationReference(operation)
    return await withTaskCancellationHandler {
      await unsafe finish(operation)
    } onCancel: {
      post(.cancelOperation(reference))
    }
  }

  /// The runtime hands over the job that parks itself.
  func park(_ job: UnownedJob) {
    guard let operation = unsafe parking else {
      fatalError("only an event loop's own operations may wait at its parking place")
    }
    unsafe parking = nil
    unsafe operation.pointee.job = job
  }

  /// Runs a body on the loop's thread, where the loop's sockets are used fastest.
  ///
  /// Wherever the caller is isolated, the body is not: from the main actor, which `main` and the top level of `main.swift` belong
  /// to, it goes to the loop and comes back. The task prefers the loop while the body runs: it may be elsewhere in between, for an
  /// actor for example.
  ///
  /// - Parameter body: what to do; it must not block its thread.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw.
  @concurrent
  public func run<R, E: Error>(
    _ body: sending () async throws(E) -> sending R
  ) async throws(E) -> sending R {
    try await runInPlace(body)
  }

  /// The same for a body that stays with the caller's isolation: on the loop's thread only when there is none.
  nonisolated(nonsending) package func runInPlace<R, E: Error>(
    _ body: () async throws(E) -> R
  ) async throws(E) -> R {
    try await withTaskExecutorPreference(self) { () async throws(E) in
      // Preferring it does not yet mean being there.
      if !isCurrent { await Task.yield() }
      return try await body()
    }
  }

  /// Lets others go on when the running job has had its share; for calls that do much without waiting.
  ///
  /// - Parameter isDone: whether the call returns after this; elsewhere than on the loop only one that goes on gives way.
  nonisolated(nonsending) func takeTurn(isDone: Bool) async {
    guard isCurrent else { return isDone ? () : await Task.yield() }
    unsafe budget -= 1
    if unsafe budget <= 0 { await Task.yield() }
  }

  // MARK: Time and requests

  /// Waits for a length of time, from wherever the caller runs.
  ///
  /// - Returns: zero, or that the task was cancelled or the deadline came first.
  nonisolated(nonsending) package func sleep(
    nanoseconds: Int64, deadline: Deadline = .never
  ) async -> Int {
    let end = Deadline(nanoseconds: cs_monotonic_nanoseconds() + nanoseconds)
    let isCut = deadline.nanoseconds < end.nanoseconds
    let result = await sleep(until: isCut ? deadline : end)
    return result == 0 && isCut ? LoopResult.deadlinePassed : result
  }

  /// Waits for an instant, from wherever the caller runs.
  ///
  /// - Returns: zero, or that the task was cancelled.
  nonisolated(nonsending) package func sleep(until deadline: Deadline) async -> Int {
    if isCurrent { return await unsafe finishCancellably(beginTimer(deadline)) }
    return await wait(for: .timer(deadline))
  }

  /// Hands a request to the loop and waits for its end.
  nonisolated(nonsending) func wait(for request: RemoteRequest) async -> Int {
    await withTaskCancellationHandler {
      await unsafe withUnsafeContinuation { continuation in
        unsafe request.continuation = continuation
        post(.begin(request))
      }
    } onCancel: {
      request.isCancelled.store(true, ordering: .relaxed)
      post(.cancelRequest(request))
    }
  }
}
