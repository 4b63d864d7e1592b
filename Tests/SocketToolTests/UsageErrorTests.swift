// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import TestSupport
import Testing

@testable import SocketTool

/// Command lines that are wrong: each ends with exit code 2 and one line that names the wrong word.
@Suite struct UsageErrorTests {
  /// A wrong command line, and what the line must contain.
  struct Case: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let texts: [String]

    init(_ arguments: [String], _ texts: String...) {
      self.arguments = arguments
      self.texts = texts
    }

    var testDescription: String { "sockets " + arguments.joined(separator: " ") }
  }

  // MARK: The table

  /// One row a mistake; a command's rows stand together.
  static let cases: [Case] = [
    // The tool itself.
    Case(["nosuch"], "no command 'nosuch'", "'sockets --help'"),
    Case(["lisen", "7000"], "no command 'lisen'", "did you mean listen"),
    Case(["no\u{1b}[31m"], "no command 'no\\x1b[31m'"),
    Case(["--nosuch"], "unknown option", "'--nosuch'"),
    Case(["-z"], "unknown option", "'-z'"),
    Case(["--generate-completion-script", "nosuch"], "'nosuch'", "bash"),

    Case(["tour", "--only", "tcp4,zz"], "no row", "'zz'"),
    Case(["tour", "--only", ""], "no row", "''"),
    Case(["tour", "--only"], "missing value", "--only"),
    Case(["tour", "--timeout", "x"], "--timeout", "'x'"),
    Case(["tour", "--timeout", "0"], "--timeout"),
    Case(["tour", "--timeout", "nan"], "--timeout"),
    Case(["tour", "--timeout", "1e9"], "--timeout"),
    Case(["tour", "--x25-local", "abc"], "--x25-local", "\"abc\""),
    Case(["tour", "--x25-remote", "1234567890123456"], "--x25-remote", "\"1234567890123456\""),
    Case(["tour", "--async", "--list"], "--async", "--list"),
    Case(["tour", "extra"], "unexpected argument", "'extra'"),

    Case(["support", "--jsn"], "'--jsn'", "'--json'"),
    Case(["support", "extra"], "'extra'"),

    Case(["options", "--find", "nothing-has-this"], "\"nothing-has-this\""),
    Case(["options", "--connect"], "--connect"),
    Case(["options", "tcp://127.0.0.1:70000"], "\"tcp://127.0.0.1:70000\"", "position 16"),
    Case(["options", "foo://x"], "\"foo://x\""),
    Case(["options", "sctp://127.0.0.1:1"], "sctp"),
    Case(["options", "--timeout", "five"], "--timeout", "'five'"),
    Case(["options", "a", "b", "c"], "unexpected arguments", "'b', 'c'"),

    Case(["errors", "ENOTHING"], "\"ENOTHING\""),
    Case(["errors", "99999"], "\"99999\""),
    Case(["errors", "1", "2"], "'2'"),

    Case(["engines", "extra"], "'extra'"),
    Case(["engines", "--json=1"], "'--json'", "'1'"),

    Case(["resolve"], "missing expected argument", "<name>"),
    Case(["resolve", "localhost", "--ipv4", "--ipv6"], "--ipv4", "--ipv6"),
    Case(["resolve", "localhost:"], "NAME[:SERVICE]"),
    Case(["resolve", "[::1"], "NAME[:SERVICE]"),
    Case(["resolve", "localhost", "--timeout", "-1"], "--timeout"),

    Case(["parse"], "missing expected argument", "<endpoint>"),
    Case(["parse", "tcp://a", "b"], "unexpected argument", "'b'"),
    Case(["parse", "tcp:/x"], "\"tcp:/x\"", "position"),
    Case(["parse", "unix:"], "\"unix:\""),
    Case(["parse", "tcp://[::1"], "\"tcp://[::1\""),

    // A short form is told as it was written, and the place is in that.
    Case(["connect", "70000"], "endpoint: \"70000\": port is larger", "position 0"),
    Case(["connect", "7000x"], "endpoint: \"7000x\"", "position 5"),
    Case(["connect", "tcp://127.0.0.1:70000"], "\"tcp://127.0.0.1:70000\"", "position 16"),
    Case(["connect", "http://localhost/"], "transport is unknown", "there are tcp, tcp4", "x25"),
    Case(["bench", "--self", "--stream", "up"], "--stream: 'up'", "wanted is one of 'send'"),

    Case(["list", "extra"], "unexpected argument", "'extra'"),
    Case(["list", "--state", "listn"], "--state: 'listn' is no state", "listening"),
    Case(["list", "--state", "listening,,closing"], "--state: '' is no state"),
    Case(["list", "--only", "tcp,smtp"], "--only: 'smtp' is no protocol", "netlink"),
    Case(["list", "--only", "tcp", "--all"], "--only", "--all"),
    Case(["list", "--port", "65536"], "--port: '65536' is no port"),
    Case(["list", "--port", "90-80"], "--port: '90-80' is no port"),
    Case(["list", "--port", "no\nsuch\u{1b}[31m"], "--port: 'no\\x0asuch\\x1b[31m' is no port"),
    Case(["list", "--address", "10.0.0.0/33"], "--address: \"10.0.0.0/33\"", "position 9"),
    Case(["list", "--address", "localhost"], "--address: \"localhost\""),
    Case(["list", "--process", ""], "--process"),
    Case(["list", "--process", "1", "--no-processes"], "--process", "--no-processes"),
    Case(["list", "--sort", "beauty"], "--sort: 'beauty' is no column", "recv"),
    Case(["list", "--watch", "soon"], "--watch: 'soon'"),
    Case(["list", "--watch=0"], "--watch: '0'"),
    Case(["list", "--count", "3"], "--count", "--watch"),
    Case(["list", "--watch", "--count", "0"], "--count: '0'"),
    Case(["list", "--timeout", "5 s"], "--timeout: '5 s'"),
    Case(["list", "--timeout", "-1"], "--timeout"),
    Case(["list", "--timeout", "2000000h"], "--timeout: '2000000h'"),
  ]

  // MARK: The test

  @Test(arguments: cases) func itIsOneLineThatNamesTheWord(row: Case) async throws {
    let line = try await usageError(row.arguments)
    for text in row.texts { #expect(line.contains(text), "\(line)") }
    for wall in ["Usage:", "USAGE", "Error:", "Help:"] { #expect(!line.contains(wall)) }
    #expect(!line.unicodeScalars.contains { $0.value < 0x20 }, "\(line)")
  }

  @Test func theParsersMessagesBecomeTheHouses() {
    let cases = [
      (
        "The value 'x' is invalid for '--port <ports>': 'x' is no port",
        "--port: 'x' is no port"
      ),
      ("The value 'x' is invalid for '--count <n>'", "--count: 'x' is not what is wanted"),
      ("The value 'x' is invalid for '<host>': it is too short", "host: 'x': it is too short"),
      (
        "The value 'x' is invalid for '--kind <kind>'. Please provide one of the following:\n  - a\n  - b",
        "--kind: 'x': wanted is one of the following: a b"
      ),
      ("Unknown option '--a\u{1b}b'", "unknown option '--a\\x1bb'"),
      ("NAME is wanted", "NAME is wanted"),
      ("", ""), ("'", "'"), ("The value '", "the value '"),
      ("The value 'a' is invalid for '", "the value 'a' is invalid for '"),
    ]
    for (message, line) in cases { #expect(UsageMessage.line(message) == line) }
  }
}

#endif
