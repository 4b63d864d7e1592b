// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// When what has come is to be handed on: delay, jitter and rate.
///
/// Times are nanoseconds of the monotonic clock.
struct FaultSchedule {
  private var random: FaultRandom
  /// When the last piece will have gone, at the rate that there is.
  private var busyUntil: Int64 = 0

  init(seed: UInt64, number: Int, direction: RelayDirection) {
    random = FaultRandom(seed: seed, number: number, direction: direction, .jitter)
  }

  /// When something that comes now would arrive, were there no rate.
  mutating func arrival(at now: Int64, _ settings: FaultSettings) -> Int64 {
    let delay = Self.nanoseconds(settings.delay)
    let jitter = Self.nanoseconds(settings.jitter)
    guard jitter > 0 else { return Self.sum(now, delay) }
    return Self.sum(now, max(0, delay + Int64((random.unit() * 2 - 1) * Double(jitter))))
  }

  /// When so many bytes will have gone, of which none goes before its arrival.
  mutating func departure(_ byteCount: Int, from arrival: Int64, _ settings: FaultSettings) -> Int64
  {
    guard let rate = settings.rate else { return arrival }
    let time = Int64(min(Double(byteCount) / Double(rate) * 1e9, 1e17))
    busyUntil = Self.sum(max(busyUntil, arrival), time)
    return busyUntil
  }

  /// Forgets what is under way: the settings have changed.
  mutating func release() { busyUntil = 0 }

  /// How much may wait: as much as a path of that delay and rate holds, and at most 8 MiB.
  static func limit(_ settings: FaultSettings) -> Int {
    let most = 1 << 23
    guard let rate = settings.rate else { return most }
    let seconds = (settings.delay + settings.jitter) / .seconds(1)
    return Int(min(Double(most), 65_536 + Double(rate) * seconds))
  }

  /// The sum, or the end of all time.
  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, isTooLarge) = left.addingReportingOverflow(right)
    return isTooLarge ? .max : sum
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    Int64(min(duration / .nanoseconds(1), 1e17))
  }
}
