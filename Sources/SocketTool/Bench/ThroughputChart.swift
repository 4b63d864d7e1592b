// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Numbers over time as bars of characters.
struct ThroughputChart {
  /// Eighths of a character, from below.
  private static let eighths: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  /// The same where there is only ASCII.
  private static let plain: [Character] = [".", ".", ":", ":", "|", "|", "#", "#"]

  let values: [Double]
  let hasUnicode: Bool

  /// One line: each value is a character, the last `width` of them.
  func line(width: Int) -> String {
    let shown = values.suffix(max(1, width))
    let largest = max(shown.max() ?? 0, .leastNormalMagnitude)
    let levels = hasUnicode ? Self.eighths : Self.plain
    return String(
      shown.map { value in
        guard value > 0 else { return " " }
        return levels[min(7, max(0, Int(value / largest * 8)))]
      })
  }

  /// Several lines, the highest first, without labels: the values are brought to a width.
  func rows(height: Int, width: Int) -> [String] {
    let columns = resampled(to: width)
    let largest = max(columns.max() ?? 0, .leastNormalMagnitude)
    let levels = hasUnicode ? Self.eighths : Self.plain
    return (0..<height).reversed().map { row in
      String(
        columns.map { value in
          let eighths = Int((value / largest * Double(height * 8)).rounded()) - row * 8
          // What is there at all is seen.
          let least = row == 0 && value > 0 ? 1 : 0
          let level = min(8, max(least, eighths))
          return level == 0 ? " " : levels[level - 1]
        })
    }
  }

  /// As many values as there are columns: each column is the mean of what it covers.
  private func resampled(to width: Int) -> [Double] {
    guard !values.isEmpty, width > 0 else { return [] }
    guard values.count != width else { return values }
    let count = Double(values.count)
    return (0..<width).map { column in
      let from = Double(column) * count / Double(width)
      let to = Double(column + 1) * count / Double(width)
      var sum = 0.0
      var index = Int(from)
      while index < values.count, Double(index) < to {
        let part = min(to, Double(index + 1)) - max(from, Double(index))
        sum += values[index] * max(0, part)
        index += 1
      }
      return sum / (to - from)
    }
  }
}
