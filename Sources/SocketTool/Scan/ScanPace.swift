// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// When the connections of a scan are due that begins at most so many a second.
///
/// They are due at fixed distances, and not each so long after the one before: a sleep that ends late would make all the
/// later ones late, and a thousand a second the most there could be.
struct ScanPace {
  /// How much a scan that was held up may make good at once, in nanoseconds: no flood follows a pause.
  static let mostLateness: Int64 = 10_000_000

  private let distance: Int64
  private var due: Int64

  /// A pace whose first connection is begun at once.
  ///
  /// - Parameters:
  ///   - rate: how many a second at most.
  ///   - start: the instant of the first one, in nanoseconds.
  init(rate: Int, start: Int64) {
    distance = 1_000_000_000 / Int64(max(1, rate))
    due = start
  }

  /// Counts one that was begun.
  ///
  /// - Parameter now: the time, in nanoseconds.
  /// - Returns: the instant to wait for before the next one; `nil` when that is due already.
  mutating func next(at now: Int64) -> Int64? {
    due = max(due + distance, now - Self.mostLateness)
    return due > now ? due : nil
  }
}
