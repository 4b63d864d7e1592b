// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CTestSupport

/// Signals without end at the threads that have asked for them: whatever they wait for in the kernel is interrupted, again and
/// again.
///
///     let storm = SignalStorm()
///     let count = try storm.striking { try socket.read(into: &buffer) }
///     #expect(storm.taken > 0)
///
/// The handler counts, and was installed without `SA_RESTART`. When the last storm of the process has ended, what was done with
/// the signal before is done again.
@safe package final class SignalStorm: @unchecked Sendable {
  // SENDABLE: the C functions may be called by any thread.
  private let storm: OpaquePointer

  /// Begins it.
  ///
  /// - Parameter pause: how long to wait between two waves, in nanoseconds.
  package init(pause: Int = 50_000) {
    // SAFETY: ended and freed in deinit.
    guard let storm = unsafe cts_storm_begin(pause) else {
      preconditionFailure("a test could not begin a storm of signals")
    }
    unsafe self.storm = storm
  }

  deinit {
    // SAFETY: made by init; nobody else has a reference.
    unsafe cts_storm_end(storm)
  }

  /// From now on the calling thread is struck.
  ///
  /// - Parameter isExposed: whether it takes the signals even if it blocks them otherwise, as the package's own threads do.
  package func join(isExposed: Bool = true) {
    // SAFETY: the storm lives as long as this.
    unsafe cts_storm_join(storm, isExposed ? 1 : 0)
  }

  /// From now on the calling thread is left alone.
  package func leave() {
    // SAFETY: as above.
    unsafe cts_storm_leave(storm)
  }

  /// Runs a body that is struck, and stays on its thread.
  package func striking<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    join()
    defer { leave() }
    return try body()
  }

  /// How many signals were taken by the threads that had joined.
  package var taken: Int {
    // SAFETY: as above.
    unsafe cts_storm_taken(storm)
  }

  /// Whether the calling thread was sent a signal that it has not taken.
  package static var isPending: Bool { cts_storm_is_pending() != 0 }
}
