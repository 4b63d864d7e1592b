// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Foundation
import Sockets
import TestSupport
import Testing

@testable import SocketTool

/// How joints end, well and badly, and what must not be lost or stand still then.
extension ListenConnectTests {
  /// Waits, for at most a second, until a process that must not end has ended all the same.
  private static let watching = """
    watch() { for i in $(seq 100); do kill -0 $1 2> /dev/null || break; sleep 0.01; done; };
    """

  @Test func anInputThatPausesAfterThePeersEndIsSentToItsEnd() async throws {
    let run = try await shell(
      """
      \(Self.watching) mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--output got < /dev/null 2> log 9>&-"))
      $SOCKETS connect "$endpoint" < input 9>&- & client=$!
      echo a >&9
      until grep -qs a got 2> /dev/null; do sleep 0.01; done
      watch $client
      echo b >&9; exec 9>&-; wait $client; echo $?; wait; cat got
      """, "127.0.0.1:0")
    #expect(run.text == "0\na\nb\n")
  }

  @Test func aUnixPeerThatIsGoneEndsASilentInput() async throws {
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--exec 'echo bye' 2> log 9>&-"))
      timeout 20 $SOCKETS connect "$endpoint" < input 9>&-; echo $?; kill $!
      """, "unix:./stream")
    #expect(run.text == "bye\n0\n")
  }

  @Test func inputForAPeerThatIsGoneIsAFailure() async throws {
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--exec 'echo bye' 2> log 9>&-"))
      server=$!; $SOCKETS connect "$endpoint" < input > got 2> errors 9>&- & client=$!
      until grep -qs bye got; do sleep 0.01; done
      # The server's process has closed its side soon after.
      while kill -0 $client 2> /dev/null; do echo more >&9; sleep 0.01; done
      wait $client; echo $?; grep -c 'EPIPE\\|ECONNRESET' errors; kill $server
      """, "127.0.0.1:0")
    #expect(run.text == "1\n1\n")
  }

  @Test func thePeersEndIsTheEndWhereThatIsAskedFor() async throws {
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--exec 'echo bye' 2> log 9>&-"))
      timeout 20 $SOCKETS connect "$endpoint" --end-with-peer < input 9>&-; echo $?; kill $!
      """, "127.0.0.1:0")
    #expect(run.text == "bye\n0\n")
  }

  @Test func aSilentInputDoesNotKeepTheNextPeerOut() async throws {
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--keep-open < input 2> log 9>&-"))
      for word in one two; do
        timeout 20 $SOCKETS connect "$endpoint" --send $word < /dev/null 9>&-
      done
      kill $!; wait $!; echo $?
      """, "127.0.0.1:0")
    #expect(run.text == "onetwo0\n")
  }

  @Test func anInputThatCannotBeReadIsOneLineAndExitCode1() async throws {
    for endpoint in ["127.0.0.1:0", "udp://127.0.0.1:0"] {
      let run = try await shell(
        """
        \(Self.listening.replacingOccurrences(of: "2> log", with: "--echo 2> log"))
        timeout 20 $SOCKETS connect "$endpoint" < . 2>&1; echo $?; kill $!
        """, endpoint)
      #expect(run.text == "sockets: standard input: is a directory (EISDIR)\n1\n")
    }
  }

  @Test func aDatagramThatCannotBeSentIsToldAtOnce() async throws {
    // Nobody listens there; the input stays open.
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      timeout 20 $SOCKETS connect udp://127.0.0.1:1 --send a --send b < input 2>&1 9>&-; echo $?
      """)
    // Whether the sending or the receiving has the error is chance.
    #expect(run.text.hasPrefix("sockets: udp://127.0.0.1:1: "), "\(run.text)")
    #expect(run.text.hasSuffix(": connection refused (ECONNREFUSED)\n1\n"), "\(run.text)")
  }

  @Test(.requires(.program("python3")))
  func whatHadComeBeforeAResetIsWrittenOut() async throws {
    let run = try await shell(
      """
      \(Self.watching)
      python3 -c '
      import fcntl, socket, struct, time
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1], file=open("port.new", "w"), flush=True)
      import os
      os.rename("port.new", "port")
      peer, _ = listener.accept()
      peer.sendall(b"x" * 500000)
      left = b"1234"
      while struct.unpack("i", left)[0]: left = fcntl.ioctl(peer, 0x5411, b"0000")
      peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
      peer.close()
      open("reset", "w")' &
      until test -e port; do sleep 0.01; done
      { $SOCKETS connect 127.0.0.1:$(cat port) 2> errors; echo $? > code; } | {
        until test -e reset; do sleep 0.01; done
        for i in $(seq 100); do test -e code && break; sleep 0.01; done
        wc -c; }
      cat code; grep -c ECONNRESET errors
      """)
    #expect(run.text == "500000\n1\n1\n")
  }

  @Test(.requires(.program("python3")))
  func aStandardErrorThatNobodyReadsHoldsNothingUp() async throws {
    // The pipe holds a page; each client and each signal has a line.
    let run = try await shell(
      #"""
      python3 -c '
      import fcntl, os, signal, socket, subprocess, sys, time
      def start(*words):
          ours, theirs = os.pipe()
          fcntl.fcntl(ours, 1031, 4096)
          tool = subprocess.Popen([sys.argv[1], *words], stderr=theirs, stdin=subprocess.DEVNULL)
          os.close(theirs)
          text = b""
          while b"\n" not in text: text += os.read(ours, 1)
          return tool, int(text.split(b":")[-1]), ours
      def waiting(pipe): return int.from_bytes(fcntl.ioctl(pipe, 0x541b, b"0000"), "little")
      server, port, pipe = start("listen", "127.0.0.1:0", "--echo", "--access-log")
      for number in range(200):
          client = socket.create_connection(("127.0.0.1", port), timeout=20)
          client.settimeout(20)
          client.sendall(b"x")
          assert client.recv(1) == b"x", "no answer"
          client.close()
      server.send_signal(signal.SIGTERM)
      print(server.wait(20))
      relay, port, pipe = start("relay", "127.0.0.1:0", "127.0.0.1:1")
      # It is full when nothing more comes; several lines at once may not fit where one would.
      last, still = 0, 0
      while last == 0 or still < 200:
          relay.send_signal(signal.SIGUSR1); time.sleep(0.001)
          still = still + 1 if waiting(pipe) == last else 0
          last = waiting(pipe)
      for number in range(20): relay.send_signal(signal.SIGUSR1)
      relay.send_signal(signal.SIGTERM)
      print(relay.wait(20) in (0, 128 + signal.SIGTERM))
      ' "$SOCKETS" 2>&1
      """#)
    #expect(run.text == "0\nTrue\n")
  }

  @Test(.requires(.program("python3")))
  func largeUnixDatagramsComeBackWhole() async throws {
    let run = try await shell(
      """
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--echo 2> log"))
      python3 -c '
      import socket
      peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      peer.settimeout(20)
      peer.bind("mine"); peer.connect("datagrams")
      peer.send(b"x" * 150000)
      print(len(peer.recv(1 << 20)))' 2>&1
      kill $!
      """, "unix-datagram:./datagrams")
    #expect(run.text == "150000\n")
  }

  @Test(.requires(.program("python3")))
  func anEmptyRecordIsNoEndAndALongOneIsWhole() async throws {
    let run = try await shell(
      """
      \(Self.listening.replacingOccurrences(of: "2> log", with: "--hex < /dev/null > got 2> log"))
      python3 -c '
      import socket
      peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
      peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
      peer.connect("packets")
      for record in b"a", b"", b"", b"x" * 300000, b"", b"c", b"", b"": peer.send(record)'
      wait; grep -v '  78 78' got; grep -c '  78 78' got
      """, "unix-packet:./packets")
    #expect(
      run.text == """
        < 00000000  61                                                |a|
        < 00000001  (empty)
        < 00000001  (empty)
        < 000493e1  (empty)
        < 000493e1  63                                                |c|
        < 000493e2  (empty)
        < 000493e2  (empty)
        18750

        """)
  }

  @Test(.requires(.program("python3")))
  func aDatagramPeerThatWasAwayIsHeardAgain() async throws {
    let run = try await shell(
      """
      mkfifo input; exec 9<> input
      \(Self.listening.replacingOccurrences(of: "2> log", with: "< input > got 2> log 9>&-"))
      tool=$!
      # The peer keeps its port. It is away while it is connected to somebody else: the kernel refuses what others send it.
      mkfifo turn; exec 8<> turn
      python3 -c '
      import socket, sys
      port = int(sys.argv[1])
      peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      peer.bind(("127.0.0.1", 0))
      peer.sendto(b"one", ("127.0.0.1", port))
      sys.stdin.readline()
      peer.connect(peer.getsockname())
      open("away", "w").close()
      sys.stdin.readline()
      peer.connect(("127.0.0.1", port))
      peer.send(b"two")
      sys.stdin.readline()' ${endpoint##*:} <&8 9>&- 8>&- &
      until grep -qs one got; do sleep 0.01; done
      echo >&8
      until test -e away; do sleep 0.01; done
      for word in a b c; do echo $word >&9; done
      until grep -qs ECONNREFUSED log; do kill -0 $tool || exit; sleep 0.01; done
      echo >&8
      until grep -qs two got; do kill -0 $tool || exit; sleep 0.01; done
      kill $tool; wait $tool; echo $?; grep -c ECONNREFUSED log; echo >&8
      """, "udp://127.0.0.1:0")
    #expect(run.text == "0\n1\n")
  }

  @Test func aNamedPipeWithoutAReaderIsWaitedForAsLongAsWasSaid() async throws {
    let run = try await shell(
      """
      mkfifo out
      timeout 20 $SOCKETS listen 127.0.0.1:0 --output out --timeout 100ms 2> log; echo $?
      grep -c 'nobody opened it' log
      """)
    #expect(run.text == "124\n1\n")
  }

  @Test(.requires(.program("python3")))
  func aStepThatNobodyTakesIsBoundedByItsTime() async throws {
    let run = try await shell(
      """
      mkfifo hold; exec 9<> hold
      python3 -c '
      import socket
      listener = socket.socket(socket.AF_UNIX); listener.bind("t"); listener.listen()
      open(0).read()' < hold 9>&- & server=$!
      until test -S t; do sleep 0.01; done
      text=$(head -c 100000 /dev/zero | tr '\\0' x)
      timeout 20 $SOCKETS connect unix:./t --expect-timeout 100ms --send "$text" --send "$text" \\
        --send "$text" --send "$text" --send "$text" --expect y 2> errors; echo $?
      grep -c 'was not taken within 0.1 s' errors
      kill $server
      """)
    #expect(run.text == "124\n1\n")
  }
}

#endif
