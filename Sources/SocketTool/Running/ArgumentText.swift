// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

/// How words of the command line are read: each function throws a line that says what is wrong and what is wanted.
///
///     @Argument(transform: ArgumentText.dialed) var endpoint: Endpoint
///     @Option(transform: ArgumentText.duration) var timeout: Duration?
enum ArgumentText {
  /// Whom to connect to: an endpoint, or shorter `HOST:PORT`, `PORT` (of this machine), `/PATH`, `./PATH`, `@NAME`.
  static func dialed(_ text: String) throws -> Endpoint { try endpoint(text) }

  /// Where to listen: the same; a port alone is one of the loopback address.
  static func listened(_ text: String) throws -> Endpoint { try endpoint(text) }

  private static func endpoint(_ text: String) throws -> Endpoint {
    do throws(AddressParseError) {
      return try Endpoint(parsing: expanded(text))
    } catch {
      throw ValidationError(explained(error, as: text))
    }
  }

  /// What is wrong with an endpoint, and where in the text that was written, which may have been a short form.
  private static func explained(_ error: AddressParseError, as text: String) -> String {
    let added = error.input.utf8.count - text.utf8.count
    let shown = AddressParseError(
      input: text, reason: error.reason, position: max(0, error.position - added))
    guard error.reason == .transportUnknown else { return "\(shown)" }
    let names = Transport.allCases.map(\.rawValue).joined(separator: ", ")
    return "\(shown); there are \(names)"
  }

  /// The whole form of a short one.
  private static func expanded(_ text: String) -> String {
    if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    {
      return "tcp://:\(text)"
    }
    if text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("@") { return "unix:\(text)" }
    let hasScheme =
      text.contains("://") || lacksSlashes(text)
      || ["unix:", "unix-datagram:", "unix-packet:"].contains { text.hasPrefix($0) }
    return hasScheme ? text : "tcp://\(text)"
  }

  /// Whether a text is one such as `udp:127.0.0.1:53`; `udp:53` is a port of a machine with that name.
  private static func lacksSlashes(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 && Transport(rawValue: String(parts[0])) != nil
      && parts[1].contains(":")
  }

  /// A length of time: a number of seconds, or one with `us`, `ms`, `s`, `m` or `h`; more than zero, at most a year.
  static func duration(_ text: String) throws -> Duration {
    let value = try lengthOfTime(text)
    guard value > .zero else {
      throw ValidationError("'\(text)' is no time: it must be more than zero")
    }
    return value
  }

  /// The same, or zero.
  static func durationOrZero(_ text: String) throws -> Duration { try lengthOfTime(text) }

  /// The time between two of many things: at least a millisecond.
  static func interval(_ text: String) throws -> Duration {
    let value = try duration(text)
    guard value >= .milliseconds(1) else {
      throw ValidationError("'\(text)' is too short: it must be at least 1ms")
    }
    return value
  }

  private static func lengthOfTime(_ text: String) throws -> Duration {
    let units: [(String, Double)] = [
      ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("", 1e9),
    ]
    for (unit, nanoseconds) in units where text.hasSuffix(unit) {
      guard let value = number(text.dropLast(unit.count)) else { break }
      let length = value * nanoseconds
      guard length <= 366 * 86_400e9 else { throw ValidationError("'\(text)' is more than a year") }
      return .nanoseconds(Int64(length))
    }
    throw ValidationError(
      "'\(text)' is no length of time; wanted are seconds, or 200ms, 5s, 2m, 1h")
  }

  /// A number of bytes: digits, or with `K`, `M`, `G`, `T`, which are powers of 1,024; at most 2^50.
  static func byteCount(_ text: String) throws -> Int {
    let units: [(String, Int)] = [
      ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("T", 1 << 40), ("", 1),
    ]
    for (unit, factor) in units where text.uppercased().hasSuffix(unit) {
      guard let value = number(text.dropLast(unit.count)) else { break }
      let count = (value * Double(factor)).rounded()
      guard count <= Double(1 << 50) else { throw ValidationError("'\(text)' is more than 1024T") }
      return Int(count)
    }
    throw ValidationError("'\(text)' is no number of bytes; wanted is a number, or 64K, 16M, 1G")
  }

  /// A whole number in a range.
  static func count(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
    { text in
      guard let value = Int(text), range.contains(value) else {
        throw ValidationError(
          "'\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
  }

  /// A share: a number from 0 to 1, or a percentage.
  static func share(_ text: String) throws -> Double {
    let isPercentage = text.hasSuffix("%")
    guard let value = number(isPercentage ? text.dropLast() : text[...]) else {
      throw ValidationError("'\(text)' is no share; wanted is 0.05 or 5%")
    }
    let share = isPercentage ? value / 100 : value
    guard share <= 1 else { throw ValidationError("'\(text)' is more than the whole") }
    return share
  }

  /// Digits with at most one point: no sign, no exponent, nothing else that `Double` would take.
  static func number(_ text: Substring) -> Double? {
    let isPlain = text.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
    }
    return isPlain && text.utf8.count <= 30 ? Double(text) : nil
  }
}
