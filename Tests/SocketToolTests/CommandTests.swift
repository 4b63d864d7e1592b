// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// The small commands: their words, their data, their exit codes.
@Suite struct CommandTests {
  @Test func anErrorIsFoundByNameAndByNumber() async throws {
    let golden = """
       111  ECONNREFUSED     connection refused
                             Nobody listens there: is the server running, on that
                             address and port?

      """
    for name in ["ECONNREFUSED", "econnrefused", "111"] {
      let run = try await sockets("errors", name)
      #expect(run.output == golden)
      #expect(run.exitCode == 0)
      #expect(run.errors == "")
    }
    let resolver = try await sockets("errors", "EAI_NONAME", "--json")
    let row = try #require(try resolver.json() as? [String: Any])
    #expect(row["number"] as? Int == -2)
    #expect((row["advice"] as? String)?.contains("/etc/hosts") == true)
  }

  @Test func allErrorsAreListed() async throws {
    let run = try await sockets("errors", "--json")
    let rows = try #require(try run.json() as? [[String: Any]])
    #expect(rows.count > 140)
    #expect(rows.contains { $0["name"] as? String == "EAFNOSUPPORT" })
  }

  @Test func anEndpointIsExplainedPartByPart() async throws {
    let run = try await sockets("parse", "unix:@app")
    #expect(
      run.output == """
          unix  transport: a stream between processes of one machine
          @app  name: abstract, in no file system; 3 of at most 107 bytes

          In C: socket(AF_UNIX, SOCK_STREAM, 0)
          As struct sockaddr_un, 6 bytes:
            01 00 00 61 70 70
          Written back: unix:@app

        """)
    #expect(run.exitCode == 0)
    let data = try await sockets("parse", "tcp4://127.0.0.1:65001", "--json")
    let object = try #require(try data.json() as? [String: Any])
    #expect(object["bytes"] as? String == "0200fde97f0000010000000000000000")
    #expect(object["family"] as? String == "AF_INET")
  }

  @Test func aWrongEndpointHasACaretUnderItsPlace() async throws {
    let run = try await sockets("parse", "tcp://127.0.0.1:70000")
    #expect(run.exitCode == 2)
    #expect(run.output == "")
    #expect(
      run.errors == """
        sockets: "tcp://127.0.0.1:70000": port is larger than 65535, at position 16
          tcp://127.0.0.1:70000
                          ^

        """)
    let data = try await sockets("parse", "tcp:/", "--json")
    let object = try #require(try data.json() as? [String: Any])
    #expect(object["error"] as? String == "slashesMissing")
    #expect(object["position"] as? Int == 3)
  }

  @Test func anyTextIsParsedOrRefused() async throws {
    let texts = [
      "", " ", "\u{1b}[31m", "tcp://\u{301}\u{202e}", String(repeating: "x", count: 10_000),
      "unix:" + String(repeating: "é", count: 60), "tcp://[", "x25://1234567890123456", "vsock://",
    ]
    for text in texts {
      let run = try await sockets("parse", "--", text)
      #expect(run.exitCode == 2, "\(text.debugDescription)")
      #expect(!run.errors.contains("\u{1b}"))
      #expect(run.errors.split(separator: "\n").count <= 3)
    }
  }

  @Test func aNameIsResolvedAndAnAddressIsNamed() async throws {
    let run = try await sockets("resolve", "127.0.0.1:80", "--json")
    let object = try #require(try run.json() as? [String: Any])
    let addresses = try #require(object["addresses"] as? [[String: Any]])
    #expect(addresses.count == 1)
    #expect(addresses.first?["address"] as? String == "127.0.0.1")
    #expect(addresses.first?["port"] as? Int == 80)
    let bracketed = try await sockets("resolve", "[::1]:80")
    #expect(bracketed.output.hasPrefix("[::1]:80 "))
    let local = try await sockets("resolve", "localhost", "--ipv4")
    #expect(local.output.hasPrefix("127.0.0.1 "))
  }

  @Test func aNameThatDoesNotExistIsOneLineAndExitCode1() async throws {
    // Nobody is asked for an address in digits that no service can be found for.
    let run = try await sockets("resolve", "127.0.0.1:no-such-service")
    #expect(run.exitCode == 1)
    #expect(run.output == "")
    #expect(run.errors.hasPrefix("sockets: resolve 127.0.0.1:no-such-service: "))
    #expect(run.errors.hasSuffix("(EAI_SERVICE)\n"))
  }

  @Test func supportSaysWhatThereIsAndWhatHelps() async throws {
    let run = try await sockets("support", "--json")
    #expect(run.exitCode == 0)
    let object = try #require(try run.json() as? [String: Any])
    for name in ["sockets", "protocols", "io_uring", "capabilities", "limits"] {
      let rows = try #require(object[name] as? [[String: Any]], "\(name)")
      #expect(!rows.isEmpty)
      for row in rows where ["no", "not permitted"].contains(row["state"] as? String) {
        #expect(row["reason"] is String, "\(row)")
        #expect(row["remedy"] is String, "\(row)")
      }
    }
    let limits = try #require(object["limits"] as? [[String: Any]])
    let backlog = limits.first { $0["name"] as? String == "net.core.somaxconn" }
    let wanted = try String(contentsOfFile: "/proc/sys/net/core/somaxconn", encoding: .utf8)
    #expect(backlog?["value"] as? String == wanted.trimmingCharacters(in: .newlines))
    let text = try await sockets("support")
    #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test(arguments: [
    ["nonsense"], ["tour", "--only", "nope"], ["tour", "--only", ""], ["errors", "EWHAT"],
    ["errors", "99999999999999999999"], ["resolve", ":80"], ["resolve", "x", "--timeout", "0"],
    ["resolve", "x", "--timeout", "nan"], ["tour", "--x25-local", "12a"], ["tour", "--what"],
    ["tour", "--timeout", "0"],
  ]) func aWrongCommandLineIsOneLineAndExitCode2(arguments: [String]) async throws {
    try await usageError(arguments)
  }

  @Test func itsVersionIsALine() async throws {
    let run = try await sockets("--version")
    #expect(run.exitCode == 0 && run.errors == "")
    #expect(run.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9.]+)?\n/) != nil)
  }

  @Test func anOutputThatIsClosedIsAFailure() async throws {
    let tool = try builtProgram("sockets")
    let (code, errors) = try await BackgroundThread.run {
      let process = try ChildProcess("sh", ["-c", "exec \"$0\" errors EPERM >&-", tool])
      process.closeInput()
      return (try process.waitForExit(), process.text)
    }
    #expect(code == 1)
    #expect(errors.hasPrefix("sockets: standard output: ") && errors.hasSuffix(" (EBADF)\n"))
  }

  @Test(arguments: [
    "listen", "connect", "relay", "serve", "list", "resolve", "ping", "trace", "scan", "wait",
    "bench", "tour", "support", "options", "errors", "engines", "parse",
  ]) func noExampleIsBrokenAtTheTerminalsWidth(command: String) async throws {
    let run = try await sockets(command, "--help")
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    let discussion = lines.prefix { !$0.hasPrefix("USAGE:") }
    for (line, next) in zip(discussion, discussion.dropFirst()) where line.hasPrefix("  ") {
      #expect(next.isEmpty || next.hasPrefix("  "), "\(line)\n\(next)")
    }
  }
}
