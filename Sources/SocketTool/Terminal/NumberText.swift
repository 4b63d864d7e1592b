// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Numbers as people read them, without Foundation.

/// Numbers with a point.
enum DecimalText {
  /// A finite number with so many digits behind the point, rounded, the last of them not zero.
  static func text(_ value: Double, digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let whole = Int(scaled)
    var text = String(whole / scale)
    var rest = digits == 0 ? "" : TextLayout.digits(whole % scale, digits)
    while rest.last == "0" { rest.removeLast() }
    if !rest.isEmpty { text += ".\(rest)" }
    return value < 0 && whole != 0 ? "-\(text)" : text
  }

  /// Three figures of a number below a thousand or so.
  static func figures(_ value: Double) -> String {
    text(value, digits: value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
  }

  /// A limit as it was given: `0.6 s`.
  static func seconds(_ limit: Duration) -> String {
    text(limit / .milliseconds(1) / 1000, digits: 3) + " s"
  }
}

/// Numbers of things, and what is counted in a thousand of the next smaller unit.
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
    let isWhole = unit == 0 && value >= 10
    return (isWhole ? DecimalText.text(value, digits: 0) : DecimalText.figures(value)) + units[unit]
  }

  /// A length of time in three figures.
  static func time(_ nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<999.5: DecimalText.figures(max(0, nanoseconds)) + " ns"
    case ..<999_500: DecimalText.figures(nanoseconds / 1e3) + " µs"
    case ..<999_500_000: DecimalText.figures(nanoseconds / 1e6) + " ms"
    default: DecimalText.figures(nanoseconds / 1e9) + " s"
    }
  }
}

/// Numbers of bytes.
enum ByteText {
  /// `999 B`, `1.25 KiB`, `45.1 MiB`.
  static func count(_ count: Int) -> String { text(Double(count)) }

  /// Bytes a second: `11.2 MiB/s`.
  static func rate(_ perSecond: Double) -> String { text(perSecond) + "/s" }

  private static func text(_ value: Double) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = max(0, value)
    var unit = 0
    while value >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return (unit == 0 ? DecimalText.text(value, digits: 0) : DecimalText.figures(value))
      + " " + units[unit]
  }
}
