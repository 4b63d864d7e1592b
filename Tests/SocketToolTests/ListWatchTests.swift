// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// `sockets list --watch` on a terminal: a pseudo-terminal of Python's, which plays the user.
@Suite struct ListWatchTests {
  @Test(.requires(.program("python3")), arguments: [2, 15, 1])
  func itDrawsAgainAndGivesTheTerminalBackAtASignal(signal: Int) async throws {
    try await playTerminal(
      "list", "--all", "--watch", "0.1",
      scenario: #"""
        until(lambda s: s.count(b"\x1b[H") >= 4)
        assert seen.startswith(b"\x1b[?1049h\x1b[?25l"), seen[:50]
        def lines_of(picture): return plain(picture).replace("\r", "").split("\n")
        for picture in seen.split(b"\x1b[H")[1:-1]:
            lines = lines_of(picture)
            assert "sockets" in lines[0] and "every 100 ms" in lines[0], lines
            assert any("PROTO" in line for line in lines), lines
            assert len(lines) <= 24 and all(len(line) <= 80 for line in lines), lines
        size(6, 60)
        seen = b""
        def fits(picture): return len(lines_of(picture)) <= 6 and all(len(line) <= 60 for line in lines_of(picture))
        # Those of the old size may be on their way.
        until(lambda s: any(fits(picture) for picture in s.split(b"\x1b[H")[1:-1]))
        seen = b"\x1b[H" + seen.split(b"\x1b[H")[-1]
        until(lambda s: s.count(b"\x1b[H") >= 4)
        for picture in seen.split(b"\x1b[H")[1:-1]: assert fits(picture), lines_of(picture)
        os.kill(pid, \#(signal))
        seen = seen[-100:]
        assert end() == 0 and seen.endswith(b"\x1b[?25h\x1b[?1049l"), seen
        print("as wanted")
        """#)
  }

  @Test(.requires(.program("python3"))) func theLastPictureOfACountStays() async throws {
    try await playTerminal(
      "list", "--only", "unix", "--watch", "0.1", "--count", "2",
      scenario: #"""
        assert end() == 0, seen
        assert "PROTO" in plain(seen.split(b"\x1b[?1049l")[1]), seen
        print("as wanted")
        """#)
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
