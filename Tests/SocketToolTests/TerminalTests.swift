// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// What only somebody at a terminal sees: a pseudo-terminal of Python's, which plays the user.
@Suite(.requires(.program("python3")), .timeLimit(.minutes(5)))
struct TerminalTests {
  @Test func aListenerTellsWhoHasCome() async throws {
    try await playTerminal(
      "listen", "127.0.0.1:0",
      scenario: #"""
        until(lambda s: b"listening on" in s and s.endswith(b"\n"))
        port = int(re.search(rb":(\d+)\r", seen).group(1))
        peer = socket.create_connection(("127.0.0.1", port))
        name = "tcp://127.0.0.1:%d" % peer.getsockname()[1]
        until(lambda s: b"ctrl-D" in s and s.endswith(b"\n"))
        assert "connected to %s; ctrl-D ends what you send" % name in plain(seen), seen
        peer.close()
        assert end() == 0, seen
        print("as wanted")
        """#)
  }

  @Test func whatFollowsAnInterruptHasItsOwnLine() async throws {
    try await playTerminal(
      "listen", "127.0.0.1:0",
      scenario: #"""
        until(lambda s: b"listening on" in s and s.endswith(b"\n"))
        type(b"\x03")
        assert end() == 130 and seen.endswith(b"^C\r\n"), seen
        print("as wanted")
        """#)
  }

  @Test func progressObeysTheWindow() async throws {
    try await playTerminal(
      "bench", "--self", "--duration", "100", "--warmup", "0",
      scenario: #"""
        until(lambda s: s.count(b"\x1b[K") >= 3)
        size(24, 50)
        seen = b""
        def lines(): return [plain(line) for line in seen.split(b"\r\x1b[K")[1:-1]]
        # Those of the old width may be on their way.
        until(lambda s: any(len(line) <= 49 for line in lines()))
        seen = b"\r\x1b[K" + seen.split(b"\r\x1b[K")[-1]
        until(lambda s: s.count(b"\x1b[K") >= 4)
        assert all("p50" in line and len(line) <= 49 for line in lines()), lines()
        seen = b""
        type(b"\x03")
        # No line is left of it.
        assert end() == 130 and b"^C\r\n" not in seen and b"throughput" in seen, seen
        print("as wanted")
        """#)
  }

  @Test func aScanThatWasInterruptedTellsWhatItLeftOut() async throws {
    try await playTerminal(
      "scan", "127.0.0.1", "1-5000", "--rate", "100",
      scenario: #"""
        until(lambda s: b" of 5000, " in s and b" left" in s)
        type(b"\x03")
        assert end() == 130 and re.search(rb", [34]\d\d\d not tried, in ", seen), seen
        print("as wanted")
        """#)
  }

  @Test func whatRunsInTheBackgroundDrawsNothing() async throws {
    try await playTerminal(
      program: "/bin/sh", "-mc", "\"$0\" scan 127.0.0.1 1-60 --rate 20 & wait $!",
      try builtProgram("sockets"),
      scenario: #"""
        assert end() in (0, 1) and b" of 60, " not in seen and b"127.0.0.1: " in seen, seen
        print("as wanted")
        """#)
  }

  @Test func aRelayThatPrintsDataDrawsNothing() async throws {
    try await playTerminal(
      "relay", "127.0.0.1:0", "1", "--json",
      scenario: #"""
        until(lambda s: b"listening on" in s and s.endswith(b"\n"))
        type(b"\x03")
        assert end() == 0 and b"\x1b[K" not in seen and b'{"seconds":' in seen, seen
        print("as wanted")
        """#)
  }

  @Test func aRelayTellsWhatItDoes() async throws {
    try await playTerminal(
      "relay", "127.0.0.1:0", "unix:@relayed-\(UInt64.random(in: 0 ... .max))",
      scenario: #"""
        until(lambda s: b"listening on" in s and b"0 active of 0; 0 B/s on, 0 B/s back" in s)
        port = int(re.search(rb":(\d+)\r", seen).group(1))
        # Nobody listens at the other end.
        peer = socket.socket()
        # The relay may be as fast as to reset what has not returned yet.
        peer.connect_ex(("127.0.0.1", port))
        until(lambda s: b"0 active of 1, 1 failed; " in s)
        os.kill(pid, signal.SIGUSR1)
        until(lambda s: re.search(rb"\x1b\[Krelay: 1 connection \(0 active, 1 failed[^\r]*\r\n", s))
        peer.close()
        seen = b""
        type(b"\x03")
        # No line is left of it.
        assert end() == 0 and b"\x1b[Krelay: 1 connection (" in seen and b"^C\r\n" not in seen, seen
        print("as wanted")
        """#)
  }
}
