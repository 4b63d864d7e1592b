// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import TestSupport
import Testing

/// Families that the machine's own kernel lacks, in a kernel that has them.
///
/// The checks themselves are in `Tests/UserModeLinuxMachine`; each prints a line, and here each line is
/// asserted by name, so that a check that did not run fails as well.
@Suite(
  .blocking,
  .requires(
    .userModeLinux,
    .kernelFeature("a processor whose registers User-Mode Linux knows") {
      UserModeLinux.runsPrograms
    }), .timeLimit(.minutes(10)))
struct UserModeLinuxTests {
  @Test func x25ListensCallsAcceptsCarriesDataAndClears() throws {
    let run = try UserModeLinux.run(.checks(["x25"]), modules: ["tun", "x25"], hasX25Link: true)
    expectChecks(
      [
        "loopback is up",
        "module tun.ko is loaded",
        "module x25.ko is loaded",
        "an X.25 link is up",
        "x25: only sequenced packets exist",
        "x25: a call needs a calling address",
        "x25: a call is accepted, and both sides know both addresses",
        "x25: records go both ways, each by itself",
        "x25: several calls wait until they are accepted",
        "x25: a cleared call tells its cause, and writing to it raises no signal",
        "x25: a call is refused where nobody listens",
        "x25: a call that can wait for nobody is refused before its deadline",
        "x25: a call without a route is refused",
      ],
      in: run
    )
  }

  @Test(.requires(.program("socat")))
  func vsockAndSCTPConnectWithinOneMachineAndWithSocat() throws {
    // SCTP signs its cookies with a hash that it looks up when it begins to listen.
    let run = try UserModeLinux.run(
      .checks(["vsock", "vsock-socat", "sctp"]),
      modules: ["vsock_loopback", "hmac", "sctp"]
    )
    expectChecks(
      [
        "vsock: SOCK_STREAM sockets connect within the machine",
        "vsock: SOCK_SEQPACKET sockets connect within the machine",
        "vsock: a port where nobody listens refuses by a reset",
        "vsock: socat answers us",
        "vsock: we answer socat",
        "sctp: messages go both ways",
        "sctp: a port where nobody listens refuses",
      ],
      in: run
    )
  }

  @Test func aProgramRunsInTheMachineAndItsFailureShows() throws {
    let good = try UserModeLinux.run(
      .program("/bin/sh", ["-c", "cat /proc/net/x25/socket"]), modules: ["x25"])
    let bad = try UserModeLinux.run(
      .program("/bin/sh", ["-c", "echo \"it's $0\"; exit 3", "bad"]), modules: [])
    #expect(good.exitCode == 0, "\(good.console)")
    #expect(good.console.contains("dest_addr"), "\(good.console)")
    #expect(bad.exitCode == 1, "\(bad.console)")
    #expect(bad.console.contains("it's bad"), "\(bad.console)")
  }

  @Test func theTourOfX25AndVsockWorks() throws {
    let run = try UserModeLinux.run(
      .program(
        builtProgram("sockets"),
        ["tour", "--only", "x25,vsock", "--x25-local", "1", "--x25-remote", "2"]),
      modules: ["tun", "x25", "vsock_loopback"], hasX25Link: true)
    let rows = run.console.split(whereSeparator: \.isNewline)
      .map { $0.split(separator: " ").joined(separator: " ") }
    #expect(rows.contains("AF_X25 SOCK_SEQPACKET x25 ✓ worked"), "\(run.console)")
    #expect(rows.contains("AF_VSOCK SOCK_STREAM vsock ✓ worked"), "\(run.console)")
    #expect(run.exitCode == 0, "\(run.console)")
  }

