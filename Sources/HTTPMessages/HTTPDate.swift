// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Instants as HTTP writes them (RFC 9110, 5.6.7), in seconds since 1970.
package enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let longDays = [
    "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
  ]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  /// The ends of the years that have four digits.
  private static let range = Int64(-62_167_219_200)...253_402_300_799

  /// An instant in its parts, of the proleptic Gregorian calendar, in UTC.
  package struct Parts: Hashable, Sendable {
    package var year: Int
    /// From 1.
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    /// From 0, which is a Thursday, as the first day of 1970 was.
    package var weekday: Int
  }

  /// The parts of an instant; those beyond the year 9999 are its last second, those before the year 0 its first.
  package static func parts(_ seconds: Int64) -> Parts {
    let seconds = min(max(seconds, range.lowerBound), range.upperBound)
    let day = Int((seconds >= 0 ? seconds : seconds - 86_399) / 86_400)
    let second = Int(seconds) - day * 86_400
    // Days are counted from the first of March of the year 0, in eras of 400 years.
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * ofYear + 2) / 153
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    let weekday = day % 7
    return Parts(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: ofYear - (153 * fromMarch + 2) / 5 + 1, hour: second / 3600,
      minute: second / 60 % 60, second: second % 60,
      weekday: weekday < 0 ? weekday + 7 : weekday)
  }

  /// The instant of parts, each of which is in its range; the weekday is not looked at.
  private static func seconds(_ parts: Parts) -> Int64 {
    let year = parts.month <= 2 ? parts.year - 1 : parts.year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let fromMarch = parts.month > 2 ? parts.month - 3 : parts.month + 9
    let ofYear = (153 * fromMarch + 2) / 5 + parts.day - 1
    let ofEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear
    let day = era * 146_097 + ofEra - 719_468
    return Int64(day * 86_400 + parts.hour * 3600 + parts.minute * 60 + parts.second)
  }

  /// Appends an instant as `Sun, 06 Nov 1994 08:49:37 GMT`.
  package static func append(_ seconds: Int64, to bytes: inout [UInt8]) {
    let parts = parts(seconds)
    bytes += days[parts.weekday].utf8
    bytes += ", ".utf8
    append(parts.day, to: &bytes)
    bytes.append(0x20)
    bytes += months[parts.month - 1].utf8
    bytes.append(0x20)
    append(parts.year / 100, to: &bytes)
    append(parts.year % 100, to: &bytes)
    bytes.append(0x20)
    appendTime(parts, to: &bytes)
    bytes += " GMT".utf8
  }

  /// Appends an instant as the common log format has it: `06/Nov/1994:08:49:37 +0000`.
  package static func appendLogged(_ seconds: Int64, to bytes: inout [UInt8]) {
    let parts = parts(seconds)
    append(parts.day, to: &bytes)
    bytes.append(UInt8(ascii: "/"))
    bytes += months[parts.month - 1].utf8
    bytes.append(UInt8(ascii: "/"))
    append(parts.year / 100, to: &bytes)
    append(parts.year % 100, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendTime(parts, to: &bytes)
    bytes += " +0000".utf8
  }

  private static func appendTime(_ parts: Parts, to bytes: inout [UInt8]) {
    append(parts.hour, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    append(parts.minute, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    append(parts.second, to: &bytes)
  }

  /// Two digits.
  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: 48 + number / 10 % 10))
    bytes.append(UInt8(truncatingIfNeeded: 48 + number % 10))
  }

  /// Reads an instant in any of the three forms; `nil` for what is none.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - now: this instant: a year of two digits that would be more than 50 years ahead lies in the past.
  /// - Returns: the instant in seconds since 1970.
  package static func parse(_ bytes: ArraySlice<UInt8>, now: Int64) -> Int64? {
    let words = bytes.split(separator: 0x20, omittingEmptySubsequences: false)
    guard let first = words.first else { return nil }
    var found: (day: Int, month: Int, year: Int)?
    var time: ArraySlice<UInt8>?
    if words.count == 6, first.last == UInt8(ascii: ","),
      days.contains(where: { first.dropLast().elementsEqual($0.utf8) })
    {
      guard words[5].elementsEqual("GMT".utf8) else { return nil }
      found = date(words[1], words[2], words[3])
      time = words[4]
    } else if words.count == 4,
      longDays.contains(where: { first.dropLast().elementsEqual($0.utf8) })
    {
      let parts = words[1].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard words[3].elementsEqual("GMT".utf8), first.last == UInt8(ascii: ","), parts.count == 3,
        let short = number(parts[2], digits: 2)
      else { return nil }
      let thisYear = Self.parts(now).year
      let year = thisYear / 100 * 100 + short
      found = date(parts[0], parts[1], year > thisYear + 50 ? year - 100 : year)
      time = words[2]
    } else if days.contains(where: { first.elementsEqual($0.utf8) }) {
      // asctime fills a day of one digit with a space.
      let isShort = words.count == 6 && words[2].isEmpty && words[3].count == 1
      guard isShort || words.count == 5 && words[2].count == 2 else { return nil }
      let rest = words.suffix(2)
      guard let year = rest.last.flatMap({ number($0, digits: 4) }) else { return nil }
      found = date(isShort ? [48] + words[3] : words[2], words[1], year)
      time = rest.first
    }
    guard let found, let time else { return nil }
    return instant(found, time)
  }

  private static func date(
    _ day: ArraySlice<UInt8>, _ month: ArraySlice<UInt8>, _ year: ArraySlice<UInt8>
  ) -> (day: Int, month: Int, year: Int)? {
    number(year, digits: 4).flatMap { date(day, month, $0) }
  }

  private static func date(
    _ day: ArraySlice<UInt8>, _ month: ArraySlice<UInt8>, _ year: Int
  ) -> (day: Int, month: Int, year: Int)? {
    guard let day = number(day, digits: 2),
      let month = months.firstIndex(where: { month.elementsEqual($0.utf8) }),
      (1...31).contains(day)
    else { return nil }
    return (day, month + 1, year)
  }

  private static func instant(
    _ date: (day: Int, month: Int, year: Int), _ time: ArraySlice<UInt8>
  ) -> Int64? {
    let pieces = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      .map { number($0, digits: 2) }
    guard pieces.count == 3, let hour = pieces[0], let minute = pieces[1], let second = pieces[2],
      hour < 24, minute < 60, second <= 60
    else { return nil }
    let parts = Parts(
      year: date.year, month: date.month, day: date.day, hour: hour, minute: minute,
      second: second, weekday: 0)
    let seconds = seconds(parts)
    // The thirty-first of a month that has none would be another day.
    guard Self.parts(seconds - Int64(second)).day == date.day else { return nil }
    return seconds
  }

  private static func number(_ bytes: ArraySlice<UInt8>, digits: Int) -> Int? {
    bytes.count == digits ? bytes.decimal : nil
  }
}
