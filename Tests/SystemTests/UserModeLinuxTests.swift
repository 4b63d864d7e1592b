// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// Families that the machine's own kernel lacks, in a kernel that has them.
@Suite(.requires(.userModeLinux), .timeLimit(.minutes(2)))
struct UserModeLinuxTests {
  @Test func x25ListensCallsAcceptsAndClears() async throws {
    let run = try await BackgroundThread.run {
      try UserModeLinux.run(.checks(["x25"]), modules: ["tun", "x25"], hasX25Link: true)
    }
    print(run.console); #expect(run.exitCode == 0)
  }
}
