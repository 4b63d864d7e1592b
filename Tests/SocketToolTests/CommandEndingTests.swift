// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Glibc
import Sockets
import TestSupport
import Testing

@testable import SocketTool

/// How a process ends whose command does not end by itself after a signal.
@Suite(.blocking) struct CommandEndingTests {
  /// What an ending says and does in place of ending the process that tests it.
  private final class Process: Sendable {
    let lines = Guarded<[String]>([])
    let code = Pending<Int32>()

    func ending(isOrdinary: Bool) -> CommandEnding {
      CommandEnding(
        Task {}, isOrdinary: isOrdinary, tell: { line in self.lines.withLock { $0.append(line) } },
        end: { self.code.complete($0) })
    }
  }

  @Test func aServerThatCannotEndIsCutOffAndSaysSo() {
    let process = Process()
    process.ending(isOrdinary: true).signal(SIGTERM)
    #expect(process.code.wait(until: .patience) == 128 + SIGTERM)
    #expect(process.lines.withLock { $0 } == [CommandEnding.cut])
  }

  @Test func whoIsInterruptedEndsWithoutAWord() {
    let process = Process()
    process.ending(isOrdinary: false).signal(SIGINT)
    #expect(process.code.wait(until: .patience) == 128 + SIGINT)
    #expect(process.lines.withLock { $0 } == [])
  }

  /// Nothing is cut off then; what is left is a last word that somebody may not read.
  @Test func aCommandThatIsDoneIsNotCutOff() {
    let process = Process()
    let ending = process.ending(isOrdinary: true)
    ending.signal(SIGTERM)
    let answers = [ending.isFirstToEnd(), ending.isFirstToEnd()]
    #expect(answers == [true, false])
    #expect(process.code.wait(until: .patience) == 128 + SIGTERM)
    #expect(process.lines.withLock { $0 } == [])
  }

  @Test func theSecondSignalEndsAtOnce() {
    let process = Process()
    let ending = process.ending(isOrdinary: true)
    ending.signal(SIGTERM)
    #expect(ending.number == SIGTERM)
    ending.signal(SIGINT)
    // The first one's time is not over.
    #expect(process.code.wait(until: .patience) == 128 + SIGINT)
  }
}

#endif
