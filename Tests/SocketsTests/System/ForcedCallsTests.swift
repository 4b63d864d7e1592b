// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The script itself, on a pair of connected Unix sockets: what a test of it can rely on.
@Suite struct ForcedCallsTests {
  /// Runs a body with both ends of a pair, and closes them.
  private func withPair(_ body: (CInt, CInt) -> Void) {
    var ends: (Int32, Int32) = (-1, -1)
    #expect(Syscall.socketpair(CInt(AddressFamily.unix.rawValue), 1 | 0o2000000, 0, &ends) == 0)
    defer {
      close(ends.0)
      close(ends.1)
    }
    body(ends.0, ends.1)
  }

  private func send(_ text: String, on descriptor: CInt) -> Int {
    // SAFETY: the buffer is used only within the call.
    unsafe Array(text.utf8).withUnsafeBytes { bytes in
      unsafe Syscall.send(descriptor, bytes, flags: 0)
    }
  }

  @Test func aForcedErrorIsReportedAndTheKernelIsNotAsked() {
    withPair { near, _ in
      let forced = ForcedCalls(.fail(.send, .noBufferSpace))
      forced.observing {
        #expect(send("abc", on: near) == -Int(ENOBUFS))
        #expect(send("abc", on: near) == 3)
      }
      #expect(forced.calls == [.send, .send])
      #expect(forced.forced == [0])
      #expect(forced.isPlayedThrough)
    }
  }

  @Test func oneInterruptionIsRetried() {
    withPair { near, _ in
      let forced = ForcedCalls(.interrupt(.send))
      #expect(forced.observing { send("abc", on: near) } == 3)
      #expect(forced.count(of: .send) == 2)
      #expect(!forced.gaveUp)
    }
  }

  @Test func interruptionsWithoutEndAreEndedByTheScript() {
    withPair { near, _ in
      let forced = ForcedCalls(.interrupt(.send, times: nil))
      #expect(forced.observing { send("abc", on: near) } == -Int(EDEADLK))
      #expect(forced.gaveUp)
      #expect(forced.count(of: .send) == ForcedCalls.interruptionLimit + 1)
    }
  }

  @Test func aCallIsShortened() {
    withPair { near, _ in
      let forced = ForcedCalls(.shorten(.send, to: 2))
      #expect(forced.observing { send("abc", on: near) } == 2)
    }
  }

  @Test func rulesLetCallsPassLookAtOneDescriptorAndAnswerValues() {
    withPair { near, far in
      let forced = ForcedCalls(
        .fail(.send, .brokenPipe, skipping: 1, on: near),
        .answer(.send, 7)
      )
      forced.observing {
        #expect(send("a", on: near) == 7)
        #expect(send("a", on: far) == 1)
        #expect(send("a", on: near) == -Int(EPIPE))
      }
      #expect(forced.isPlayedThrough)
      #expect(forced.forced == [0, 2])
    }
  }

  @Test func theCallWithAGivenNumberFails() {
    withPair { near, _ in
      let forced = ForcedCalls(.failCall(number: 2, .tooManyOpenFiles))
      let results = forced.observing { (0..<4).map { _ in send("a", on: near) } }
      #expect(results == [1, 1, -Int(EMFILE), 1])
    }
  }

  @Test func anUnusedRuleIsTold() {
    let forced = ForcedCalls(.fail(.bind, .addressInUse))
    forced.observing {}
    #expect(!forced.isPlayedThrough)
  }
}
