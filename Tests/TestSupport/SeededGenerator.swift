// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc

/// Random numbers that a seed repeats (SplitMix64).
///
/// A test makes one with ``init(test:)``, which prints the seed; `SOCKETS_SEED=N` in the environment
/// repeats a run.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Starts from a seed.
  public init(seed: UInt64) { state = seed }

  /// Starts from `SOCKETS_SEED`, or from a seed of chance, and prints which.
  ///
  /// - Parameter test: the name of the test, for the line that is printed.
  public init(test: String = #function) {
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))
    // SAFETY: the environment is not changed by tests that run in parallel.
    if let text = unsafe getenv("SOCKETS_SEED"), let given = UInt64(unsafe String(cString: text)) {
      seed = given
    }
    print("\(test): to repeat, set SOCKETS_SEED=\(seed)")
    self.init(seed: seed)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
