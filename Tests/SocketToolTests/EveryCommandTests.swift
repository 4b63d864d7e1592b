// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// What holds for every command: how it ends by a signal and when its time is over, its data, its silence in a pipe, and the line
/// in which it says that the network said no.
@Suite(
  .blocking,
  .requires(
    .root, .networkNamespaces, .program("ip"), .program("unshare"), .file("/etc/resolv.conf")),
  .timeLimit(.minutes(5)))
struct EveryCommandTests {
  private static let target = SilentHost.target

  // MARK: Signals

  /// How a command that goes on for ever ends by a signal.
  enum Ending: Sendable {
    /// It has done its work: 0.
    case done
    /// It was interrupted: 128 and the signal's number.
    case interrupted
    /// It has something to say by its code.
    case code(Int32)
  }

  /// A command that goes on, how it is seen that it is at work, and how it ends.
  struct LongCommand: Sendable {
    let words: [String]
    /// A line that it writes, or a remote port in a table of the kernel.
    let sign: String
    let ending: Ending

    init(_ words: [String], _ ending: Ending, sign: String = "listening on ") {
      self.words = words
      self.sign = sign
      self.ending = ending
    }

    func code(_ signal: Int32) -> Int32 {
      switch ending {
      case .done: 0
      case .interrupted: 128 + signal
      case .code(let code): code
      }
    }

    func isAtWork(_ process: ChildProcess) throws -> Bool {
      let parts = sign.split(separator: " ").map(String.init)
      guard parts.count == 2, ["tcp", "udp"].contains(parts[0]), let port = Int(parts[1]) else {
        _ = try process.waitForLine(containing: sign)
        return true
      }
      let digits = String(port, radix: 16, uppercase: true)
      let end =
        "\(SilentHost.targetInTables):" + String(repeating: "0", count: 4 - digits.count) + digits
      // The process is not in its own namespace before it has begun.
      let table = (try? readFile("/proc/\(process.processIdentifier)/net/\(parts[0])")) ?? ""
      return table.contains(end)
    }
  }

  /// All that can go on for ever; `tour` has a test of its own, and the others print and end.
  static let longCommands: [LongCommand] = [
    LongCommand(["listen", "0"], .interrupted), LongCommand(["listen", "0", "--keep-open"], .done),
    LongCommand(["listen", "0", "--echo"], .done), LongCommand(["listen", "udp://:0"], .done),
    LongCommand(["listen", "unix:@\(name)", "--exec", "cat"], .done),
    LongCommand(["connect", "\(target):7"], .interrupted, sign: "tcp 7"),
    LongCommand(["connect", "udp://\(target):8"], .interrupted, sign: "udp 8"),
    LongCommand(["relay", "0", "1"], .done), LongCommand(["relay", "udp://:0", "udp://:1"], .done),
    LongCommand(["serve", "/usr/share", "--port", "0"], .done),
    LongCommand(["list", "--watch", "0.1"], .done, sign: "PROTO"),
    LongCommand(["resolve", "name.test", "--timeout", "600"], .interrupted, sign: "udp 53"),
    // Nobody has answered.
    LongCommand(["ping", target, "--interval", "50ms"], .code(1), sign: target),
    LongCommand(["ping", target, "--port", "9", "--tcp"], .code(1), sign: "tcp 9"),
    LongCommand(["trace", target, "--timeout", "1h"], .interrupted, sign: "trace to"),
    LongCommand(["scan", target, "10", "--timeout", "1h"], .interrupted, sign: "tcp 10"),
    LongCommand(["wait", "\(target):11", "--timeout", "1h"], .interrupted, sign: "tcp 11"),
    LongCommand(["bench", "\(target):12", "--timeout", "1h"], .interrupted, sign: "tcp 12"),
    LongCommand(
      ["options", "tcp://\(target):13", "--connect", "--timeout", "600"], .interrupted,
      sign: "tcp 13"),
  ]

  private static let name = "every-command-\(UInt64.random(in: 0 ... .max))"

