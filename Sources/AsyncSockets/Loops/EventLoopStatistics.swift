// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a loop has done so far: numbers that only grow, for metrics.
public struct EventLoopStatistics: Hashable, Sendable {
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

  package init() {}
}
