// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// Starts the tool on a terminal of 80 columns; a scenario follows.
private let terminalStage = #"""
  import fcntl, os, pty, re, select, signal, socket, struct, sys, termios, time
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

/// Plays a scenario with the tool on a terminal; it prints `as wanted` at its end.
///
/// - Parameters:
///   - program: what is started instead of the tool.
///   - arguments: its arguments.
///   - scenario: the lines of Python behind ``terminalStage``.
/// - Throws: when the player could not be started or did not end.
func playTerminal(
  program: String? = nil, _ arguments: String..., scenario: String
) async throws {
  let tool = try builtProgram("sockets")
  let output = try await BackgroundThread.run {
    let program = try ChildProcess(
      "python3", ["-c", terminalStage + scenario, program ?? tool] + arguments)
    program.closeInput()
    _ = try program.waitForExit()
    return program.text
  }
  #expect(output == "as wanted\n")
}
