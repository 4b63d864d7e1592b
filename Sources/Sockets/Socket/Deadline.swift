// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

/// The instant at which a call gives up waiting, on the monotonic clock.
///
/// A deadline is an instant and not a length of time, so that a call in several steps, or several calls
/// with the same deadline, cannot wait longer than was meant. Changes of the wall clock do not move it; the
/// time that the machine is suspended does not count.
///
///     let reply = try socket.read(into: &buffer, deadline: .seconds(5))
///
/// The corresponding C clock is `CLOCK_MONOTONIC`.
public struct Deadline: Hashable, Sendable {
  /// Nanoseconds of the monotonic clock; the largest value waits for ever.
  package var nanoseconds: Int64

  /// A deadline at an instant of the monotonic clock, in nanoseconds.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// No deadline: wait for ever.
  public static let never = Deadline(nanoseconds: .max)

  /// The present instant: a call with it does what can be done without waiting.
  public static var now: Deadline { Deadline(nanoseconds: cs_monotonic_nanoseconds()) }

  /// A deadline that lies a length of time ahead of now.
  ///
  /// - Parameter duration: how long from now; a negative duration is an instant in the past, and one too
  ///   long for the clock, 292 years, is ``never``.
  /// - Returns: the instant.
  public static func after(_ duration: Duration) -> Deadline {
    // A duration holds more seconds than its components can tell.
    if duration >= .seconds(Int64.max / 1_000_000_000) { return .never }
    if duration < .zero { return Deadline(nanoseconds: 0) }
    let (seconds, attoseconds) = duration.components
    let length = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    let (instant, past) = cs_monotonic_nanoseconds().addingReportingOverflow(length)
    return past ? .never : Deadline(nanoseconds: instant)
  }

  /// A deadline that many seconds ahead of now.
  public static func seconds(_ count: Int) -> Deadline { after(.seconds(count)) }

  /// A deadline that many milliseconds ahead of now.
  public static func milliseconds(_ count: Int) -> Deadline { after(.milliseconds(count)) }

  /// Whether the instant has come.
  public var hasPassed: Bool { self != .never && remaining == .zero }

  /// What is left until then; zero when it has passed.
  public var remaining: Duration {
    let left = remainingNanoseconds
    return left < 0 ? .nanoseconds(Int64.max) : .nanoseconds(left)
  }

  /// What is left in nanoseconds, zero when it has passed, negative for ever: what ``Syscall`` takes.
  package var remainingNanoseconds: Int64 {
    nanoseconds == .max ? -1 : max(0, nanoseconds - cs_monotonic_nanoseconds())
  }
}
