// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// What commands show on a terminal, a pseudo-terminal of Python's: colours unless they are forbidden, and how far long work is.
@Suite(.requires(.program("python3"))) struct TerminalOutputTests {
  /// Runs the tool on a terminal of 80 columns, to its end or a signal, and prints what came there.
  ///
  /// Its arguments: which of the descriptors are no terminal but the null device, and the command line.
  private static let program = #"""
    import fcntl, os, pty, signal, struct, sys, termios
    others, words = sys.argv[1], sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        for number in others: os.dup2(os.open("/dev/null", os.O_RDWR), int(number))
        os.execv(words[0], words)
    seen = b""
    isServer = words[1] in ("serve", "relay", "listen")
    while True:
        try: piece = os.read(terminal, 65536)
        except OSError: break
        if not piece: break
        seen += piece
        if isServer and b"listening on" in seen:
            isServer = False
            os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    sys.stdout.buffer.write(seen)
    sys.exit(os.waitstatus_to_exitcode(status))
    """#

  /// What the tool shows, and its exit code.
  private func shown(
    _ words: [String], _ environment: [String], others: String = ""
  ) async throws -> (text: String, code: Int32) {
    try await BackgroundThread.run {
      let process = try ChildProcess(
        "env",
        ["-u", "NO_COLOR", "TERM=xterm-256color"] + environment
          + ["python3", "-c", Self.program, others, try builtProgram("sockets")] + words)
      process.closeInput()
      let code = try process.waitForExit()
      return (process.text, code)
    }
  }

  /// One line for each command.
  static let commands: [[String]] = [
    ["errors", "EPERM"], ["engines"], ["support"], ["options", "--find", "keepalive"],
    ["parse", "unix:@app"], ["parse", "unix:"], ["resolve", "127.0.0.1"],
    ["list", "--only", "tcp"],
    ["scan", "127.0.0.1", "1-3", "--all"], ["wait", "127.0.0.1:1", "--timeout", "10ms"],
    ["ping", "127.0.0.1", "--tcp", "--port", "1", "--count", "1"],
    ["trace", "127.0.0.1", "--queries", "1"],
    ["tour", "--only", "unix-stream", "--timeout", "60"],
    ["bench", "--self", "--duration", "0.3", "--warmup", "0"], ["listen", "0", "--echo"],
    ["connect", "127.0.0.1:1"], ["relay", "0", "1"], ["serve", "/usr/share", "--port", "0"],
  ]

  private static let coloured: Set = [
    "engines", "support", "options", "list", "scan", "ping", "trace", "tour", "bench",
  ]

  @Test(arguments: commands)
  func coloursAreForbiddenByTheVariable(_ words: [String]) async throws {
    // A colour or another style; moving about is none.
    let style = /\u{1b}\[[0-9;]*m/
    let forbidden = try await shown(words, ["NO_COLOR=1"])
    #expect(!forbidden.text.isEmpty)
    #expect(!forbidden.text.contains(style), "\(forbidden.text.debugDescription)")
    let free = try await shown(words, [])
    #expect(free.code == forbidden.code)
    #expect(free.text.contains(style) == Self.coloured.contains(words[0]), "\(free.text)")
    guard words == ["engines"] else { return }
    let dumb = try await shown(words, ["TERM=dumb"])
    #expect(!dumb.text.contains(style))
  }

  // MARK: Progress

  @Test func longWorkTellsItsRateAndWhatIsLeft() async throws {
    let scan = try await shown(["scan", "127.0.0.1", "1-70", "--rate", "35"], ["NO_COLOR=1"])
    let line = /[0-9]+ of 70, [0-9]+ %, [0-9]+ a second, [0-9.]+ m?s left/
    #expect(scan.text.contains(line), "\(scan.text.debugDescription)")
    // The line is gone in the end.
    #expect(scan.text.contains("\r\u{1b}[K127.0.0.1: "), "\(scan.text.debugDescription)")
    // It is for a terminal behind standard error, whatever the output is.
    let hidden = try await shown(
      ["scan", "127.0.0.1", "1-70", "--rate", "35"], ["NO_COLOR=1"], others: "2")
    #expect(hidden.text == "")
  }

  /// A file that is sent to a peer that takes its time.
  @Test func aTransferTellsItsRateAndWhatIsLeft() async throws {
    let script = #"""
      import os, pty, socket, sys, time
      os.chdir(sys.argv[2])
      open("file", "wb").write(bytes(3 << 20))
      listener = socket.socket(socket.AF_UNIX)
      listener.bind("path")
      listener.listen()
      pid, terminal = pty.fork()
      if pid == 0:
          os.dup2(os.open("file", os.O_RDONLY), 0)
          os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
          os.execv(sys.argv[1], [sys.argv[1], "connect", "unix:./path"])
      peer, _ = listener.accept()
      start, count = time.monotonic(), 0
      while piece := peer.recv(1 << 16):
          count += len(piece)
          # A MiB a second or so.
          time.sleep(max(0, start + count / (1 << 20) - time.monotonic()))
      peer.close()
      try:
          while piece := os.read(terminal, 65536): sys.stdout.buffer.write(piece)
      except OSError: pass
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """#
    let (text, code) = try await BackgroundThread.run {
      let folder = try ScratchFolder()
      let process = try ChildProcess(
        "python3", ["-c", script, try builtProgram("sockets"), folder.path])
      process.closeInput()
      let code = try process.waitForExit()
      return (process.text, code)
    }
    #expect(code == 0)
    let line = /[0-9.]+ [KM]iB of 3 MiB, [0-9]+ %, [0-9.]+ [KM]iB a second, [0-9.]+ m?s left/
    #expect(text.contains(line), "\(text.debugDescription)")
    #expect(text.hasSuffix("\r\u{1b}[K"), "\(text.debugDescription)")
  }
}
