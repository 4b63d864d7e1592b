// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Glibc
import Testing

@testable import SocketTool

/// How a process ends whose command does not end by itself after a signal.
@Suite struct CommandEndingTests {
  /// Whether standard error tells that something was cut off; the test's runner writes there too.
  private static func tells(_ result: ExitTest.Result?) -> Bool {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).contains(CommandEnding.cut)
  }

  @Test func aServerThatCannotEndIsCutOffAndSaysSo() async {
    let result = await #expect(
      processExitsWith: .exitCode(128 + SIGTERM), observing: [\.standardErrorContent]
    ) {
      CommandEnding(Task {}, isOrdinary: true).signal(SIGTERM)
      CommandEnding.waitForTheEnd()
    }
    #expect(Self.tells(result))
  }

  @Test func whoIsInterruptedEndsWithoutAWord() async {
    let result = await #expect(
      processExitsWith: .exitCode(128 + SIGINT), observing: [\.standardErrorContent]
    ) {
      CommandEnding(Task {}, isOrdinary: false).signal(SIGINT)
      CommandEnding.waitForTheEnd()
    }
    #expect(!Self.tells(result))
  }

  /// Nothing was cut off then; what is left is a last word that nobody takes.
  @Test func aCommandThatIsDoneIsNotCutOff() async {
    let result = await #expect(
      processExitsWith: .exitCode(128 + SIGTERM), observing: [\.standardErrorContent]
    ) {
      let ending = CommandEnding(Task {}, isOrdinary: true)
      ending.signal(SIGTERM)
      guard ending.isFirstToEnd(), !ending.isFirstToEnd() else { exit(1) }
      CommandEnding.waitForTheEnd()
    }
    #expect(!Self.tells(result))
  }

  @Test func theSecondSignalEndsAtOnce() async {
    await #expect(processExitsWith: .exitCode(128 + SIGINT)) {
      let ending = CommandEnding(Task {}, isOrdinary: true)
      ending.signal(SIGTERM)
      ending.signal(SIGINT)
      exit(1)
    }
  }
}

#endif
