// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// What only somebody at a terminal sees: a pseudo-terminal of Python's, which plays the user.
@Suite(.requires(.program("python3")), .timeLimit(.minutes(5)))
struct TerminalTests {
  /// Starts the tool on a terminal of 80 columns; a scenario follows.
  private static let stage = #"""
    import fcntl, os, pty, re, select, socket, struct, sys, termios, time
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.execv(sys.argv[1], sys.argv[1:])
    seen = b""
    def until(condition):
        global seen
        end = time.monotonic() + 100
        while not condition(seen):
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            if not ready: raise SystemExit("too slow: " + repr(seen[-2000:]))
            try: more = os.read(terminal, 65536)
            except OSError: more = b""
            if not more: return False
            seen += more
        return True
    def size(rows, columns):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    def type(keys): os.write(terminal, keys)
    def plain(text): return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", text).decode()
    def end():
        until(lambda s: False)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    """#

  /// Plays a scenario, which prints `as wanted` at its end.
  private func play(_ arguments: String..., scenario: String) async throws {
    let output = try await BackgroundThread.run {
      let program = try ChildProcess(
        "python3", ["-c", Self.stage + scenario, try builtProgram("sockets")] + arguments)
      program.closeInput()
      _ = try program.waitForExit()
      return program.text
    }
    #expect(output == "as wanted\n")
  }

  @Test func aListenerTellsWhoHasCome() async throws {
    try await play(
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
    try await play(
      "listen", "127.0.0.1:0",
      scenario: #"""
        until(lambda s: b"listening on" in s and s.endswith(b"\n"))
        type(b"\x03")
        assert end() == 130 and seen.endswith(b"^C\r\n"), seen
        print("as wanted")
        """#)
  }

  @Test func progressObeysTheWindow() async throws {
    try await play(
      "bench", "--self", "--duration", "100", "--warmup", "0",
      scenario: #"""
        until(lambda s: s.count(b"\x1b[K") >= 3)
        size(24, 50)
        seen = b""
        until(lambda s: s.count(b"\x1b[K") >= 6)
        lines = [plain(line) for line in seen.split(b"\r\x1b[K")[2:-1]]
        assert all("p50" in line and len(line) <= 49 for line in lines), lines
        seen = b""
        type(b"\x03")
        # No line is left of it.
        assert end() == 130 and b"^C\r\n" not in seen and b"throughput" in seen, seen
        print("as wanted")
        """#)
  }

  @Test func aScanThatWasInterruptedTellsWhatItLeftOut() async throws {
    try await play(
      "scan", "127.0.0.1", "1-5000", "--rate", "100",
      scenario: #"""
        until(lambda s: b" of 5000, " in s and b" left" in s)
        type(b"\x03")
        assert end() == 130 and re.search(rb", [34]\d\d\d not tried, in ", seen), seen
        print("as wanted")
        """#)
  }
}
