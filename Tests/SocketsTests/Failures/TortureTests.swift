// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F2: in each scenario every system call fails once, in turn: no trap, no hang, nothing left open, and the
/// error that was met is the one that is told.
@Suite struct TortureTests {
  static let scenarios = Scenario.transfers + Scenario.services

  /// What fails, each time once: the peer's fault, the process's limit, the system's limit, a signal.
  private static let errors = [Errno.ioError, .tooManyOpenFiles, .noMemory, .interrupted]

  @Test func thereAreAsManyAsTheFigureAsksFor() { #expect(Self.scenarios.count >= 12) }

  @Test(.timeLimit(.minutes(10)), arguments: scenarios)
  func everyCallFailsOnce(scenario: Scenario) async throws {
    // Off the threads that the tests share: it takes its time.
    try await BackgroundThread.run { try everyCallFails(scenario) }
  }

  private func everyCallFails(_ scenario: Scenario) throws {
    let whole = try run(scenario, "undisturbed") { ForcedCalls() }
    #expect(whole.ending == .returned, "\(scenario.testDescription) without a failure")
    let count = whole.forced.records.count
    for error in Self.errors {
      for number in 0..<count {
        let text = "call \(number) with \(error)"
        let trial = try run(scenario, text) { ForcedCalls(.failCall(number: number, error)) }
        let calls = trial.forced.calls
        // Who waits for another thread makes a call more or less each time: this one was not reached.
        guard number < calls.count else { continue }
        #expect(
          isTrue(trial.ending, to: error, of: calls[number]),
          "\(String(describing: trial.ending)), \(text): \(calls)"
        )
      }
    }
    print(
      "F2: \(scenario.testDescription): every one of \(count) calls × \(Self.errors.count) errors")
  }

  /// Runs a scenario once, in less than two seconds and without a descriptor left.
  ///
  /// A machine with much to do may hold up any test for that long; a call that hangs does so every time.
  private func run(
    _ scenario: Scenario,
    _ text: String,
    _ script: () -> ForcedCalls
  ) throws -> Trial {
    var attempts = 0
    while true {
      attempts += 1
      let trial = Trial(script())
      let outOfSight = try OutOfSight()
      let start = ContinuousClock.now
      trial.attempt {
        try scenario.run(outOfSight)
        return true
      }
      let time = ContinuousClock.now - start
      #expect(outOfSight.closed.contains(trial.leaked), "\(text): \(trial.forced.calls)")
      if time < .seconds(20) { return trial }
      guard attempts < 3 else {
        Issue.record("\(text) took \(time): \(trial.forced.calls)")
        return trial
      }
    }
  }

  /// Whether an ending tells of the failure that was met; to go on in spite of it is right too.
  private func isTrue(_ ending: Trial.Ending?, to error: Errno, of call: SystemCall) -> Bool {
    switch ending {
    case .returned: return true
    case .threw(let thrown) where error == .interrupted:
      // An interruption is nobody's business, of a call that knows interruptions. An attempt that it really ended
      // is told by what came of it.
      return thrown.errno != error || CallOutcomes.outcome(of: call, "EINTR") == nil
    case .threw(let thrown): return thrown.errno == error
    case .returnedNil, nil: return false
    }
  }
}
