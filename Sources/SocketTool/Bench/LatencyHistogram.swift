// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Counts of lengths of time by their size, in fixed memory: how the percentiles of any number of them are known.
///
/// The buckets are those of G. Tene's HdrHistogram: below 256 ns each nanosecond has its own, and from there on each doubling has
/// 128, so that a value is known to 0.4 %. Counts are exact, and so are the smallest and the largest value. Histograms of several
/// loops are added to one another.
struct LatencyHistogram: Sendable, Equatable {
  /// How many buckets a doubling has, as a power of two.
  private static let bits = 7
  /// The largest length that has a bucket of its own, an hour and a quarter; longer ones are counted in the last one.
  static let largest: Int64 = (1 << 42) - 1
  private static let bucketCount = (42 - bits) << bits + (1 << bits)

  private var counts = [UInt64](repeating: 0, count: bucketCount)
  /// How many values there are.
  private(set) var count: UInt64 = 0
  /// The smallest value, exactly; zero when there is none.
  private(set) var minimum: Int64 = 0
  /// The largest value, exactly; zero when there is none.
  private(set) var maximum: Int64 = 0
  private var sum = 0.0

  /// The mean of all values.
  var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// Counts a value, in nanoseconds; a negative one counts as zero.
  mutating func record(_ nanoseconds: Int64) {
    let value = max(0, nanoseconds)
    counts[Self.bucket(of: min(value, Self.largest))] &+= 1
    minimum = count == 0 ? value : min(minimum, value)
    maximum = max(maximum, value)
    count &+= 1
    sum += Double(value)
  }

  /// The bucket of a value that is at most the largest.
  private static func bucket(of value: Int64) -> Int {
    let shift = max(0, 63 - value.leadingZeroBitCount - bits)
    return shift << bits + Int(value >> Int64(shift))
  }

  /// The values that a bucket counts.
  private static func range(of bucket: Int) -> ClosedRange<Int64> {
    let first = Int64(1) << Int64(bits)
    let value = Int64(bucket)
    guard value >= 2 * first else { return value...value }
    let shift = (value >> Int64(bits)) - 1
    let lower = (value & (first - 1) + first) << shift
    return lower...(lower + (1 << shift) - 1)
  }

  /// Adds all that another one has counted.
  mutating func add(_ other: LatencyHistogram) {
    guard other.count > 0 else { return }
    for index in counts.indices { counts[index] &+= other.counts[index] }
    minimum = count == 0 ? other.minimum : min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    count &+= other.count
    sum += other.sum
  }

  /// What was counted since an earlier state of this one; its largest and smallest value are those of the buckets.
  func since(_ earlier: LatencyHistogram) -> LatencyHistogram {
    var rest = LatencyHistogram()
    for (index, count) in counts.enumerated() {
      let difference = count &- earlier.counts[index]
      guard difference > 0 else { continue }
      let range = Self.range(of: index)
      if rest.count == 0 { rest.minimum = range.lowerBound }
      rest.maximum = min(range.upperBound, maximum)
      rest.counts[index] = difference
      rest.count &+= difference
    }
    rest.sum = sum - earlier.sum
    return rest
  }

  /// The value that so large a share of all values does not exceed: the middle of its bucket, and for the whole the largest value.
  ///
  /// - Parameter share: from 0 to 1; 0.99 for the 99th percentile.
  /// - Returns: the value, in nanoseconds; zero when there are none.
  func value(atShare share: Double) -> Int64 {
    guard count > 0 else { return 0 }
    let rank = UInt64((share * Double(count)).rounded(.up))
    guard rank < count else { return maximum }
    var passed: UInt64 = 0
    for (index, count) in counts.enumerated() where count > 0 {
      passed &+= count
      guard passed >= rank else { continue }
      let range = Self.range(of: index)
      let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
      return min(max(middle, minimum), maximum)
    }
    return maximum
  }

  /// How many values are surely longer than a length: those of the buckets that lie above its own.
  func count(above nanoseconds: Int64) -> UInt64 {
    let first = Self.bucket(of: min(max(0, nanoseconds), Self.largest)) + 1
    return counts[first...].reduce(0, &+)
  }

  /// The buckets that have counted anything, the shortest first: the largest value of each, and how many.
  var buckets: [(upTo: Int64, count: UInt64)] {
    counts.enumerated().filter { $0.element > 0 }
      .map { (min(Self.range(of: $0.offset).upperBound, maximum), $0.element) }
  }
}
