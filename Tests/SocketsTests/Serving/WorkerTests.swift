// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// The worker program, which is built beside the test bundle.
private func worker() throws -> WorkerCommand {
  WorkerCommand(executable: FilePath(try builtProgram("EchoWorker")))
}

@Suite(.blocking) struct WorkerProcesses {
  @Test func connectionsGoToTheWorkerThatHasTheFewest() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let clients = BackgroundResult {
      defer { stop.stop() }
      let first = try ConnectedSocket.connected(to: address, deadline: .patience)
      let one = try ask(first, "a")
      let second = try ConnectedSocket.connected(to: address, deadline: .patience)
      let two = try ask(second, "b")
      return [one, two].sorted()
    }
    let summary = try listener.serve(
      byWorkers: 2, command: worker(), until: stop, grace: .seconds(120))
    // Both were connected at once, so each has its own worker.
    #expect(try clients.value == ["0: a", "1: b"])
    #expect(summary.accepted == 2 && summary.failed == 0)
  }

  @Test func aWorkerThatDiesIsReplacedAndReported() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let deaths = Guarded(0)
    let client = BackgroundResult { () throws -> [String] in
      defer { stop.stop() }
      let victim = try ConnectedSocket.connected(to: address, deadline: .patience)
      let last = try ask(victim, "die")
      let next = try ConnectedSocket.connected(to: address, deadline: .patience)
      return [last, try ask(next, "still here")]
    }
    let summary = try listener.serve(
      byWorkers: 1,
      command: worker(),
      until: stop,
      onFailure: { failure in
        if case .worker(let failure) = failure, case .killed = failure.reason {
          deaths.withLock { $0 += 1 }
        }
      }
    )
    #expect(try client.value == ["", "0: still here"])
    #expect(deaths.withLock { $0 } == 1)
    #expect(summary.accepted == 2 && summary.failed == 1)
  }

  /// A worker says two words for each connection, more than its channel holds: they are heard until it has ended.
  @Test(.timeLimit(.minutes(5))) func whatAWorkerHasWhenItsServerStopsIsServed() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let number = listener.descriptor.rawValue
    let stop = try StopSignal()
    let clients = BackgroundResult { () throws -> Int in
      defer { stop.stop() }
      // The worker serves eight at once, and cannot take another until one of them has ended.
      let held = try (0..<8).map { _ in
        Client(try ConnectedSocket.connected(to: address, deadline: .patience))
      }
      for client in held { #expect(try ask(client.connection, "a") == "0: a") }
      let queued = try (0..<180).map { _ in
        Client(try ConnectedSocket.connected(to: address, deadline: .patience))
      }
      // All have been accepted when the backlog, which the kernel tells in this field, is empty.
      #expect(
        try settles {
          try Options.get(.tcpInformation, of: number).unacknowledgedSegmentCount == 0
        })
      stop.stop()
      for client in held { try client.connection.shutdown(.both) }
      var served = 0
      for client in queued {
        if try ask(client.connection, "b") == "0: b" { served += 1 }
        try client.connection.shutdown(.both)
      }
      return served
    }
    let summary = try listener.serve(
      byWorkers: 1, command: worker(), until: stop, grace: .seconds(120))
    #expect(try clients.value == 180)
    #expect(summary.accepted == 188 && summary.failed == 0)
  }

  /// A connection that an array can hold.
  private final class Client: Sendable {
    let connection: ConnectedSocket
    init(_ connection: consuming ConnectedSocket) { self.connection = connection }
  }

  @Test func aProgramThatWasNotStartedByAServerHasNoChannel() throws {
    #expect(try WorkerChannel.fromEnvironment() == nil)
  }

  /// Says something and returns what comes back; nothing when the connection ended.
  private func ask(_ connection: borrowing ConnectedSocket, _ text: String) throws -> String {
    try connection.write(text.utf8)
    var buffer = [UInt8](repeating: 0, count: 256)
    do {
      let count = try connection.read(into: &buffer, deadline: .patience)
      return String(decoding: buffer[..<count], as: UTF8.self)
    } catch {
      guard error.errno == .connectionReset else { throw error }
      return ""
    }
  }
}
