// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets
import TestSupport
import Testing

/// A server on a loop, seen from outside: what it costs, and how it ends.
@Suite(.blocking, .serialized, .timeLimit(.minutes(5)))
struct LoopServers {
  private static let engines = EngineKind.probe().filter { $0.obstacle == nil }.map(\.kind)

  /// A running `Tests/LoopServer`.
  struct Server {
    let process: ChildProcess
    let address: SocketAddress

    init(_ engine: EngineKind, descriptors: Int? = nil) throws {
      try self.init(arguments: ["\(engine)"], descriptors: descriptors)
    }

    init(arguments: [String], descriptors: Int? = nil) throws {
      let program = try builtProgram("LoopServer")
      process =
        if let descriptors {
          try ChildProcess(
            "prlimit", ["--nofile=\(descriptors):\(descriptors)", program] + arguments)
        } else {
          try ChildProcess(program, arguments)
        }
      let line = try process.waitForLine(containing: "listening on ")
      let text = line.drop { $0 != "1" }
      address = .ip(try IPSocketAddress(parsing: String(text)))
    }

    /// Processor time so far, in hundredths of a second.
    func ticks() throws -> Int {
      let text = try contents("stat")
      let fields = text.drop { $0 != ")" }.split(separator: " ")
      return (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
    }

    /// Resident memory in KiB.
    func resident() throws -> Int {
      let line = try contents("status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    func descriptorCount() throws -> Int {
      let listing = try ChildProcess("ls", ["/proc/\(process.processIdentifier)/fd"])
      _ = try listing.waitForExit()
      return listing.text.split(separator: "\n").count
    }

    /// The folder of its threads.
    var tasks: String { "/proc/\(process.processIdentifier)/task" }

    /// The number of the loop's thread.
    func loopThread() throws -> Int32 {
      let listing = try ChildProcess("grep", ["-rl", "event-loop", "--include=comm", tasks])
      _ = try listing.waitForExit()
      let number = listing.text.split(separator: "/").dropFirst(3).first.flatMap { Int32($0) }
      return try #require(number, "\(listing.text)")
    }

    /// The letter of its state: `T` when it is stopped.
    func state() throws -> String {
      let fields = try contents("stat").drop { $0 != ")" }.split(separator: " ")
      return fields.count > 1 ? String(fields[1]) : ""
    }

    private func contents(_ name: String) throws -> String {
      let reading = try ChildProcess("cat", ["/proc/\(process.processIdentifier)/\(name)"])
      _ = try reading.waitForExit()
      return reading.text
    }

    /// Ends it, and says how long that took and what it said.
    func end() throws -> (duration: Duration, lastWords: String) {
      let start = ContinuousClock.now
      kill(process.processIdentifier, SIGTERM)
      let line = try process.waitForLine(containing: "accepted ")
      let status = try process.waitForExit()
      #expect(status == 0)
      return (ContinuousClock.now - start, line)
    }
  }

  /// Many connections in a process of their own, which says when they are there.
  private static func clients(_ count: Int, _ address: SocketAddress) throws -> ChildProcess {
    let port = address.ip?.port.rawValue ?? 0
    let process = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import resource, socket, sys
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        all = [socket.create_connection(("127.0.0.1", \(port))) for _ in range(\(count))]
        print("open", flush=True)
        sys.stdin.read()
        """,
      ])
    _ = try process.waitForLine(containing: "open")
    return process
  }

  /// How much memory an idle connection may have; a debug build's tasks have larger frames.
  private static var mostKibibytes: Double {
    #if DEBUG
    8
    #else
    2
    #endif
  }

  /// The figures F10 and F22.
  ///
  /// `SOCKETS_CONNECTIONS=19000` for the whole of F10.
  @Test(.requires(.program("python3"), .program("strace")), arguments: engines)
  func manyIdleConnectionsCostLittleMemoryNoCallsAndNoTimeToEnd(_ engine: EngineKind) throws {
    // poll(2) goes through all of them for each one that comes.
    let count = engine == .poll ? 1000 : Int(environment("SOCKETS_CONNECTIONS") ?? "") ?? 10_000
    let server = try Server(engine)
    let before = try server.resident()
    let base = try server.descriptorCount()
    let clients = try Self.clients(count, server.address)
    #expect(try settles { try server.descriptorCount() >= base + count })
    let memory = Double(try server.resident() - before) / Double(count)
    // Of few connections what the process needs at all is a part.
    #expect(memory <= (count < 10_000 ? 8 : Self.mostKibibytes))
    // Nothing comes, so nothing is done: not one call in a second.
    let trace = try ChildProcess("timeout", ["1", "strace", "-p", "\(server.loopThread())"])
    _ = try trace.waitForExit()
    let calls = trace.text.split(separator: "\n").filter {
      $0.contains("(") && !$0.contains("<unfinished") && !$0.contains("detached")
        && !$0.contains("resuming interrupted") && !$0.contains("restart_syscall")
    }
    #expect(calls == [], "\(trace.text)")
    let (duration, words) = try server.end()
    #expect(words.contains("accepted \(count), active 0"))
    print("F10, F22: \(engine): \(count) idle, \(memory) KiB each, ended in \(duration)")
    clients.end()
  }

  /// The figure F11: 64 descriptors, 200 clients.
  @Test(.requires(.program("prlimit")), arguments: engines)
  func aServerWithoutDescriptorsNeitherSpinsNorForgetsAnybody(_ engine: EngineKind) throws {
    let server = try Server(engine, descriptors: 64)
    var clients: [BackgroundClient] = []
    for number in 0..<200 {
      clients.append(try BackgroundClient(server.address, UInt8(number)))
    }
    // So many are served that the descriptors are used up, and nobody goes away.
    #expect(try settles { try server.descriptorCount() >= 64 })
    let start = ContinuousClock.now
    let before = try server.ticks()
    let pause = Deadline.seconds(1)
    while !pause.hasPassed { sched_yield() }
    let spent = try server.ticks() - before
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // Of a hundred a second.
    #expect(Double(spent) <= 5 * seconds)
    // Now each goes when it has had its answer, and the next ones come in.
    for client in clients { #expect(try client.finish()) }
    let (_, words) = try server.end()
    #expect(words.contains("accepted 200, active 0"))
    let told = words.split(separator: " ").last.flatMap { Int($0) }
    #expect(try #require(told, "\(words)") < 10)
    print("F11: \(engine): \(spent) % of a processor without descriptors; \(words)")
  }
}

/// Servers that are sent signals from outside which are nothing to them, and are stopped and continued, while clients talk to them.
@Suite(.blocking, .serialized, .timeLimit(.minutes(5)))
struct SignalledServers {
  private static let ways =
    [["blocking"]]
    + EngineKind.probe().filter { $0.obstacle == nil }.flatMap {
      [[$0.kind.description], [$0.kind.description, "exposed"]]
    }
  private static let clients = 4
  /// How many signals must have been taken, of eight times as many or so that are sent: those of one number that wait are one.
  private static let enough = 100

  @Test(arguments: ways)
  func everyByteComesBackUnderSignalsFromOutside(_ way: [String]) throws {
    let server = try LoopServers.Server(arguments: way)
    let process = server.process.processIdentifier
    let address = server.address
    let isOver = Guarded(false)
    let clients = (0..<Self.clients).map { number in
      BackgroundResult { try Self.talk(to: address, number) { isOver.withLock { $0 } } }
    }
    var sent = 0
    let end = Deadline.seconds(60)
    while sent < Self.enough * 8, !end.hasPassed {
      for number in [SIGUSR1, SIGWINCH, SIGUSR2] { kill(process, number) }
      // Stopped in whatever it was doing, and continued: on Linux that interrupts waits without any handler (signal(7)).
      if sent % 40 == 0 {
        kill(process, SIGSTOP)
        #expect(try settles { try server.state() == "T" })
        kill(process, SIGCONT)
      }
      sent += 4
      // Signals of one number that wait to be taken are one.
      let pause = Deadline.milliseconds(1)
      while !pause.hasPassed { sched_yield() }
    }
    isOver.withLock { $0 = true }
    var rounds = 0
    for client in clients { rounds += try client.value }
    #expect(rounds > Self.clients)
    let (_, words) = try server.end()
    #expect(words.contains("accepted \(Self.clients), active 0, pauses 0, failures told 0"))
    let line = server.process.text.split(separator: "\n").first { $0.hasPrefix("signals taken") }
    let taken = line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    #expect(taken >= Self.enough, "\(server.process.text)")
    print("signals: \(way.joined(separator: " ")): \(taken) taken during \(rounds) rounds")
  }

  /// Sends and hears again, until it is over.
  ///
  /// - Returns: how often.
  private static func talk(
    to address: SocketAddress, _ number: Int, until isOver: () -> Bool
  ) throws -> Int {
    let socket = try ConnectedSocket.connected(to: address, deadline: .patience)
    var round = 0
    repeat {
      round += 1
      let sent = (0..<(1 + round * 37 % 9000)).map {
        UInt8(truncatingIfNeeded: $0 &* 7 &+ round &+ number)
      }
      try socket.write(sent, deadline: .patience)
      var heard = [UInt8](repeating: 0, count: sent.count)
      try socket.read(exactlyInto: &heard, deadline: .patience)
      #expect(heard == sent, "client \(number), round \(round)")
    } while !isOver()
    try socket.shutdown(.write)
    var rest: [UInt8] = [0]
    #expect(try socket.read(into: &rest, deadline: .patience) == 0)
    return round
  }
}

/// One connection that has sent a byte and waits for its echo.
private final class BackgroundClient {
  private let socket: ConnectedSocket
  private let byte: UInt8

  init(_ address: SocketAddress, _ byte: UInt8) throws {
    socket = try ConnectedSocket.connected(to: address, deadline: .patience)
    self.byte = byte
    try socket.write([byte], deadline: .patience)
  }

  /// Waits for the echo and the end.
  func finish() throws -> Bool {
    var answer: [UInt8] = [0]
    try socket.read(exactlyInto: &answer, deadline: .patience)
    try socket.shutdown(.write)
    var rest: [UInt8] = [0]
    return try answer == [byte] && socket.read(into: &rest, deadline: .patience) == 0
  }
}
