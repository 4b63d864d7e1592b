// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

/// A command that works on event loops, in one task.
///
/// The task is cancelled by SIGINT, SIGTERM and SIGHUP, and when ``timeLimit`` is over. It then has two seconds to end, and the
/// process ends without it when these are over; a second signal ends the process at once.
protocol LoopCommand: ParsableCommand, Sendable {
  /// How long the whole may take; `nil` for as long as it likes.
  var timeLimit: Duration? { get }

  /// Whether a signal is how the command ends ordinarily, as a server does: its exit code is then 0, unless its two seconds were too little.
  static var endsBySignal: Bool { get }

  /// The same where it depends on the command line; otherwise ``endsBySignal``.
  var isEndedBySignal: Bool { get }

  /// Does the work, on a loop of ``EventLoopPool/shared``.
  func perform() async throws

  /// Comes last, on the main thread, when the work is done and was not ended by a signal.
  func finish() throws
}

extension LoopCommand {
  var timeLimit: Duration? { nil }
  static var endsBySignal: Bool { false }
  var isEndedBySignal: Bool { Self.endsBySignal }
  func finish() throws {}

  /// The loop that ``perform()`` is on.
  func currentLoop() throws -> EventLoop {
    try EventLoop.current ?? EventLoopPool.shared.next()
  }

  /// Runs ``perform()`` to its end, and waits for it.
  func run() throws {
    // Before there is another thread: all threads inherit that the signals are held back.
    EndingSignals.holdBack()
    try EngineVariable.validate()
    let outcome = Pending<CommandOutcome>()
    let task = Task {
      do {
        try await EventLoopPool.shared.next().run { try await perform() }
        outcome.complete(.done)
      } catch {
        outcome.complete(.failed(error))
      }
    }
    let ending = CommandEnding(task, isOrdinary: isEndedBySignal)
    EndingSignals.tell { ending.signal($0) }
    let deadline = timeLimit.map { Deadline.after($0) } ?? .never
    var result = outcome.wait(until: deadline)
    let isOver = result == nil
    if result == nil {
      task.cancel()
      result = CommandEnding.grace { outcome.wait(until: $0) }
    }
    guard ending.isFirstToEnd() else { CommandEnding.waitForTheEnd() }
    // What is on its way to standard error comes before the last line; a reader who is not there is not waited for.
    LogQueue.standardError.flush(.milliseconds(300))
    // A terminal that takes nothing, for example, is not waited for.
    if result == nil { endAtOnce(unfinished(timeLimit, signal: ending.number)) }
    try judge(result, hasTimedOut: isOver, timeLimit, signal: ending.number)
    if ending.number == nil { try finish() }
  }

  /// Says why the process ends although its work does not.
  ///
  /// - Returns: the exit code.
  @inline(never)
  private func unfinished(_ limit: Duration?, signal: Int32?) -> Int32 {
    if let signal {
      if isEndedBySignal { CommandEnding.tellSoon(CommandEnding.cut) }
      return 128 + signal
    }
    CommandEnding.tellSoon("sockets: \(CommandFailure.timedOut(limit ?? .zero).text)")
    return ExitStatus.timedOut.rawValue
  }

  private func judge(
    _ result: CommandOutcome?, hasTimedOut: Bool, _ limit: Duration?, signal: Int32?
  ) throws {
    switch result {
    case .done? where !hasTimedOut: return
    case .failed(let error)? where !hasTimedOut && !(signal != nil && error.isCancellation):
      throw error
    default: break
    }
    if let signal {
      if isEndedBySignal { return }
      throw ExitCode(128 + signal)
    }
    throw CommandFailure.timedOut(limit ?? .zero)
  }
}

/// How the task of a command ended.
enum CommandOutcome: Sendable {
  case done
  case failed(any Error)
}

/// Ends a command's task from outside.
final class CommandEnding: Sendable {
  /// What is told of a command that should have ended by a signal, and has not.
  static let cut = "sockets: what had not ended in its two seconds was cut off"

  private let task: Task<Void, Never>
  private let isOrdinary: Bool
  private let tell: @Sendable (String) -> Void
  private let end: @Sendable (Int32) -> Void
  private let state = Guarded(State())

  private struct State {
    var received: Int32?
    var isEnding = false
  }

  /// - Parameters:
  ///   - task: the command's.
  ///   - isOrdinary: whether a signal is how the command ends ordinarily, so that it is worth a word when it does not.
  ///   - tell: tells a line before the end.
  ///   - end: ends the process with an exit code.
  init(
    _ task: Task<Void, Never>, isOrdinary: Bool,
    tell: @escaping @Sendable (String) -> Void = tellSoon,
    end: @escaping @Sendable (Int32) -> Void = { endAtOnce($0) }
  ) {
    self.task = task
    self.isOrdinary = isOrdinary
    self.tell = tell
    self.end = end
  }

  /// Tells a line on standard error, whose reader is not waited for.
  static func tellSoon(_ line: String) {
    Output.log(line)
    LogQueue.standardError.flush(.milliseconds(300))
  }

  /// The signal that came, if one did.
  var number: Int32? { state.withLock { $0.received } }

  /// Whether the caller is the one who ends the process, and says how it ended: the first who asks.
  func isFirstToEnd() -> Bool {
    state.withLock { state in
      defer { state.isEnding = true }
      return !state.isEnding
    }
  }

  /// Waits as long as a command may clean up: most of two seconds, of those that this process has.
  ///
  /// One that was stopped meanwhile, or had to wait for a processor, has not had them.
  ///
  /// - Parameter wait: waits until a deadline, or for what ends it.
  /// - Returns: what ended it; `nil` when the time is over.
  static func grace<Result>(_ wait: (Deadline) -> Result?) -> Result? {
    for _ in 0..<36 {
      if let result = wait(.milliseconds(50)) { return result }
    }
    return nil
  }

  /// Waits while another thread ends the process.
  static func waitForTheEnd() -> Never {
    while true { _ = Pending<Bool>().wait(until: .never) }
  }

  /// Ends the line that begins with the terminal's `^C`, so that what follows has a line of its own.
  ///
  /// A progress line is removed with all that stands in it.
  private static func endEcho() {
    guard TerminalDevice.isTerminal(2), !ProgressLine.isOnScreen else { return }
    Output.log("")
    LogQueue.standardError.flush(.milliseconds(100))
  }

  /// A signal came: the first one cancels, the second one ends.
  func signal(_ number: Int32) {
    let isFirst = state.withLock { state in
      defer { state.received = state.received ?? number }
      return state.received == nil
    }
    guard isFirst else { return end(128 + number) }
    if number == EndingSignals.interrupt { Self.endEcho() }
    task.cancel()
    _ = Thread.start(named: "ending") { self.endInTime(128 + number) }
  }

  /// Ends the process when its time is over.
  ///
  /// Whoever has ended by then has taken this thread along.
  private func endInTime(_ code: Int32) {
    _ = Self.grace { Pending<Bool>().wait(until: $0) }
    if !isFirstToEnd() {
      // The main thread has a last word, which somebody may not read.
      _ = Pending<Bool>().wait(until: .milliseconds(300))
    } else if isOrdinary {
      tell(Self.cut)
    }
    end(code)
  }
}