  @Test(arguments: [SIGINT, SIGTERM])
  func eachEndsBySignalsWithinTwoSeconds(_ signal: Int32) throws {
    let host = try SilentHost()
    let processes = try Self.longCommands.map { try host.start($0.words) }
    for (command, process) in zip(Self.longCommands, processes) {
      let isAtWork = try settles { try command.isAtWork(process) }
      #expect(isAtWork, "\(command.words)")
    }
    // All at once, so that the time of all is no less than that of the slowest.
    let start = ContinuousClock.now
    for process in processes { kill(process.processIdentifier, signal) }
    for (command, process) in zip(Self.longCommands, processes) {
      let code = try process.waitForExit()
      #expect(code == command.code(signal), "\(command.words): \(process.text)")
      #expect(process.text.isEmpty || process.text.hasSuffix("\n"), "\(command.words)")
      let hasFailed = process.text.split(separator: "\n").contains { $0.hasPrefix("sockets: ") }
      #expect(!hasFailed, "\(command.words): \(process.text)")
    }
    let time = ContinuousClock.now - start
    print("signal \(signal): \(processes.count) commands ended in \(time)")
    // Two where the machine has nothing else to do; each is given 1.8 by itself, and a server that needs them has another code.
    #expect(time < .seconds(10))
  }

  // MARK: Time

  /// Command lines whose time is soon over, their exit code, and what their last line says.
  static let limited: [(words: [String], code: Int32, text: String)] = [
    (["connect", "\(target):7"], 124, "connect to tcp://\(target):7: no answer within 0.1 s"),
    (["listen", "0"], 124, "nobody came within 0.1 s"),
    (["listen", "0", "--keep-open"], 124, "nobody came within 0.1 s"),
    (["serve", "/usr/share", "--port", "0"], 124, "timed out after 0.1 s"),
    (["list", "--watch"], 124, "timed out after 0.1 s"),
    (["resolve", "name.test"], 124, "resolve name.test: the deadline passed"),
    (
      ["options", "tcp://\(target):7", "--connect"], 124,
      "connect to \(target):7: the deadline passed"
    ),
    (["wait", "\(target):7"], 124, "timed out after 0.1 s: no answer from tcp://\(target):7 ("),
    (
      ["bench", "\(target):7", "--duration", "0.1"], 124,
      "connect to \(target):7: the deadline passed"
    ),
    // Here it is the time of an answer, and that there was none is what is reported.
    (["ping", target, "--count", "1"], 1, ""), (["scan", target, "7"], 1, ""),
    (["trace", target, "--max-hops", "2"], 1, "\(target): no answer from it, as far as hop 2"),
  ]

  @Test func eachEndsWhenItsTimeIsOver() throws {
    let host = try SilentHost()
    let processes = try Self.limited.map { row in
      let process = try host.start(row.words + ["--timeout", "0.1"])
      if row.words[0] != "listen" { process.closeInput() }
      return process
    }
    for (row, process) in zip(Self.limited, processes) {
      #expect(try process.waitForExit(seconds: 60) == row.code, "\(row.words): \(process.text)")
      let told = process.text.split(separator: "\n").filter { $0.hasPrefix("sockets: ") }
      #expect(told.count == (row.text.isEmpty ? 0 : 1), "\(row.words): \(process.text)")
      if !row.text.isEmpty {
        #expect(told.first?.hasPrefix("sockets: \(row.text)") == true, "\(process.text)")
      }
    }
  }

  /// Of `relay` the time is that of dialling: the client is reset, and the line names the target.
  @Test func aRelaysTargetHasItsTime() throws {
    let host = try SilentHost()
    let folder = try ScratchFolder()
    let path = "\(folder.path)/from"
    let relay = try host.start(
      ["relay", "unix:\(path)", "tcp://\(Self.target):7", "--timeout", "0.1"])
    _ = try relay.listeningEndpoint()
    let client = try ConnectedSocket.connected(to: .unix(path: path), deadline: .patience)
    #expect(ServedScratch.rest(of: client) == [])
    let line = try relay.waitForLine(containing: "sockets: ")
    #expect(line == "sockets: connect to \(Self.target):7: the deadline passed")
    kill(relay.processIdentifier, SIGTERM)
    #expect(try relay.waitForExit() == 0)
  }

  // MARK: Data, and silence in a pipe

