// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// `sockets listen` and `sockets connect`, joined to each other and to programs that others wrote.
@Suite(.timeLimit(.minutes(5))) struct ListenConnectTests {
  /// Runs a shell script that finds the tool as `$SOCKETS` and a folder of its own as the current one.
  ///
  /// - Returns: what it wrote to its two outputs, and its exit code.
  func shell(_ script: String, _ arguments: String...) async throws -> (
    text: String, code: Int32
  ) {
    try await BackgroundThread.run {
      let folder = try ScratchFolder()
      let tool = try builtProgram("sockets")
      let process = try ChildProcess(
        "/bin/sh",
        ["-c", "SOCKETS=$1; cd \"$2\"; shift 2; \(script)", "sh", tool, folder.path] + arguments)
      process.closeInput()
      let code = try process.waitForExit()
      return (process.text, code)
    }
  }

  /// The beginning of scripts: starts a listener with `$1` and waits for its endpoint.
  static let listening = """
    $SOCKETS listen "$@" 2> log &
    until grep -qs 'listening on' log 2> /dev/null; do sleep 0.01; done
    endpoint=$(sed -n 's/^listening on //p' log);
    """

  private static let kinds = [
    "tcp://127.0.0.1:0", "tcp6://[::1]:0", "mptcp://127.0.0.1:0", "unix:./stream",
    "unix:@sockets-test-\(UInt32.random(in: 0 ... .max))", "unix-packet:./packets",
  ]

  private static func canListen(at endpoint: String) -> Bool {
    guard endpoint.hasPrefix("mptcp") else { return true }
    return Requirement.socket(.ipv4, .stream, .mptcp).isMet
  }

  @Test(arguments: kinds.filter(canListen))
  func everyKindOfConnectionCarriesBothWaysAtOnce(endpoint: String) async throws {
    // Each side sends, ends its half, and has what the other sent.
    let run = try await shell(
      """
      seq 1 20000 > one; seq 30000 60000 > two
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--output three < one 2> log"))
      $SOCKETS connect "$endpoint" < two > four && wait $! && cmp one four && cmp two three && echo same
      """, endpoint)
    #expect(run.text == "same\n")
    #expect(run.code == 0)
  }

  @Test func megabytesArriveAsTheyWere() async throws {
    let byteCount = environment("SOCKETS_TRANSFER_BYTES") ?? "67108864"
    let run = try await shell(
      """
      \(Self.listening.replacingOccurrences(of: "2> log", with: "< /dev/null 2> log | sha256sum > one"))
      head -c \(byteCount) /dev/urandom | tee random | $SOCKETS connect "$endpoint"; wait
      sha256sum < random | cmp - one && echo same
      """, "127.0.0.1:0")
    #expect(run.text == "same\n")
  }

  @Test(
    .requires(.program("socat"), .program("ncat"), .program("python3")),
    arguments: [
      "socat -t 120 - TCP:127.0.0.1:$port", "ncat 127.0.0.1 $port",
      "$(command -v nc.openbsd > /dev/null && echo nc.openbsd -N || echo ncat) 127.0.0.1 $port",
    ])
  func eitherHalfIsClosedAgainstOtherPrograms(client: String) async throws {
    // The client ends its half first; what is sent after that still arrives, and the other way round.
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "< input > got 2> log 9>&-"))
      port=${endpoint##*:}
      echo question | \(client) > answer 9>&- &
      until grep -qs question got 2> /dev/null; do sleep 0.01; done
      echo late answer >&9
      exec 9>&-
      wait
      cat got answer
      """, "127.0.0.1:0")
    #expect(run.text == "question\nlate answer\n")
  }

  @Test(
    .requires(.program("socat"), .program("ncat"), .program("python3")),
    arguments: [
      "socat -t 120 -d -d TCP-LISTEN:0,bind=127.0.0.1 EXEC:./answer 2>&1 | sed -un 's/.*listening on .*://p' > port",
      "python3 -c \"$reader\"",
    ])
  func theEndOfTheInputIsPassedOnToOtherPrograms(server: String) async throws {
    // The server answers only when it has read to the end.
    let run = try await shell(
      """
      printf '#!/bin/sh\\nwc -c\\n' > answer; chmod +x answer
      reader='
      import os, socket
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1], file=open("port.new", "w"), flush=True)
      os.rename("port.new", "port")
      peer, _ = listener.accept()
      print(len(b"".join(iter(lambda: peer.recv(100), b""))), file=peer.makefile("w"), flush=True)'
      \(server) &
      until test -s port; do sleep 0.01; done
      printf 12345 | $SOCKETS connect 127.0.0.1:$(cat port)
      wait
      """)
    #expect(run.text == "5\n")
  }

  @Test func datagramsKeepTheirBorders() async throws {
    for endpoint in ["udp://127.0.0.1:0", "unix-datagram:./datagrams"] {
      let run = try await shell(
        """
        \(Self.listening.replacingOccurrences(of: "2> log", with: "--hex < /dev/null > got 2> log"))
        $SOCKETS connect "$endpoint" --send abc --send '' --send de < /dev/null
        until grep -qs de got 2> /dev/null; do sleep 0.01; done
        kill $!; wait $!; echo $?; cat got
        """, endpoint)
      #expect(
        run.text == """
          0
          < 00000000  61 62 63                                          |abc|
          < 00000003  (empty)
          < 00000003  64 65                                             |de|

          """)
    }
  }

  @Test func bothWaysAreSeenInHexadecimal() async throws {
    let run = try await shell(
      """
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--echo 2> log"))
      echo hello | $SOCKETS connect "$endpoint" --hex; echo $?; kill $!
      """, "127.0.0.1:0")
    #expect(
      run.text == """
        > 00000000  68 65 6c 6c 6f 0a                                 |hello.|
        < 00000000  68 65 6c 6c 6f 0a                                 |hello.|
        0

        """)
  }

  @Test func aDatagramServerAnswersEachSender() async throws {
    for endpoint in ["udp://127.0.0.1:0", "unix-datagram:./datagrams"] {
      let server = try await shell(
        """
        \(Self.listening.replacingOccurrences(of: "2> log", with: "--echo 2> log"))
        for word in one two three; do $SOCKETS connect "$endpoint" --send $word --expect $word; done
        kill $!; wait $!; echo $?
        """, endpoint)
      #expect(server.text == "onetwothree0\n")
    }
  }

  @Test func aScriptSaysWhatCameAndWhatDidNot() async throws {
    let command = "read x; echo got $x; read y; echo bye"
    let run = try await shell(
      """
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--exec '\(command)' 2> log"))
      $SOCKETS connect "$endpoint" --send 'one\\n' --expect 'got one\\x0a' --send 'two\\n'; echo $?
      $SOCKETS connect "$endpoint" --send 'one\\ntwo\\n' --expect 'got two' 2>&1; echo $?
      $SOCKETS connect "$endpoint" --expect never --expect-timeout 100ms 2>&1; echo $?
      kill $!
      """, "127.0.0.1:0")
    let lines = run.text.split(separator: "\n").map(String.init)
    try #require(lines.count == 9, "\(run.text)")
    #expect(Array(lines.prefix(5)) == ["got one", "bye", "0", "got one", "bye"])
    #expect(lines[5].hasSuffix(": the peer ended before 'got two' came"))
    #expect(lines[6] == "1")
    #expect(lines[7].hasSuffix(": 'never' did not come within 0.1 s"))
    #expect(lines[8] == "124")
  }

  /// A peer that never stops sending is no reason to wait for ever.
  @Test func aStepOfAScriptEndsInTimeWhateverComes() async throws {
    let run = try await shell(
      """
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--chargen 2> log"))
      $SOCKETS connect "$endpoint" --expect never --expect-timeout 300ms 2>&1 >/dev/null; echo $?
      kill $!
      """, "127.0.0.1:0")
    #expect(run.text.hasSuffix(": 'never' did not come within 0.3 s\n124\n"), "\(run.text)")
  }

  /// An output that is slow does not make a peer without ends a silent one.
  @Test func aSlowOutputLosesNothingOfDatagrams() async throws {
    // The tool and the pipe have room for 35 of them; the others wait in its socket.
    let count = 38
    let server = """
      import socket, time
      server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      server.bind("s")
      print("ready", flush=True)
      _, peer = server.recvfrom(100)
      # Who waits for room is told when three quarters are free, which they may not become.
      server.setblocking(False)
      left = \(count)
      while left:
        try:
          server.sendto(bytes(32768), peer)
          left -= 1
        except BlockingIOError: time.sleep(0.01)
      open("sent", "w").close()
      """
    // The input ends when all are sent, since a peer that pauses after that counts as silent; the output is read much later.
    let run = try await shell(
      """
      python3 -c '\(server)' > ready & until grep -qs ready ready; do sleep 0.01; done
      until_sent() { until test -e sent; do sleep 0.01; done; sleep $1; }
      { echo ask; until_sent 1; } | $SOCKETS connect unix-datagram:./s | { until_sent 4; wc -c; }
      """)
    #expect(run.text == "\(count * 32768)\n")
  }

  @Test func nobodyThereIsOneLineAndExitCode1() async throws {
    let refused = try await sockets("connect", "127.0.0.1:1")
    #expect(refused.exitCode == 1)
    #expect(
      refused.errors == "sockets: connect to 127.0.0.1:1: connection refused (ECONNREFUSED)\n")
    let missing = try await sockets("connect", "unix:/nonexistent/socket")
    #expect(missing.exitCode == 1)
    #expect(missing.errors.hasSuffix("(ENOENT)\n"))
    #expect(missing.errors.split(separator: "\n").count == 1)
  }

  @Test func connectingIsBoundedByItsTimeout() async throws {
    // Nobody accepts, and there is room for one.
    let name = "sockets-test-\(UInt32.random(in: 0 ... .max))"
    let listener = try ListeningSocket.bound(to: try .unix(abstract: name), backlog: 0)
    let first = try ConnectedSocket.connected(to: try listener.localAddress())
    let run = try await sockets("connect", "unix:@\(name)", "--timeout", "100ms")
    #expect(run.exitCode == 124)
    #expect(run.errors == "sockets: connect to unix:@\(name): no answer within 0.1 s\n")
    try first.close()
    try listener.close()
  }

  @Test func waitingForAPeerIsBoundedByItsTimeout() async throws {
    let run = try await sockets("listen", "127.0.0.1:0", "--timeout", "50ms")
    #expect(run.exitCode == 124)
    #expect(run.errors.hasSuffix("sockets: nobody came within 0.05 s\n"))
  }

  @Test func anOutputThatIsFullOrGoneIsOneLineAndExitCode1() async throws {
    for (output, text) in [
      ("> /dev/full", "standard output: no space left (ENOSPC)"),
      (
        "| sh -c 'exec <&-; until test -e code; do sleep 0.01; done'",
        "standard output: nobody reads it any more (EPIPE)"
      ),
    ] {
      let run = try await shell(
        """
        \(Self.listening.replacingOccurrences(of: "2> log", with: "--chargen 2> log"))
        { $SOCKETS connect "$endpoint" 2> errors; echo $? > code; } \(output)
        cat errors code; kill $!
        """, "127.0.0.1:0")
      #expect(run.text == "sockets: \(text)\n1\n")
    }
  }

  @Test func optionsAndTheOwnAddressAreSetBeforeConnecting() async throws {
    let server = try startSockets("listen", "127.0.0.1:0", "--discard", "--access-log")
    let endpoint = try server.listeningEndpoint()
    let trace = try await shell(
      """
      strace -f -e trace=bind,setsockopt,connect -o trace \\
        $SOCKETS connect "$1" --from 127.0.0.2 --option tcp.noDelay=true --option linger=none \\
        --option SO_KEEPALIVE=on --option typeOfService=16 --interface lo < /dev/null; cat trace
      """, endpoint)
    for call in [
      "TCP_NODELAY, [1], 4) = 0", "SO_KEEPALIVE, [1], 4) = 0", "IP_TOS, [16], 4) = 0",
      "SO_LINGER, {l_onoff=0, l_linger=0}, 8) = 0", "sin_addr=inet_addr(\"127.0.0.2\")",
      "SO_BINDTODEVICE, \"lo",
    ] {
      #expect(trace.text.contains(call), "\(call)\n\(trace.text)")
    }
    #expect(try server.waitForLine(containing: "received 0").contains("tcp://127.0.0.2:"))
  }

  @Test(arguments: [
    ["connect", "80", "--option", "noDealy=1"], ["connect", "80", "--option", "noDelay"],
    ["connect", "80", "--option", "noDelay=maybe"], ["connect", "80", "--option", "udp.noDelay=1"],
    ["connect", "80", "--option", "tcpInformation=1"], ["connect", "80", "--option", "=1"],
    ["connect", "80", "--option", "sendBufferSize=99999999999"],
    ["connect", "unix:/x", "--option", "noDelay=1"],
    ["connect", "80", "--option", "signatureKey=1"],
    ["connect", "80", "--from", "256.0.0.1"], ["connect", "unix:/x", "--from", ""],
    ["connect", "tcp6://[::1]:80", "--from", "127.0.0.1"], ["connect", "icmp://127.0.0.1"],
    ["connect", "80", "--interface", "nosuch"], ["connect", "unix:/x", "--interface", "lo"],
    ["connect", "80", "--send", "\\q"], ["connect", "80", "--expect", ""], ["connect", ""],
    ["connect"], ["connect", "127.0.0.1"], ["connect", "127.0.0.1:x:y"],
    ["connect", "80", "--timeout", "0"], ["connect", "80", "--expect-timeout", "-1"],
    ["listen"], ["listen", "127.0.0.1:70000"], ["listen", "80", "--echo", "--discard"],
    ["listen", "80", "--echo", "--keep-open"], ["listen", "80", "--exec", ""],
    ["listen", "80", "--echo", "--output", "x"], ["listen", "80", "--chargen", "--hex"],
    ["listen", "80", "--max-connections", "3"],
    ["listen", "80", "--echo", "--max-connections", "0"],
    ["listen", "80", "--allow", "10.0.0.1/8"], ["listen", "80", "--allow", "here"],
    ["listen", "unix:/x", "--allow", "10.0.0.0/8"], ["listen", "80", "--allow-user", "root"],
    ["listen", "unix:/x", "--allow-user", "no such user"], ["listen", "icmp://127.0.0.1"],
    ["listen", "udp://127.0.0.1:80", "--keep-open"],
    ["listen", "udp://127.0.0.1:80", "--end-with-peer"],
    ["connect", "udp://127.0.0.1:80", "--end-with-peer"],
    ["listen", "udp://127.0.0.1:80", "--exec", "cat"],
    ["listen", "unix-datagram:/x", "--allow-user", "root"],
    ["listen", "80", "--echo", "--timeout", "1"], ["listen", "80", "--echo", "--end-with-peer"],
    ["listen", "udp://127.0.0.1:80", "--echo", "--access-log"],
  ]) func aWrongCommandLineIsOneLineAndExitCode2(arguments: [String]) async throws {
    try await usageError(arguments)
  }

  @Test func aWrongOptionNamesTheNearest() async throws {
    let run = try await sockets("connect", "80", "--option", "noDealy=1")
    #expect(run.errors.contains("there is no option 'noDealy'; did you mean noDelay"))
    let level = try await sockets("connect", "80", "--option", "udp.noDelay=1")
    #expect(level.errors.contains("noDelay is an option of tcp, not of 'udp'"))
    let value = try await sockets("connect", "80", "--option", "noDelay=maybe")
    #expect(value.errors.contains("'maybe' is no value for noDelay; wanted is on or off"))
  }
}