  /// The tool's own commands over the families that no other machine of the tests has.
  @Test func theToolListensConnectsAndRelaysOverX25AndVsock() throws {
    // A server a line; each says where it listens before it is asked.
    let script = """
      cd /run; head -c 200000 /dev/urandom > file
      start() {
        log=$1; shift; "$@" 2> $log & last=$!
        until grep -qs 'listening on' $log; do sleep 0.05; done
      }
      start vsock "$0" listen vsock://1:5000 --echo
      "$0" connect vsock://1:5000 < file > back 2> errors; echo "vsock: $?" $(cmp file back && echo same)
      start to "$0" relay 7001 vsock://1:5000
      start from "$0" relay vsock://1:5001 7001 --delay 1ms --seed 1
      "$0" connect vsock://1:5001 --from 1:999 < file > back 2> errors
      echo "vsock to tcp to vsock: $?" $(cmp file back && echo same)
      "$0" wait vsock://1:5000 --quiet; echo "wait for vsock: $?"
      "$0" connect vsock://1:9; echo "nobody at vsock: $?"
      start packets "$0" listen unix-packet:@p --echo
      start records "$0" relay vsock-packet://1:5002 unix-packet:@p
      "$0" connect vsock-packet://1:5002 --send one --expect one --send two --expect two > /dev/null
      echo "vsock-packet to unix-packet: $?"
      start sctp "$0" listen sctp://127.0.0.1:5003 --echo
      "$0" connect sctp://127.0.0.1:5003 --send 1 --send 2 --send 3 --expect 123 > /dev/null; echo "sctp: $?"
      start x25 "$0" listen x25://2001 --echo --access-log
      "$0" connect x25://2001 --from 1001 --send hello --expect hello > /dev/null; echo "x25: $?"
      "$0" connect x25://2001 --from 1002 --send again --expect again > /dev/null; echo "x25 again: $?"
      start called "$0" relay x25://2002 unix-packet:@p
      "$0" connect x25://2002 --from 1003 --send one --expect one --send two --expect two > /dev/null
      echo "x25 to unix-packet: $?"
      start quiet "$0" listen x25://2003
      kill $last; wait $last; echo "a signal while nobody calls: $?"
      "$0" connect x25://2999 --from 1001; echo "nobody at x25: $?"
      code=0; for one in $(jobs -p); do kill $one; wait $one || code=$?; done; echo "servers: $code"
      cat x25
      """
    let run = try UserModeLinux.run(
      .program("/bin/bash", ["-c", script, builtProgram("sockets")]),
      modules: ["tun", "x25", "vsock_loopback", "hmac", "sctp"], hasX25Link: true, seconds: 480)
    for line in [
      "vsock: 0 same", "vsock to tcp to vsock: 0 same", "wait for vsock: 0", "nobody at vsock: 1",
      "vsock-packet to unix-packet: 0", "sctp: 0", "x25: 0", "x25 again: 0",
      "x25 to unix-packet: 0",
      "a signal while nobody calls: 143", "nobody at x25: 1", "servers: 0",
    ] {
      #expect(run.console.contains("\n\(line)\n"), "\(line): \(run.console)")
    }
    #expect(run.console.contains("connect to x25:2999: connection refused (ECONNREFUSED)"))
    #expect(run.console.contains(" x25://1001 received 5 sent 5 "), "\(run.console)")
  }

  @Test func theX25ExamplesTalkToEachOther() throws {
    let server = try builtProgram("ExampleX25Server")
    let client = try builtProgram("ExampleX25Client")
    // The first line says that the server listens; stdbuf sends each on its way at once.
    let script = """
      mkfifo /run/lines
      stdbuf -oL "$0" 2001 >/run/lines &
      exec 3</run/lines
      read -r line <&3; echo "server: $line"
      "$1" 2001 1001 one
      "$1" 2001 1002 two
      for count in 1 2 3 4; do read -r line <&3; echo "server: $line"; done
      kill $!
      """
    let run = try UserModeLinux.run(
      .program("/bin/sh", ["-c", script, server, client]), modules: ["tun", "x25"],
      hasX25Link: true)
    #expect(
      run.console.contains(
        """
        server: listening on x25:2001
        one
        two
        server: a call from x25:1001
        server: the call was cleared
        server: a call from x25:1002
        server: the call was cleared
        """), "\(run.console)")
    #expect(run.exitCode == 0, "\(run.console)")
  }

  private func expectChecks(
    _ names: [String],
    in run: UserModeLinux.Run,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.lines(after: "FAILED") == [], sourceLocation: sourceLocation)
    let passed = run.lines(after: "ok")
    for name in names {
      #expect(passed.contains(name), "\(run.console)", sourceLocation: sourceLocation)
    }
    #expect(run.exitCode == 0, "\(run.console)", sourceLocation: sourceLocation)
  }
}