  /// Command lines that print and end, all of which know `--json`.
  static let printing: [[String]] = [
    ["errors", "EPERM"], ["errors"], ["engines"], ["support"], ["options"],
    ["options", "udp://127.0.0.1:0"], ["parse", "unix:@app"], ["resolve", "127.0.0.1:80"],
    ["list"], ["list", "--all", "--summary"], ["list", "--watch", "0.01", "--count", "2"],
    ["ping", "127.0.0.1", "--count", "2", "--interval", "1ms"], ["trace", "127.0.0.1"],
    ["scan", "127.0.0.1", "1-20", "--all"], ["tour", "--only", "unix-stream"], ["tour", "--list"],
    ["bench", "--self", "--duration", "0.2", "--warmup", "0"],
  ]

  @Test(arguments: printing)
  func dataIsDataAndAPipeGetsNothingElse(_ words: [String]) async throws {
    for more in [[], ["--json"]] {
      let run = try await sockets(words + more)
      // Nobody listens at a low port.
      #expect(run.exitCode == (words[0] == "scan" ? 1 : 0), "\(words): \(run.errors)")
      #expect(run.errors == "", "\(words)")
      #expect(!run.output.isEmpty && run.output.hasSuffix("\n"), "\(words)")
      #expect(!run.output.contains("\u{1b}") && !run.output.contains("\r"), "\(words)")
      guard more == ["--json"] else { continue }
      // One value, or one a line.
      guard (try? run.json()) == nil else { continue }
      for line in run.output.split(separator: "\n") {
        let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
        #expect(value != nil, "\(words): \(line)")
      }
    }
  }

