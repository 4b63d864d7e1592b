// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// `sockets list --watch` on a terminal: a pseudo-terminal of Python's, which plays the user.
@Suite struct ListWatchTests {
  /// Plays the user.
  ///
  /// Starts the tool on a terminal of 80 columns, waits for three pictures, makes the window smaller, waits for a picture
  /// of that size, and sends a signal. Prints the exit code and the last bytes.
  private static let program = #"""
    import fcntl, os, pty, re, select, signal, struct, sys, termios, time
    tool, number = sys.argv[1], int(sys.argv[2])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(tool, [tool, "list", "--all", "--watch", "0.1"])
    def size(rows, columns):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    size(24, 80)
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
    def plain(picture): return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", picture).replace(b"\r", b"").split(b"\n")
    until(lambda s: s.count(b"\x1b[H") >= 4)
    assert seen.startswith(b"\x1b[?1049h\x1b[?25l"), seen[:50]
    # The first picture may have been drawn before the terminal had a size.
    for picture in seen.split(b"\x1b[H")[2:-1]:
        lines = plain(picture)
        assert b"sockets" in lines[0] and b"every 100 ms" in lines[0], lines
        assert any(b"PROTO" in line for line in lines), lines
        assert len(lines) <= 24 and all(len(line.decode()) <= 80 for line in lines), lines
    size(6, 60)
    seen = b""
    until(lambda s: s.count(b"\x1b[H") >= 4)
    for picture in seen.split(b"\x1b[H")[3:-1]:
        lines = plain(picture)
        assert len(lines) <= 6 and all(len(line.decode()) <= 60 for line in lines), lines
    os.kill(pid, number)
    seen = seen[-100:]
    until(lambda s: False)
    _, status = os.waitpid(pid, 0)
    print(os.waitstatus_to_exitcode(status), seen.endswith(b"\x1b[?25h\x1b[?1049l"))
    """#

  @Test(.requires(.program("python3")), arguments: [2, 15, 1])
  func itDrawsAgainAndGivesTheTerminalBackAtASignal(signal: Int) async throws {
    let output = try await BackgroundThread.run {
      let program = try ChildProcess(
        "python3", ["-c", Self.program, try builtProgram("sockets"), "\(signal)"])
      _ = try program.waitForExit()
      return program.text
    }
    #expect(output == "0 True\n")
  }

  @Test func inAPipeItWritesTablesBelowEachOtherAndEndsAfterItsCount() async throws {
    let run = try await sockets("list", "--only", "unix", "--watch", "0.05", "--count", "3")
    #expect(run.exitCode == 0)
    #expect(!run.output.contains("\u{1b}"))
    #expect(run.output.split(separator: "\n").filter { $0.hasPrefix("PROTO") }.count == 3)
    let data = try await sockets(
      "list", "--only", "unix", "--watch", "0.05", "--count", "2", "--json", "--summary")
    #expect(data.output.split(separator: "\n").count == 2)
  }

  @Test func aTimeLimitEndsIt() async throws {
    let run = try await sockets("list", "--watch", "--timeout", "300ms")
    #expect(run.exitCode == 124)
    #expect(run.errors == "sockets: timed out after 0.3 s\n")
  }
}
