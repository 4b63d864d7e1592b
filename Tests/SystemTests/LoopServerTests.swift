// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets
import TestSupport
import Testing

/// A server on a loop, seen from outside: what it costs, and how it ends.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct LoopServers {
  private static let engines = EngineKind.probe().filter { $0.obstacle == nil }.map(\.kind)

  /// A running `Tests/LoopServer`.
  private struct Server {
    let process: ChildProcess
    let address: SocketAddress

    init(_ engine: EngineKind, descriptors: Int? = nil) throws {
      let program = try builtProgram("LoopServer")
      process =
        if let descriptors {
          try ChildProcess(
            "prlimit", ["--nofile=\(descriptors):\(descriptors)", program, "\(engine)"])
        } else {
          try ChildProcess(program, ["\(engine)"])
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

    /// The number of the loop's thread.
    func loopThread() throws -> Int32 {
      let tasks = "/proc/\(process.processIdentifier)/task"
      let listing = try ChildProcess("grep", ["-rl", "event-loop", "--include=comm", tasks])
      _ = try listing.waitForExit()
      let number = listing.text.split(separator: "/").dropFirst(3).first.flatMap { Int32($0) }
      return try #require(number, "\(listing.text)")
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

  /// The figures F10 and F22.
  ///
  /// `SOCKETS_CONNECTIONS=19000` for the whole of F10.
  @Test(.requires(.program("python3"), .program("strace")), arguments: engines)
  func manyIdleConnectionsCostLittleMemoryNoCallsAndNoTimeToEnd(_ engine: EngineKind) throws {
    // poll(2) goes through all of them for each one that comes.
    let count = engine == .poll ? 1000 : Int(environment("SOCKETS_CONNECTIONS") ?? "") ?? 10_000
    let server = try Server(engine)
    let before = try server.resident()
    let clients = try Self.clients(count, server.address)
    #expect(try settles { try server.descriptorCount() >= count })
    let memory = Double(try server.resident() - before) / Double(count)
    #expect(memory <= 8)
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
    let before = try server.ticks()
    let pause = Deadline.seconds(1)
    while !pause.hasPassed { sched_yield() }
    let spent = try server.ticks() - before
    // Of a hundred.
    #expect(spent <= 5)
    // Now each goes when it has had its answer, and the next ones come in.
    for client in clients { #expect(try client.finish()) }
    let (_, words) = try server.end()
    #expect(words.contains("accepted 200, active 0"))
    let told = words.split(separator: " ").last.flatMap { Int($0) }
    #expect(try #require(told, "\(words)") < 10)
    print("F11: \(engine): \(spent) % of a processor without descriptors; \(words)")
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
