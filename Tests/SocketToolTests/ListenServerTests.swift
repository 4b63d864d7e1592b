// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Foundation
import Sockets
import TestSupport
import Testing

/// `sockets listen` as a server of many: load, shortage, ends, and who is let in.
@Suite(.blocking, .timeLimit(.minutes(5))) struct ListenServerTests {
  private func address(_ endpoint: String) throws -> SocketAddress {
    try #require(try Endpoint(parsing: endpoint).socketAddress)
  }

  /// The children of a process, zombies included.
  private func children(of process: Int32) throws -> [Substring] {
    let listing = try ChildProcess("ps", ["--ppid", "\(process)", "-o", "pid=,stat=,args="])
    _ = try listing.waitForExit()
    return listing.text.split(separator: "\n")
  }

  /// The figure F11: 64 descriptors, 200 clients at once, a process for each.
  @Test(.requires(.program("prlimit"), .program("ps")))
  func aCommandForEachOfMoreClientsThanThereAreDescriptors() throws {
    let server = try ChildProcess(
      "prlimit",
      ["--nofile=64:64", builtProgram("sockets"), "listen", "127.0.0.1:0", "--exec", "cat"])
    let address = try self.address(server.listeningEndpoint())
    let clientBox = ClientBox()
    for number in 0..<200 {
      let client = try ConnectedSocket.connected(to: address, deadline: .patience)
      try client.write([UInt8(number)], deadline: .patience)
      clientBox.add(client)
    }
    _ = try server.waitForLine(containing: "EMFILE")
    // Of a hundred, while nobody goes and nothing can be accepted; what it has accepted it may still be starting commands for.
    let isIdle = try settles {
      let before = try server.processorTicks
      let pause = Deadline.seconds(1)
      while !pause.hasPassed { sched_yield() }
      return try server.processorTicks - before <= 5
    }
    #expect(isIdle)
    // Each goes when it has had its answer, and the next ones come in.
    #expect(try clientBox.finishAll() == 200)
    #expect(
      try settles { try children(of: server.processIdentifier).isEmpty }, "zombies are left")
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
    #expect(server.text.split(separator: "\n").count < 10, "\(server.text)")
  }

  @Test(.requires(.program("python3")))
  func aCommandHasTheSocketAndNothingElse() async throws {
    let server = try startSockets(
      "listen", "127.0.0.1:0", "--access-log", "--exec",
      """
      ls /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; echo $SOCKETS_PEER; exit 3
      """)
    let endpoint = try server.listeningEndpoint()
    let run = try await sockets("connect", endpoint, "--from", ":0")
    let lines = run.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 7, "\(run.output)")
    // The last is of the folder that is listed.
    #expect(lines.prefix(4) == ["0", "1", "2", "3"])
    #expect(lines[4] == "SigBlk:\t0000000000000000")
    // The C library's own two, 32 and 33, are of no account.
    #expect(lines[5].hasPrefix("SigIgn:\t") && lines[5].hasSuffix("0000000"), "\(lines[5])")
    #expect(lines[6].hasPrefix("tcp://127.0.0.1:"))
    #expect(try server.waitForLine(containing: lines[6]).hasSuffix(": exit code 3"))
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }

  @Test(arguments: [["--echo"], ["--exec", "cat"]])
  func anEndUnderLoadLosesNoResponse(mode: [String]) throws {
    let isInTime = try (0..<3).contains { _ in try endsUnderLoad(mode) == 0 }
    #expect(isInTime)
  }

  /// - Returns: the exit code of a server that is to end while twenty clients talk to it.
  private func endsUnderLoad(_ mode: [String]) throws -> Int32 {
    let server = try ChildProcess(builtProgram("sockets"), ["listen", "127.0.0.1:0"] + mode)
    let endpoint = try server.listeningEndpoint()
    let port = endpoint.split(separator: ":").last ?? ""
    // Each client counts what it has sent and what came back; after the end of the stream the two may differ by what was on
    // its way to a server that had ended, and never by a part of an answer.
    let load = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import socket, sys, threading
        torn = []; rounds = [0] * 20
        def client(number):
            s = socket.create_connection(("127.0.0.1", \(port)))
            message = bytes([number]) * 1000
            got = b""
            try:
                while True:
                    got = b""
                    s.sendall(message)
                    while len(got) < len(message):
                        piece = s.recv(65536)
                        if not piece: break
                        got += piece
                    if len(got) < len(message):
                        if 0 < len(got): torn.append(len(got))
                        return
                    if got != message: torn.append("wrong")
                    rounds[number] += 1
            except OSError as error:
                if rounds[number] == 0: torn.append(str(error))
                if 0 < len(got) < len(message): torn.append(len(got))
        all = [threading.Thread(target=client, args=(n,)) for n in range(20)]
        for t in all: t.start()
        import time
        while min(rounds) < 5: time.sleep(0.01)
        print("loaded", flush=True)
        for t in all: t.join()
        print("torn", torn, flush=True)
        """,
      ])
    _ = try load.waitForLine(containing: "loaded")
    let start = ContinuousClock.now
    kill(server.processIdentifier, SIGTERM)
    let code = try server.waitForExit()
    #expect([0, 128 + SIGTERM].contains(code), "\(server.text)")
    // What was cut off may be a part of an answer.
    if code == 0 { #expect(try load.waitForLine(containing: "torn") == "torn []") }
    return ContinuousClock.now - start < .seconds(10) ? code : -1
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalEndsEverythingWithinTwoSeconds(signal: Int32) throws {
    let others = ClientBox()
    for arguments in [
      ["--echo"], ["--discard"], ["--chargen"], ["--exec", "sleep 100"],
      ["--exec", "trap '' TERM; sleep 100"],
      [], ["--keep-open"],
    ] {
      let server = try ChildProcess(
        builtProgram("sockets"), ["listen", "127.0.0.1:0", "--access-log"] + arguments)
      let endpoint = try server.listeningEndpoint()
      let client = try startSockets("connect", endpoint, "--send", "here\n")
      if arguments.isEmpty {
        // It serves one, and nobody else can connect then.
        _ = try server.waitForLine(containing: "here")
      } else {
        try others.add(to: try address(endpoint))
      }
      let start = ContinuousClock.now
      kill(client.processIdentifier, signal)
      #expect(try client.waitForExit() == 128 + signal, "\(arguments)")
      kill(server.processIdentifier, signal)
      var codes = [arguments.isEmpty ? 128 + signal : 0]
      // A command that will not end has most of the two seconds, and the rest may be too little on a busy machine.
      if arguments.contains("trap '' TERM; sleep 100") { codes.append(128 + signal) }
      let code = try server.waitForExit()
      #expect(codes.contains(code), "\(arguments) \(server.text)")
      #expect(ContinuousClock.now - start < .seconds(10), "\(arguments)")
    }
  }

  /// Clients that never pause do not keep a server from its end.
  @Test(arguments: ["--echo", "--discard"])
  func aServerEndsWhileClientsSendWithoutAPause(mode: String) throws {
    // It has a second more than it needs, which may be too little on a busy machine: not three times.
    let isInTime = try (0..<3).contains { _ in try endsWhileClientsSend(mode) == 0 }
    #expect(isInTime)
  }

  /// - Returns: the exit code of a server that is to end while four clients send.
  private func endsWhileClientsSend(_ mode: String) throws -> Int32 {
    let server = try startSockets("listen", "127.0.0.1:0", mode, "--access-log")
    let endpoint = try server.listeningEndpoint()
    let clients = try (0..<4).map { _ in
      try ChildProcess(
        "/bin/sh",
        ["-c", "\"$0\" connect \"$1\" < /dev/zero > /dev/null", builtProgram("sockets"), endpoint])
    }
    // They have begun when the server has used some time.
    #expect(try settles { try server.processorTicks > 10 })
    kill(server.processIdentifier, SIGTERM)
    let code = try server.waitForExit()
    #expect([0, 128 + SIGTERM].contains(code), "\(code) \(server.text)")
    for client in clients { client.end() }
    return code
  }

  /// What `nohup` has had ignored is not what ends a command.
  @Test func aSignalThatWasIgnoredAtTheStartStaysSo() throws {
    let server = try ChildProcess(
      "/bin/sh",
      ["-c", "trap '' HUP; exec \"$0\" listen 127.0.0.1:0 --echo", builtProgram("sockets")])
    let address = try self.address(server.listeningEndpoint())
    kill(server.processIdentifier, SIGHUP)
    for _ in 0..<20 {
      let client = try ConnectedSocket.connected(to: address, deadline: .patience)
      try client.write([7], deadline: .patience)
      var answer: [UInt8] = [0]
      #expect(try client.read(into: &answer, deadline: .patience) == 1)
    }
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }

  /// Whoever starts the server may have ignored what tells that a command has ended.
  @Test func aCommandsEndIsKnownWhoeverStartsTheServer() throws {
    let server = try ChildProcess(
      "/bin/sh",
      [
        "-c", "trap '' CHLD; exec \"$0\" listen 127.0.0.1:0 --exec 'exit 3' --access-log",
        builtProgram("sockets"),
      ])
    let client = try ConnectedSocket.connected(
      to: address(server.listeningEndpoint()), deadline: .patience)
    #expect(try server.waitForLine(containing: ": exit code ").hasSuffix(": exit code 3"))
    try client.close()
  }

  @Test(arguments: [
    ["--echo"], ["--exec", "cat"], ["--chargen"], ["--keep-open", "--output", "/dev/null"],
  ])
  func clientsThatResetDoNoHarm(mode: [String]) throws {
    let server = try ChildProcess(builtProgram("sockets"), ["listen", "127.0.0.1:0"] + mode)
    server.closeInput()
    let address = try self.address(server.listeningEndpoint())
    for _ in 0..<100 {
      let client = try ConnectedSocket.connected(to: address, deadline: .patience)
      try client.write([1, 2, 3], deadline: .patience)
      try client.setOption(.linger, to: .zero)
      try client.close()
    }
    // It serves on.
    let last = try ConnectedSocket.connected(to: address, deadline: .patience)
    try last.write([7], deadline: .patience)
    try last.shutdown(.write)
    var answer: [UInt8] = [0]
    let count = try last.read(into: &answer, deadline: .patience)
    #expect(count == (mode[0] == "--keep-open" ? 0 : 1))
    try last.close()
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0, "\(server.text)")
  }

  /// Nobody from outside gets in unless that is written out.
  @Test func aPortAloneIsOneOfTheLoopbackAddress() async throws {
    let folder = try ScratchFolder()
    let hasIPv6 = Requirement.family(.ipv6).isMet
    let rows: [(words: [String], texts: [String])] = [
      (["listen", "0"], ["listening on tcp://127.0.0.1:"]),
      (["listen", "tcp://:0"], ["listening on tcp://127.0.0.1:"]),
      (["listen", "udp://:0"], ["listening on udp://127.0.0.1:"]),
      (["listen", "0", "--echo"], ["listening on tcp://127.0.0.1:"]),
      (
        ["relay", "0", "1", "--control", "0"],
        ["control at tcp://127.0.0.1:", "listening on tcp://127.0.0.1:"]
      ),
      (["relay", "udp://:0", "udp://:1"], ["listening on udp://127.0.0.1:"]),
      (["serve", folder.path, "--port", "0"], ["listening on tcp://127.0.0.1:"]),
      (["listen", "tcp4://*:0"], ["listening on tcp4://0.0.0.0:"]),
      (
        ["serve", folder.path, "--port", "0", "--host", "0.0.0.0"],
        ["listening on tcp://0.0.0.0:"]
      ),
    ]
    let more: [(words: [String], texts: [String])] = [
      (["listen", "tcp6://:0"], ["listening on tcp6://[::1]:"]),
      (["listen", "tcp://*:0"], ["listening on tcp://[::]:"]),
    ]
    for row in rows + (hasIPv6 ? more : []) {
      let server = try ChildProcess(builtProgram("sockets"), row.words)
      for text in row.texts { _ = try server.waitForLine(containing: text) }
      kill(server.processIdentifier, SIGTERM)
      _ = try server.waitForExit()
    }
  }

  /// The lines of RFC 864: 72 of the 95 characters, each line one further.
  @Test func charactersAreThoseOfTheProtocolAndADiscardSaysNothing() async throws {
    let characters = (0x20...0x7e).map { Character(UnicodeScalar(UInt8($0))) }
    let expected = (0..<200).map { line in
      String((0..<72).map { characters[(line + $0) % 95] }) + "\r\n"
    }.joined()
    let generator = try startSockets("listen", "127.0.0.1:0", "--chargen")
    let port = try address(generator.listeningEndpoint())
    // To two at once, each from the beginning.
    let first = try ConnectedSocket.connected(to: port, deadline: .patience)
    let second = try ConnectedSocket.connected(to: port, deadline: .patience)
    #expect(try bytes(expected.utf8.count, of: first) == Array(expected.utf8))
    #expect(try bytes(expected.utf8.count, of: second) == Array(expected.utf8))
    try first.close()
    try second.close()
    let sink = try startSockets("listen", "127.0.0.1:0", "--discard", "--access-log")
    let client = try ConnectedSocket.connected(
      to: address(sink.listeningEndpoint()), deadline: .patience)
    try client.write([UInt8](repeating: 7, count: 1 << 20), deadline: .patience)
    try client.shutdown(.write)
    #expect(try nextBytes(of: client) == [])
    _ = try sink.waitForLine(containing: " received 1048576 sent 0 ")
    for server in [generator, sink] {
      kill(server.processIdentifier, SIGTERM)
      #expect(try server.waitForExit() == 0)
    }
  }

  @Test func onlyThoseAreServedWhoAreAllowed() async throws {
    let server = try startSockets(
      "listen", "127.0.0.1:0", "--echo", "--allow", "127.0.0.0/31", "--allow", "10.0.0.0/8")
    let endpoint = try server.listeningEndpoint()
    let refused = try await sockets("connect", endpoint, "--from", "127.0.0.9", "--send", "x")
    #expect(refused.output == "")
    let line = try server.waitForLine(containing: "refused tcp://127.0.0.9:")
    #expect(line.hasSuffix(": not in 127.0.0.0/31, 10.0.0.0/8"))
    let served = try await sockets("connect", endpoint, "--send", "x")
    #expect(served.output == "x")
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }

  @Test(.requires(.root, .program("setpriv"), .program("socat")))
  func unixPeersAreKnownByTheirUsers() async throws {
    let folder = try ScratchFolder()
    _ = unsafe chmod(folder.path, 0o755)
    let server = try startSockets(
      "listen", "unix:\(folder.path)/s", "--echo", "--allow-user", "nobody", "--json")
    let endpoint = try server.listeningJSONEndpoint()
    _ = unsafe chmod("\(folder.path)/s", 0o777)
    let refused = try await sockets("connect", endpoint, "--send", "x")
    #expect(refused.output == "")
    #expect(try server.waitForLine(containing: "\"refused\"").contains("user root is not allowed"))
    let other = try ChildProcess(
      "setpriv",
      ["--reuid", "65534", "--clear-groups", "socat", "-", "UNIX-CONNECT:\(folder.path)/s"])
    other.write("allowed\n")
    _ = try other.waitForLine(containing: "allowed")
    other.closeInput()
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
    #expect(unsafe access("\(folder.path)/s", F_OK) != 0, "the path is left")
  }

  /// Whatever a record holds, and also when the peer's end waits behind it.
  @Test(.requires(.program("python3"))) func recordsComeBackWhole() async throws {
    let folder = try ScratchFolder()
    let server = try startSockets(
      "listen", "unix-packet:\(folder.path)/s", "--echo", "--access-log")
    _ = try server.listeningEndpoint()
    let client = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import socket
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        # A record has a time (29 is SO_TIMESTAMP), the end has none.
        peer.setsockopt(socket.SOL_SOCKET, 29, 1)
        peer.connect("\(folder.path)/s")
        records = [b"", b"abc", b"", b"x" * 400000, b"", b""]
        for record in records: peer.send(record)
        peer.shutdown(socket.SHUT_WR)
        back = []
        while True:
            record, times, _, _ = peer.recvmsg(1 << 20, 100)
            if not record and not times: break
            back.append(record)
        print("back:", back == records, [len(record) for record in back], flush=True)
        """,
      ])
    #expect(try client.waitForLine(containing: "back:").hasPrefix("back: True"), "\(client.text)")
    _ = try server.waitForLine(containing: "received 400003 sent 400003")
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }

  /// A record that the system cannot send back is told of, and the others are served on.
  @Test(.requires(.capability(.netAdmin), .program("python3")))
  func aRecordThatCannotComeBackIsToldOf() async throws {
    let folder = try ScratchFolder()
    let server = try startSockets("listen", "unix-packet:\(folder.path)/s", "--echo")
    let endpoint = try server.listeningEndpoint()
    let client = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import socket
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        size = 2 * int(open("/proc/sys/net/core/wmem_max").read()) + 65536
        # 32 is SO_SNDBUFFORCE, which gives more than others may have.
        peer.setsockopt(socket.SOL_SOCKET, 32, size)
        peer.connect("\(folder.path)/s")
        try:
            peer.send(b"x" * size)
            print("back:", peer.recv(10), flush=True)
        except OSError as error:
            print("back:", error, flush=True)
        """,
      ])
    let line = try client.waitForLine(containing: "back:")
    // Where others may have so much already, the system has no memory for more in one piece.
    guard !line.contains("No buffer space") else { return }
    #expect(line == "back: b''")
    #expect(try server.waitForLine(containing: "EMSGSIZE").contains(endpoint))
    let run = try await sockets("connect", endpoint, "--send", "x", "--expect", "x")
    #expect(run.exitCode == 0)
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }

  @Test func noMoreConnectionsAreServedAtOnceThanWasSaid() throws {
    let server = try startSockets(
      "listen", "127.0.0.1:0", "--echo", "--max-connections", "2", "--access-log")
    let address = try self.address(server.listeningEndpoint())
    let clients = ClientBox()
    for number in 0..<3 {
      let client = try ConnectedSocket.connected(to: address, deadline: .patience)
      try client.write([UInt8(number)], deadline: .patience)
      clients.add(client)
    }
    #expect(try clients.read(0) == 0)
    #expect(try clients.read(1) == 1)
    let isQuiet = try clients.isQuiet(2)
    #expect(isQuiet)
    #expect(try clients.finish(0))
    #expect(try clients.read(2) == 2)
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }

  @Test func onePeerAfterTheOtherIsJoined() async throws {
    let folder = try ScratchFolder()
    let server = try startSockets(
      "listen", "127.0.0.1:0", "--keep-open", "--output", "\(folder.path)/all", "--access-log")
    server.closeInput()
    let endpoint = try server.listeningEndpoint()
    for word in ["one", "two", "three"] {
      let run = try await sockets("connect", endpoint, "--send", word)
      #expect(run.exitCode == 0)
      _ = try server.waitForLine(containing: "received \(word.count) sent 0")
    }
    #expect(try readFile("\(folder.path)/all") == "onetwothree")
    kill(server.processIdentifier, SIGTERM)
    #expect(try server.waitForExit() == 0)
  }
}

extension ChildProcess {
  fileprivate func listeningJSONEndpoint() throws -> String {
    let line = try waitForLine(containing: "listening")
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return try #require(object?["endpoint"] as? String)
  }
}

/// Connections that each have sent one byte.
private final class ClientBox {
  private final class Client {
    let socket: ConnectedSocket
    init(_ socket: consuming ConnectedSocket) { self.socket = socket }
  }

  private var clients: [Client] = []

  func add(_ socket: consuming ConnectedSocket) { clients.append(Client(socket)) }

  /// Connects one and sends its byte.
  func add(to address: SocketAddress) throws {
    let socket = try ConnectedSocket.connected(to: address, deadline: .patience)
    try socket.write([UInt8(clients.count)], deadline: .patience)
    add(socket)
  }

  func read(_ number: Int) throws -> UInt8 {
    var answer: [UInt8] = [0]
    try clients[number].socket.read(exactlyInto: &answer, deadline: .patience)
    return answer[0]
  }

  /// Ends one, and says whether the peer ended too.
  func finish(_ number: Int) throws -> Bool {
    try clients[number].socket.shutdown(.write)
    var rest: [UInt8] = [0]
    return try clients[number].socket.read(into: &rest, deadline: .patience) == 0
  }

  /// How many had their byte back, and then the end.
  func finishAll() throws -> Int {
    try clients.indices.count { try read($0) == UInt8($0 % 256) && finish($0) }
  }

  func isQuiet(_ number: Int) throws -> Bool {
    var answer: [UInt8] = [0]
    do throws(SocketError) {
      _ = try clients[number].socket.read(into: &answer, deadline: .milliseconds(100))
      return false
    } catch {
      return error.cause == .deadlinePassed
    }
  }
}
