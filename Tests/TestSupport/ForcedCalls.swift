// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Glibc
package import Sockets
package import SystemPackage

/// Answers system calls in the kernel's place, by a script, and writes down every call.
///
/// It sits in the calling thread's seat of the seam only, so tests that run side by side do not meet:
///
///     let forced = ForcedCalls(.fail(.recv, .interrupted, times: 3))
///     let count = try forced.observing { () throws(SocketError) in try socket.read(into: &bytes) }
///     #expect(forced.count(of: .recv) == 4)
///
/// The first rule that fits a call and is not used up answers it; a call that no rule fits goes to the
/// kernel. Not for use by two threads at once.
package final class ForcedCalls: SystemCallObserver {
  /// One line of the script.
  package struct Rule: Sendable {
    /// The call it answers; `nil` answers any call.
    package var call: SystemCall?
    /// What it answers.
    package var answer: Answer
    /// How many fitting calls it lets pass before it answers.
    package var skipping: Int
    /// How many calls it answers; `nil` answers all that come.
    package var times: Int?
    /// The descriptor it looks at; `nil` looks at any.
    package var descriptor: CInt?
  }

  /// What a rule answers.
  package enum Answer: Sendable, Equatable {
    /// The call fails with this error and the kernel is not asked.
    case error(Errno)
    /// The kernel does the call, and then it fails with this error all the same. An operation in a ring fails with this error
    /// if it fails at all.
    case errorAfterwards(Errno)
    /// The call returns this value and the kernel is not asked. The caller's buffers stay as they were.
    case value(Int)
    /// The kernel is asked to move at most this many bytes or items.
    case atMost(Int)
  }

  /// How often in a row one call may be answered with EINTR before the script gives up: a call that
  /// retries for ever must fail its test and not hang it.
  package static let interruptionLimit = 1000

  /// The calls in the order in which they were made, forced ones included.
  package private(set) var records: [SystemCallRecord] = []
  /// The numbers, counted from zero, of those records that a rule answered or shortened.
  package private(set) var forced: [Int] = []
  /// Whether a call was interrupted ``interruptionLimit`` times in a row; it was then answered `EDEADLK`.
  package private(set) var gaveUp = false

  private var rules: [Rule]
  private var seen: [Int]
  private var used: [Int]
  private var interruptionsInARow = 0
  private var answerAfterwards: Int?

  /// Makes a script from its lines, the first line first.
  package init(_ rules: Rule...) {
    self.rules = rules
    seen = Array(repeating: 0, count: rules.count)
    used = Array(repeating: 0, count: rules.count)
  }

  /// Adds a line at the end of the script.
  package func add(_ rule: Rule) {
    rules.append(rule)
    seen.append(0)
    used.append(0)
  }

  /// The calls that were made, by name.
  package var calls: [SystemCall] { records.map(\.call) }

  /// How many times a call was made, the forced times included.
  package func count(of call: SystemCall) -> Int { calls.count { $0 == call } }

  /// Whether every line with a number of times was used that often: a script that was not played through
  /// has tested nothing.
  package var isPlayedThrough: Bool {
    zip(rules, used).allSatisfy { rule, used in used >= rule.times ?? 1 }
  }

  package func willPerform(_ call: SystemCall, descriptor: CInt, count: inout Int) -> Int? {
    for index in rules.indices where fits(rules[index], call, descriptor) {
      seen[index] += 1
      guard seen[index] > rules[index].skipping, used[index] < rules[index].times ?? .max else {
        continue
      }
      used[index] += 1
      forced.append(records.count)
      return answer(call, rules[index].answer, &count)
    }
    interruptionsInARow = 0
    return nil
  }

  package func answer(of call: SystemCall, descriptor: CInt, _ result: Int) -> Int {
    defer { answerAfterwards = nil }
    return answerAfterwards ?? result
  }

  package func didPerform(_ record: SystemCallRecord) { records.append(record) }

  /// An operation in a ring is written down when it is submitted, with the result that it will have, or zero.
  package func willSubmit(
    _ operation: SystemCall, descriptor: CInt, count: inout Int
  ) -> RingAnswer? {
    let instead = willPerform(operation, descriptor: descriptor, count: &count)
    let afterwards = answerAfterwards
    answerAfterwards = nil
    records.append(
      SystemCallRecord(
        call: operation, arguments: [], result: instead ?? afterwards ?? 0, nanoseconds: 0))
    return instead.map { .instead($0) } ?? afterwards.map { .insteadOfFailure($0) }
  }

  private func fits(_ rule: Rule, _ call: SystemCall, _ descriptor: CInt) -> Bool {
    (rule.call ?? call) == call && (rule.descriptor ?? descriptor) == descriptor
  }

  private func answer(
    _ call: SystemCall, _ answer: Answer, _ count: inout Int
  ) -> Int? {
    interruptionsInARow = answer == .error(.interrupted) ? interruptionsInARow + 1 : 0
    if interruptionsInARow > Self.interruptionLimit {
      gaveUp = true
      return -Int(EDEADLK)
    }
    switch answer {
    case .error(let error) where call != .close: return -Int(error.rawValue)
    case .error(let error), .errorAfterwards(let error):
      // Linux gives a descriptor up before anything in `close` can fail (close(2), NOTES).
      answerAfterwards = -Int(error.rawValue)
      return nil
    case .value(let value): return value
    case .atMost(let limit):
      count = min(count, limit)
      return nil
    }
  }
}

