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

/// Numbers for people.
enum CountText {
  /// `950`, `12,345`.
  static func whole(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `950`, `12.3k`, `4.56M`: at most five characters.
  static func short(_ value: Double) -> String {
    let units = ["", "k", "M", "G", "T"]
    var value = max(0, value)
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let digits = value >= 99.95 || unit == 0 && value >= 10 ? 0 : value >= 9.995 ? 1 : 2
    return DecimalText.text(value, digits: digits) + units[unit]
  }

  /// A length of time in three figures.
  static func time(_ nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<999.5: figures(nanoseconds) + " ns"
    case ..<999_500: figures(nanoseconds / 1e3) + " µs"
    case ..<999_500_000: figures(nanoseconds / 1e6) + " ms"
    default: figures(nanoseconds / 1e9) + " s"
    }
  }

  /// Three figures of a number below a thousand or so.
  static func figures(_ value: Double) -> String {
    DecimalText.text(value, digits: value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
  }

  /// Bytes a second: `11.2 MiB/s`.
  static func byteRate(_ value: Double) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = max(0, value)
    var unit = 0
    while value >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(unit == 0 ? DecimalText.text(value, digits: 0) : figures(value)) \(units[unit])/s"
  }
}
