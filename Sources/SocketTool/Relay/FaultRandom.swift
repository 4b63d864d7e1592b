// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc

/// Random numbers that a seed repeats (SplitMix64), a row of its own for each use.
///
/// What one fault draws does not change what another one does: with the same seed the same bytes of the same connection are
/// corrupted, whether there is jitter as well or not.
struct FaultRandom: RandomNumberGenerator {
  /// What the numbers are for.
  enum Use: UInt64 {
    case drop = 1
    case jitter
    case corruptedPlace
    case corruptedValue
    case pieceSize
  }

  private var state: UInt64

  /// Begins a row.
  ///
  /// - Parameters:
  ///   - seed: the seed of the whole relay.
  ///   - number: which connection, from one.
  ///   - direction: which way; `nil` for what both ways share.
  ///   - use: what for.
  init(seed: UInt64, number: Int, direction: RelayDirection?, _ use: Use) {
    let way = UInt64(direction.map { $0.rawValue + 1 } ?? 0)
    let row = UInt64(truncatingIfNeeded: number) << 8 | way << 4 | use.rawValue
    state = Self.mixed(seed &+ 0x9e37_79b9_7f4a_7c15) ^ Self.mixed(row)
  }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mixed(state)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// A number from zero up to, but not, one.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// How many places come before the next one that is hit, when each is with the same probability.
  mutating func placesBeforeHit(_ probability: Double) -> Int {
    guard probability < 1 else { return 0 }
    guard probability > 0 else { return .max }
    let count = Glibc.log(1 - unit()) / Glibc.log1p(-probability)
    return count < 1e18 ? Int(count) : .max
  }
}

/// Changes a share of the bytes that go by, at places that depend on the seed alone.
struct Corruption {
  private var places: FaultRandom
  private var values: FaultRandom
  private var share = 0.0
  private var left = 0

  init(seed: UInt64, number: Int, direction: RelayDirection) {
    places = FaultRandom(seed: seed, number: number, direction: direction, .corruptedPlace)
    values = FaultRandom(seed: seed, number: number, direction: direction, .corruptedValue)
  }

  /// Changes the bytes in place.
  ///
  /// - Returns: how many were changed.
  mutating func apply(_ share: Double, to bytes: inout ArraySlice<UInt8>) -> Int {
    if share != self.share {
      self.share = share
      left = places.placesBeforeHit(share)
    }
    guard share > 0 else { return 0 }
    var changed = 0
    var offset = 0
    while left < bytes.count - offset {
      offset += left
      // Never the same value: a change of nothing would be none.
      bytes[bytes.startIndex + offset] ^= UInt8.random(in: 1...255, using: &values)
      changed += 1
      offset += 1
      left = places.placesBeforeHit(share)
    }
    left -= bytes.count - offset
    return changed
  }
}