extension ForcedCalls.Rule {
  /// The call fails.
  ///
  /// - Parameters:
  ///   - call: which call; `nil` means any.
  ///   - error: with which error.
  ///   - times: how many times; `nil` means always.
  ///   - skipping: how many such calls pass first.
  ///   - descriptor: on which descriptor only.
  /// - Returns: the line.
  package static func fail(
    _ call: SystemCall?,
    _ error: Errno,
    times: Int? = 1,
    skipping: Int = 0,
    on descriptor: CInt? = nil
  ) -> Self {
    Self(
      call: call,
      answer: .error(error),
      skipping: skipping,
      times: times,
      descriptor: descriptor
    )
  }

  /// The kernel does the call, and then it fails all the same; see ``fail(_:_:times:skipping:on:)``.
  package static func failAfterwards(
    _ call: SystemCall?,
    _ error: Errno,
    times: Int? = 1,
    skipping: Int = 0,
    on descriptor: CInt? = nil
  ) -> Self {
    Self(
      call: call,
      answer: .errorAfterwards(error),
      skipping: skipping,
      times: times,
      descriptor: descriptor
    )
  }

  /// The call is interrupted by a signal; `nil` times means always.
  package static func interrupt(
    _ call: SystemCall,
    times: Int? = 1,
    skipping: Int = 0,
    on descriptor: CInt? = nil
  ) -> Self {
    fail(call, .interrupted, times: times, skipping: skipping, on: descriptor)
  }

  /// The call moves fewer bytes or items than it was asked to.
  package static func shorten(
    _ call: SystemCall,
    to limit: Int,
    times: Int? = nil,
    skipping: Int = 0,
    on descriptor: CInt? = nil
  ) -> Self {
    Self(
      call: call,
      answer: .atMost(limit),
      skipping: skipping,
      times: times,
      descriptor: descriptor
    )
  }

  /// The call returns a value without being made.
  package static func answer(
    _ call: SystemCall,
    _ value: Int,
    times: Int? = 1,
    skipping: Int = 0,
    on descriptor: CInt? = nil
  ) -> Self {
    Self(
      call: call,
      answer: .value(value),
      skipping: skipping,
      times: times,
      descriptor: descriptor
    )
  }

  /// The call with this number in the whole scenario fails, counted from zero: for trying every one.
  package static func failCall(number: Int, _ error: Errno) -> Self {
    fail(nil, error, times: 1, skipping: number)
  }
}
