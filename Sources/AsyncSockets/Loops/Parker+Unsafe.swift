// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: a loop outlives its executors, which are its own; a job that is parked is run exactly once, by its loop.
//
// How a task waits without a continuation: it hops to an actor whose executor keeps the job instead of running it.
// When the operation has ended, the loop runs that job, and the hop's return brings the task back to where it was,
// which is the same thread: nothing is enqueued and nothing is allocated. A continuation would be resumed
// through the task's executor, which costs a third more (see Documentation/Performance.md).

/// The place where tasks wait that run on a loop's thread.
actor Parker {
  nonisolated let executor = ParkingExecutor()
  nonisolated let serial = LoopSerialExecutor()

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Comes back when the loop runs the job again, with the result of the operation that it waited for.
  ///
  /// It is the first thing that the job does, and so on the loop's thread. Not inlined, or there would be nothing to wait for.
  @inline(never) func hop() -> Int {
    unsafe executor.loop?._withUnsafeGuaranteedRef { unsafe $0.resumedResult } ?? 0
  }
}

/// Hands each job to the loop, which keeps it in the operation that it waits for.
@safe final class ParkingExecutor: SerialExecutor, @unchecked Sendable {
  // SENDABLE: written once while the loop is made. Borrowed without counting, which costs as much as the rest.
  var loop: Unmanaged<EventLoop>?

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    unsafe loop?._withUnsafeGuaranteedRef { $0.park(job) }
  }
}

/// The face of a loop for the rare actor that lives on it; see ``EventLoop/serialExecutor``.
final class LoopSerialExecutor: SerialExecutor, @unchecked Sendable {
  // SENDABLE: written once while the loop is made.
  unowned(unsafe) var loop: EventLoop?

  func enqueue(_ job: consuming ExecutorJob) {
    unsafe loop?.enqueue(UnownedJob(job), isSerial: true)
  }
}
