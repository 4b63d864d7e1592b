// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a loop has done so far, and what it has to do at the moment; for metrics.
public struct EventLoopStatistics: Hashable, Sendable {
  // MARK: What it has done; these only grow

  /// How often the loop went round.
  public internal(set) var turns: UInt64 = 0
  /// How often it slept, waiting for something to come.
  public internal(set) var sleeps: UInt64 = 0
  /// How many jobs it ran, not counting tasks that went on because their socket was ready.
  public internal(set) var jobs: UInt64 = 0
  /// How many operations ended at once, without a wait.
  public internal(set) var immediate: UInt64 = 0
  /// How many operations ended after a wait.
  public internal(set) var completions: UInt64 = 0
  /// How many events came for sockets that were closed already, and were dropped.
  public internal(set) var staleEvents: UInt64 = 0

  // MARK: How it is at the moment

  /// How long the loop took to get to the question for these numbers: what everything that becomes ready has to wait.
  ///
  /// Far below a millisecond on a loop that is well; more when jobs block its thread or it has too much to do.
  public internal(set) var lag: Duration = .zero
  /// How many sockets the loop has.
  public internal(set) var sockets = 0
  /// How many operations wait: for their socket, for a time, or for their turn.
  public internal(set) var pendingOperations = 0
  /// How many jobs are ready to run and wait for their turn.
  public internal(set) var queuedJobs = 0
  /// How many deadlines and pauses are being watched.
  public internal(set) var timers = 0

  package init() {}
}
