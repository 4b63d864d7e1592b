// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

@Suite(.requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(1)))
struct TwoHostsTests {
  @Test func x() async throws {
    try await BackgroundThread.run {
      let left = try NetworkHost()
      let right = try NetworkHost()
      try left.connect("left", to: right, "right")
      try left.configure(
        "addr add 10.0.0.1/24 dev left",
        "addr add fd00::1/64 dev left",
        "addr add fe80::1/64 dev left"
      )
      try right.configure(
        "addr add 10.0.0.2/24 dev right",
        "addr add fd00::2/64 dev right",
        "addr add fe80::2/64 dev right"
      )
      try left.run {
        for t in [
          ["ping", "-c1", "10.0.0.2"], ["ip", "addr"],
          ["ip", "-6", "route", "show", "table", "all"],
        ] {
          let p = try ChildProcess(t[0], Array(t.dropFirst()))
          p.closeInput()
          _ = try? p.waitForExit()
          print(p.text)
        }
      }
    }
  }
}