  /// What servers print as data: each line of it.
  @Test func linesOfServersAreDataToo() throws {
    let folder = try ScratchFolder()
    let rows: [(words: [String], isStandardError: Bool)] = [
      (["listen", "127.0.0.1:0", "--echo", "--access-log", "--json"], true),
      (["relay", "0", "1", "--json"], false),
      (["serve", folder.path, "--port", "0", "--json"], false),
    ]
    for row in rows {
      let errors = "\(folder.path)/errors-\(row.words[0])"
      let output = "\(folder.path)/output-\(row.words[0])"
      let server = try ChildProcess(
        "/bin/sh",
        [
          "-c", "errors=$1; output=$2; shift 2; exec \"$@\" >\"$output\" 2>\"$errors\"", "sh",
          errors, output, try builtProgram("sockets"),
        ] + row.words)
      var port: UInt16?
      let isThere =
        settles {
          let text = (try? readFile(errors)) ?? ""
          port = text.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) }
          return port != nil
        }
      try #require(isThere)
      do {
        let client = try ConnectedSocket.connected(
          to: .ipv4(.loopback, port: Port(try #require(port))), deadline: .patience)
        try client.write("GET / HTTP/1.0\r\n\r\n".utf8, deadline: .patience)
        try client.shutdown(.write)
        _ = ServedScratch.rest(of: client)
      } catch let error as SocketError where error.errno != nil {
        // Nobody is behind the relay, which resets its client, at any point of this.
        #expect(row.words[0] == "relay", "\(error)")
      }
      kill(server.processIdentifier, SIGTERM)
      #expect(try server.waitForExit() == 0)
      let text = try readFile(row.isStandardError ? errors : output)
      let lines = text.split(separator: "\n")
      #expect(lines.count >= (row.isStandardError ? 2 : 1), "\(row.words): \(text)")
      for line in lines {
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
        #expect(object is [String: Any], "\(row.words): \(line)")
      }
    }
  }

  // MARK: The line of a failure

  /// Part of figure F23: the whole line of each failure that a command can meet, with the endpoint or the file, and the C error.
  ///
  /// PORT is a port where somebody listens, DEAF one where nobody does, and FOLDER a folder with a file `file`.
  static let failures: [(words: String, line: String)] = [
    ("listen PORT", "bind to 127.0.0.1:PORT: address already in use (EADDRINUSE)"),
    ("listen 192.0.2.1:0", "bind to 192.0.2.1:0: address not available (EADDRNOTAVAIL)"),
    ("listen unix:/nowhere/s", "bind to /nowhere/s: no such file or directory (ENOENT)"),
    (
      "listen unix:FOLDER/file",
      "bind to FOLDER/file: there is something else than a socket at this path; it was left alone"
    ),
    (
      "listen tcp://no-such-name.invalid:1",
      "resolve no-such-name.invalid:1: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
    ("connect DEAF", "connect to 127.0.0.1:DEAF: connection refused (ECONNREFUSED)"),
    ("connect unix:FOLDER/file", "connect to FOLDER/file: connection refused (ECONNREFUSED)"),
    ("connect unix:/nowhere/s", "connect to /nowhere/s: no such file or directory (ENOENT)"),
    (
      "connect PORT --from 192.0.2.9",
      "bind to 192.0.2.9:0: address not available (EADDRNOTAVAIL)"
    ),
    (
      "connect PORT --option tcp.maximumSegmentSize=1",
      "set option TCP_MAXSEG: invalid argument (EINVAL)"
    ),
    ("relay PORT 1", "bind to 127.0.0.1:PORT: address already in use (EADDRINUSE)"),
    ("relay 0 1 --control /nowhere/c", "bind to /nowhere/c: no such file or directory (ENOENT)"),
    ("relay 0 1 --capture /nowhere/c", "/nowhere/c: no such file or directory (ENOENT)"),
    (
      "relay udp://:0 udp://no-such-name.invalid:1",
      "resolve no-such-name.invalid:1: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
    ("serve /nowhere", "/nowhere: no such file or directory (ENOENT)"),
    ("serve FOLDER/file", "FOLDER/file: not a directory (ENOTDIR)"),
    ("serve FOLDER --port PORT", "bind to 127.0.0.1:PORT: address already in use (EADDRINUSE)"),
    (
      "serve FOLDER --host 192.0.2.1",
      "bind to 192.0.2.1:8080: address not available (EADDRNOTAVAIL)"
    ),
    ("serve FOLDER --access-log /nowhere/l", "/nowhere/l: no such file or directory (ENOENT)"),
    (
      "resolve no-such-name.invalid",
      "resolve no-such-name.invalid: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
    (
      "ping no-such-name.invalid",
      "resolve no-such-name.invalid: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
    (
      "ping 127.0.0.1 --count 1 --from 192.0.2.9",
      "bind to 192.0.2.9:0: address not available (EADDRNOTAVAIL)"
    ),
    (
      "trace no-such-name.invalid",
      "resolve no-such-name.invalid: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
    (
      "scan no-such-name.invalid 1",
      "resolve no-such-name.invalid: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
    (
      "scan 127.0.0.1 1 --from 192.0.2.9",
      "bind to 192.0.2.9:0: address not available (EADDRNOTAVAIL)"
    ),
    (
      "wait DEAF --timeout 10ms",
      "timed out after 0.01 s: no answer from tcp://127.0.0.1:DEAF (connection refused (ECONNREFUSED))"
    ),
    ("bench DEAF", "connect to 127.0.0.1:DEAF: connection refused (ECONNREFUSED)"),
    ("bench --self --plot /nowhere/p", "/nowhere/p: no such file or directory (ENOENT)"),
    (
      "options tcp://127.0.0.1:DEAF --connect",
      "connect to 127.0.0.1:DEAF: connection refused (ECONNREFUSED)"
    ),
    (
      "options tcp://no-such-name.invalid:1",
      "resolve no-such-name.invalid:1: the name servers gave no answer now, try again later (EAI_AGAIN)"
    ),
  ]

  @Test func whatTheNetworkRefusesIsOneLine() async throws {
    let folder = try ScratchFolder()
    try folder.write("", to: "file")
    // In a host of its own there is nobody to ask for names, so that each is unknown at once.
    let host = try NetworkHost()
    let busy = try host.run { try ListeningSocket.bound(to: .ipv4(.loopback, port: .any)) }
    let deaf = try host.run { try DeafPort(.ipv4(.loopback, port: .any)) }
    let busyPort = try #require(try busy.localAddress().ip).port
    let deafPort = try #require(deaf.address.ip).port
    func filled(_ text: String) -> String {
      text.replacing("PORT", with: "\(busyPort)").replacing("DEAF", with: "\(deafPort)")
        .replacing("FOLDER", with: folder.path)
    }
    let errors = "\(folder.path)/errors"
    let script = "mount --bind /dev/null /etc/resolv.conf; exec \"$@\" 2>\"$0\""
    for row in Self.failures {
      let words = filled(row.words).split(separator: " ").map(String.init)
      let tool = ["-m", "sh", "-c", script, errors, try builtProgram("sockets")]
      let process = try host.run {
        try ChildProcess("unshare", tool + words, mergesErrors: false)
      }
      process.closeInput()
      #expect(try process.waitForExit() == (words[0] == "wait" ? 124 : 1), "\(words)")
      #expect(process.text == "", "\(words)")
      #expect(try readFile(errors) == "sockets: \(filled(row.line))\n", "\(words)")
    }
    try busy.close()
  }

  // MARK: Malformed endpoints

  /// What is no endpoint, and the words about it.
  static let malformed: [(text: String, reason: String)] = [
    ("", "the host is missing"), ("tcp://", "the host is missing"), (" ", "the port is missing"),
    ("tcp:/x", "port is not a decimal number"), ("tcp://127.0.0.1:65536", "larger than 65535"),
    ("99999", "larger than 65535"), ("127.0.0.1:99999", "larger than 65535"),
    ("127.0.0.1", "the port is missing"), ("[::1]", "the port is missing"),
    ("[::1]:", "the port is missing"), ("tcp://host", "the port is missing"),
    ("tcp://host:", "the port is missing"), ("tcp://[::1]", "the port is missing"),
    ("tcp://256.0.0.1:1", "larger than 255"), ("tcp://01.2.3.4:1", "a leading zero"),
    ("tcp://1.2.3:1", "four decimal parts"), ("tcp://[::1", "the closing bracket is missing"),
    ("tcp://[::g]:1", "this character cannot stand here"), ("tcp://::1:80", "more than one colon"),
    ("udp:127.0.0.1:53", "the transport is followed by '://', at position 3"),
    ("tcp://host:1:2", "more than one colon"), ("tcp://:x y", "a service name has"),
    ("tcp://a b:1", "this character cannot stand here"), ("tcp://é:1", "this character cannot"),
    ("tcp://\u{1b}[31m:1", "\\u{1b}[31m"), ("tcp://-a:1", "a label of the host name"),
    ("tcp://[fe80::1%nosuch]:1", "no network interface"), ("tcp4://[::1]:1", "other IP version"),
    ("tcp6://127.0.0.1:1", "other IP version"), ("udp://", "the host is missing"),
    ("foo://x", "this transport is unknown"), ("http://x:1", "this transport is unknown"),
    ("unix:", "the path or name is missing"), ("unix-packet:", "the path or name is missing"),
    ("unix-datagram:", "the path or name is missing"), ("unix://x", "the path follows the colon"),
    ("unix:" + String(repeating: "x", count: 200), "at most 107 bytes"),
    ("vsock://", "the host is missing"), ("vsock://1", "the port is missing"),
    ("vsock://a:1", "this character cannot"), ("vsock://4294967296:1", "larger than 4294967295"),
    ("vsock://1:4294967296", "larger than 4294967295"), ("x25://", "the host is missing"),
    ("x25://abc", "decimal digits only"), ("x25://1234567890123456", "at most 15 digits"),
    ("icmp://", "the host is missing"),
  ]

  /// To each command that takes one, in turn.
  @Test func whatIsNoEndpointIsOneLineAndExitCode2() async throws {
    let ways: [@Sendable (String) -> [String]] = [
      { ["listen", "--", $0] }, { ["connect", "--", $0] }, { ["relay", "--", $0, "1"] },
      { ["relay", "--", "1", $0] }, { ["relay", "1", "2", "--control=\($0)"] },
      { ["wait", "--timeout", "1s", $0] }, { ["bench", "--", $0] },
    ]
    for (number, row) in Self.malformed.enumerated() {
      let words = ways[number % ways.count](row.text)
      let run = try await sockets(words)
      #expect(run.exitCode == 2, "\(words): \(run.errors)")
      #expect(run.output == "", "\(words)")
      #expect(run.errors.hasPrefix("sockets: ") && run.errors.hasSuffix("\n"), "\(words)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(words): \(run.errors)")
      #expect(run.errors.contains(row.reason), "\(words): \(run.errors)")
      #expect(!run.errors.contains("\u{1b}"))
    }
  }
}
