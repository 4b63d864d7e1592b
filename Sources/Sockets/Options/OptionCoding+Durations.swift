// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Lengths of time. What is finer than the kernel's unit is rounded up, so that a short time does not become
// zero, which often means "for ever" or "the default". A negative or too long time does not fit.

extension Duration {
  /// The length in units of so many nanoseconds, rounded up; `nil` when negative or too large to count.
  func rounded(upToNanoseconds unit: Int64) -> Int64? {
    // `components` traps where the seconds are more than 64 bits hold.
    guard self >= .zero, self <= .seconds(Int64.max) else { return nil }
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return nil }
    let nanoseconds = attoseconds / 1_000_000_000 + (attoseconds % 1_000_000_000 > 0 ? 1 : 0)
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000 / unit)
    let part = nanoseconds / unit + (nanoseconds % unit > 0 ? 1 : 0)
    let (sum, carry) = whole.addingReportingOverflow(part)
    return overflow || carry ? nil : sum
  }
}

extension OptionCoding where Value == Duration {
  /// Whole seconds in a C `int`.
  static var seconds: OptionCoding<Duration> {
    .whole(unit: "seconds", nanoseconds: 1_000_000_000) { .seconds($0) }
  }

  /// Milliseconds in a C `int`.
  static var milliseconds: OptionCoding<Duration> {
    .whole(unit: "milliseconds", nanoseconds: 1_000_000) { .milliseconds($0) }
  }

  /// Microseconds in a C `int`.
  static var microseconds: OptionCoding<Duration> {
    .whole(unit: "microseconds", nanoseconds: 1000) { .microseconds($0) }
  }

  private static func whole(
    unit: StaticString, nanoseconds: Int64, read: @escaping @Sendable (Int64) -> Duration
  ) -> OptionCoding<Duration> {
    let integer = OptionCoding<Int32>.integer
    return OptionCoding(
      capacity: 4, unit: unit,
      encode: { duration in
        duration.rounded(upToNanoseconds: nanoseconds).flatMap { Int32(exactly: $0) }
          .flatMap(integer.encode)
      },
      decode: { bytes in integer.decode(bytes).map { read(Int64($0)) } })
  }

  /// A C `struct timeval`: seconds and microseconds.
  static var timeval: OptionCoding<Duration> {
    OptionCoding(
      capacity: 16, unit: "microseconds",
      encode: { duration in
        guard let microseconds = duration.rounded(upToNanoseconds: 1000) else { return nil }
        var writer = FieldWriter()
        writer.put(microseconds / 1_000_000)
        writer.put(microseconds % 1_000_000)
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count == 16 else { return nil }
        var reader = FieldReader(bytes)
        return .seconds(reader.take(Int64.self)) + .microseconds(reader.take(Int64.self))
      })
  }
}

extension OptionCoding where Value == Duration? {
  /// A `struct timeval` in which zero means for ever; a zero duration does not fit.
  static var timeout: OptionCoding<Duration?> {
    let timeval = OptionCoding<Duration>.timeval
    return OptionCoding(
      capacity: 16, unit: "microseconds",
      encode: { timeout in timeout == .zero ? nil : timeval.encode(timeout ?? .zero) },
      decode: { bytes in timeval.decode(bytes).map { $0 == .zero ? nil : $0 } })
  }

  /// `struct linger`: a switch and whole seconds.
  static var linger: OptionCoding<Duration?> {
    OptionCoding(
      capacity: 8, unit: "seconds",
      encode: { time in
        var writer = FieldWriter()
        guard let time else { return [UInt8](repeating: 0, count: 8) }
        guard let seconds = OptionCoding<Duration>.seconds.encode(time) else { return nil }
        writer.put(Int32(1))
        writer.put(seconds)
        return writer.bytes
      },
      decode: { bytes in
        guard bytes.count == 8 else { return nil }
        var reader = FieldReader(bytes)
        let isOn = reader.take(Int32.self) != 0
        let seconds = Int64(reader.take(Int32.self))
        return .some(isOn ? .seconds(seconds) : nil)
      })
  }

  /// Whole seconds in a C `int`, of which a negative number means none at all.
  static var orphanLifetime: OptionCoding<Duration?> {
    OptionCoding(
      capacity: 4, unit: "seconds",
      encode: { time in
        guard let time else { return OptionCoding<Int32>.integer.encode(-1) }
        return OptionCoding<Duration>.seconds.encode(time)
      },
      decode: { bytes in
        guard let seconds = OptionCoding<Int32>.integer.decode(bytes) else { return nil }
        return .some(seconds < 0 ? nil : .seconds(Int64(seconds)))
      })
  }
}
