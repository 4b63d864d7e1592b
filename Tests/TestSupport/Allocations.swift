// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CTestSupport

/// How often the calling thread allocates memory while a body runs.
///
/// - Parameter body: what is counted; it must stay on its thread.
/// - Returns: the calls of `malloc` and its kin.
/// - Throws: what the body threw.
package func allocations<E: Error>(in body: () throws(E) -> Void) throws(E) -> Int {
  cts_begin_counting_allocations()
  defer { _ = cts_end_counting_allocations() }
  try body()
  return cts_end_counting_allocations()
}

/// From now on the calling thread's allocations are counted, for a body that suspends and comes back to its thread.
package func beginCountingAllocations() { cts_begin_counting_allocations() }

/// Ends the counting.
///
/// - Returns: how often the calling thread has allocated since it began.
package func endCountingAllocations() -> Int { cts_end_counting_allocations() }
