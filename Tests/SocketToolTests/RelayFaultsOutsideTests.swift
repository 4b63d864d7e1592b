// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import TestSupport
import Testing

/// Faults as programs at both ends meet them, and the endpoint that switches them.
@Suite(.blocking, .requires(.program("python3"))) struct RelayFaultsOutsideTests {
  /// What arrives of zeros, how the stream ends, after how many seconds, and which bytes were changed.
  private func received(
    _ count: Int, _ options: String...
  ) throws -> (count: Int, end: String, seconds: Double, changed: String) {
    let peer = try RelayPeer("tcp4", "received", "\(count)")
    let relay = try ChildProcess(
      builtProgram("sockets"), ["relay", "0", peer.target] + options)
    let words = try peer.run(through: relay.listeningEndpoint()).split(
      separator: " ", omittingEmptySubsequences: false)
    try #require(words.count == 5, "\(words)")
    return (
      Int(words[1]) ?? -1, String(words[2]), Double(words[3]) ?? -1, String(words[4])
    )
  }

  @Test func theSameSeedCorruptsTheSameBytes() throws {
    let first = try received(100_000, "--corrupt", "0.1%", "--seed", "5")
    let second = try received(100_000, "--corrupt", "0.1%", "--seed", "5", "--short-writes")
    let third = try received(100_000, "--corrupt", "0.1%", "--seed", "6")
    #expect(first.count == 100_000 && first.end == "end")
    #expect((40...180).contains(first.changed.split(separator: ",").count))
    #expect(first.changed == second.changed)
    #expect(first.changed != third.changed)
  }

  @Test func aResetComesAfterExactlySoManyBytes() throws {
    // Half a second after the reset was due, what has not arrived is lost: not three times.
    let isExact = try (0..<3).contains { _ in
      let result = try received(1_000_000, "--reset-after", "123456")
      #expect(result.count <= 123_456)
      #expect(result.end == "ECONNRESET")
      if result.seconds < 0.4 { #expect(result.count == 123_456) }
      return result.count == 123_456
    }
    #expect(isExact)
  }

  @Test func aDelayAndARateTakeTheirTime() throws {
    let late = try received(1000, "--delay", "300ms")
    #expect(late.count == 1000 && late.seconds > 0.29)
    let slow = try received(20_000, "--rate", "40000")
    #expect(slow.count == 20_000 && slow.seconds > 0.49)
  }

  @Test func aDroppedConnectionEndsWithoutAByte() throws {
    let silent = try received(5000, "--drop", "1")
    #expect(silent.count == 0 && silent.end == "end")
  }

  /// What waits for its time keeps its session, each way.
  @Test(arguments: ["udp4", "unix-datagram"])
  func aDelayMayBeLongerThanASessionIsIdle(_ family: String) throws {
    let folder = try ScratchFolder()
    let peer = try RelayPeer(family, path: "\(folder.path)/target", "messages", "1")
    let from = family == "udp4" ? "udp4://:0" : "\(family):\(folder.path)/from"
    let relay = try peer.relay(from, "--delay", "8s", "--idle", "5s", "--json")
    _ = try peer.run(through: relay.listeningEndpoint())
    // A peer that took its time between its two messages has had a session for each.
    let sessions = try #require(try relay.relayStatistics()["connections"] as? Int)
    #expect((1...2).contains(sessions))
  }

  /// What the end of the relay finds waiting is counted.
  @Test func whatStillWaitsAtTheEndIsCounted() throws {
    let relay = try startSockets("relay", "udp4://:0", "udp4://:9", "--delay", "1h", "--json")
    let endpoint = try relay.listeningEndpoint()
    let client = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import socket, sys
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(5): one.sendto(b"x", ("127.0.0.1", int(sys.argv[1])))
        """, "\(endpoint.split(separator: ":").last ?? "")",
      ])
    #expect(try client.waitForExit() == 0)
    let hasAll = try settles {
      kill(relay.processIdentifier, SIGUSR1)
      return try relay.waitForLine(containing: "delayed").contains("\"delayed\":5")
    }
    #expect(hasAll)
    let faults = try relay.relayStatistics()["faults"] as? [String: Any]
    #expect(faults?["droppedDatagrams"] as? Int == 5)
  }

  /// The same seed and the same traffic give the same faults.
  @Test func theSameSeedDropsTheSameDatagrams() throws {
    func arrived(_ seed: Int) throws -> [Substring] {
      let folder = try ScratchFolder()
      let peer = try RelayPeer("unix-datagram", path: "\(folder.path)/target", "losses", "400")
      let relay = try peer.relay(
        "unix-datagram:\(folder.path)/from", "--drop", "20%", "--seed", "\(seed)")
      let answer = try peer.run(through: relay.listeningEndpoint())
      return answer.dropFirst(3).split(separator: ",")
    }
    let first = try arrived(3)
    #expect((270...370).contains(first.count))
    #expect(try arrived(3) == first)
    #expect(try arrived(4) != first)
  }

  @Test(.requires(.program("socat")), arguments: ["unix", "tcp"])
  func faultsAreSwitchedWhileTheRelayRuns(_ kind: String) throws {
    let folder = try ScratchFolder()
    let control = kind == "unix" ? "\(folder.path)/control" : "tcp://127.0.0.1:0"
    let peer = try RelayPeer("tcp4", "serve")
    let relay = try peer.relay("0", "--control", control)
    let line = try relay.waitForLine(containing: "control at ")
    let place = line.split(separator: " ").last.map(String.init) ?? ""
    let endpoint = try relay.listeningEndpoint()
    let port = endpoint.split(separator: ":").last ?? ""
    // It begins when it is told of a relay.
    peer.process.write("\(endpoint)\n")
    let address =
      kind == "unix"
      ? "UNIX-CONNECT:\(control)" : "TCP:127.0.0.1:\(place.split(separator: ":").last ?? "")"
    let person = try ChildProcess("socat", ["-", address])
    func ask(_ command: String) throws -> [String: Any] {
      person.write(command + "\n")
      let answer = try person.waitForLine(containing: "{")
      let object = try JSONSerialization.jsonObject(with: Data(answer.utf8))
      return try #require(object as? [String: Any])
    }
    func faults(_ answer: [String: Any]) -> [String: Any] {
      answer["faults"] as? [String: Any] ?? [:]
    }
    #expect(faults(try ask("show"))["delay"] as? Double == 0)
    let client = try ChildProcess("socat", ["-", "TCP:127.0.0.1:\(port)"])
    client.write("at once\n")
    _ = try client.waitForLine(containing: "at once")
    #expect(faults(try ask("set delay 200ms"))["delay"] as? Double == 0.2)
    let start = ContinuousClock.now
    client.write("late\n")
    _ = try client.waitForLine(containing: "late")
    #expect(ContinuousClock.now - start >= .milliseconds(400))
    // What waits for an hour goes at once when nothing is to wait any more.
    _ = try ask("set delay 1h")
    client.write("released\n")
    let isDelayed = try settles {
      let statistics = try ask("stats")["statistics"] as? [String: Any]
      return (statistics?["faults"] as? [String: Any])?["delayed"] as? Int ?? 0 >= 3
    }
    #expect(isDelayed)
    #expect(faults(try ask("clear"))["delay"] as? Double == 0)
    _ = try client.waitForLine(containing: "released")
    for wrong in ["set delay never", "set nothing 1", "set", "clear it", "help"] {
      let answer = try ask(wrong)
      #expect(answer["ok"] as? Bool == false && answer["error"] is String, "\(wrong)")
    }
    // What does not speak its language is not heard any further.
    #expect(try person.waitForExit() == 0)
  }

  /// A web page can have a browser send lines to a port of the same machine.
  @Test func aRequestOfABrowserSwitchesNothing() throws {
    let relay = try startSockets("relay", "0", "1", "--control", "tcp://127.0.0.1:0", "--json")
    let line = try relay.waitForLine(containing: "control at ")
    _ = try relay.listeningEndpoint()
    let client = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import socket, sys
        def ask(text):
          one = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
          one.sendall(text)
          one.shutdown(socket.SHUT_WR)
          answer = b""
          try:
            while piece := one.recv(1000): answer += piece
          except ConnectionResetError: pass
          return answer
        ask(b"POST / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nset delay 5s\\n")
        print("shown", ask(b"show\\n").decode(), flush=True)
        """, "\(line.split(separator: ":").last ?? "")",
      ])
    let shown = try client.waitForLine(containing: "shown")
    #expect(shown.contains("\"delay\":0,"), "\(shown)")
    #expect(try client.waitForExit() == 0)
  }
}
