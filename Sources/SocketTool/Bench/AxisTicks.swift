// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc

/// Round numbers for axes.
enum AxisTicks {
  /// From zero in equal steps of 1, 2, 2.5 or 5 to at least a number.
  static func linear(to highest: Double, count: Int) -> [Double] {
    guard highest > 0, highest.isFinite, count > 0 else { return [0, 1] }
    let rough = highest / Double(count)
    let decade = power10(log10(rough).rounded(.down))
    let factors = [1, 2, 2.5, 5, 10.0]
    let step = (factors.first { $0 * decade >= rough * 0.999 } ?? 10) * decade
    let steps = Int((highest / step * 0.9999).rounded(.up))
    return (0...max(1, steps)).map { Double($0) * step }
  }

  /// 1, 2 and 5 of each decade, from below the lowest number to above the highest; only 1 where that would be too many.
  static func logarithmic(from lowest: Double, to highest: Double) -> [Double] {
    let first = Int(log10(max(lowest, 1)).rounded(.down))
    let last = Int(log10(max(highest, 1)).rounded(.up))
    let factors = last - first <= 3 ? [1, 2, 5.0] : [1.0]
    let all = (first...max(first, last)).flatMap { decade in
      factors.map { $0 * power10(Double(decade)) }
    }
    let from = all.last { $0 <= lowest } ?? all[0]
    let to = all.first { $0 >= highest } ?? all[all.count - 1]
    let chosen = all.filter { $0 >= from && $0 <= to }
    return chosen.count > 1 ? chosen : [from, from * 10]
  }

  static func log10(_ value: Double) -> Double { Glibc.log10(value) }
  static func power10(_ value: Double) -> Double { Glibc.pow(10, value) }
}
