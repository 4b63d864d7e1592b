// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Counts of a test, shared with handlers on other threads.
private final class Counters: Sendable {
  let now = Atomic<Int>(0)
  let most = Atomic<Int>(0)
  let failures = Atomic<Int>(0)

  func enter() {
    let count = now.add(1, ordering: .relaxed).newValue
    most.max(count, ordering: .relaxed)
  }

  func leave() { now.subtract(1, ordering: .relaxed) }
}

private struct Refused: Error {}

/// Says something, half-closes, and returns all that comes back.
private func exchange(_ text: String, with address: SocketAddress) throws -> String {
  let client = try ConnectedSocket.connected(to: address, deadline: .patience)
  try client.write(text.utf8, deadline: .patience)
  try client.shutdown(.write)
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64)
  while case let count = try client.read(into: &buffer, deadline: .patience), count > 0 {
    answer += buffer[..<count]
  }
  return String(decoding: answer, as: UTF8.self)
}

/// Sends everything back until the peer ends.
private func echo(_ connection: borrowing ConnectedSocket) throws {
  var buffer = [UInt8](repeating: 0, count: 64)
  while case let count = try connection.read(into: &buffer), count > 0 {
    try connection.write(buffer[..<count])
  }
}

@Suite(.blocking) struct Serving {
  @Test func oneAtATimeServesEachInTurnUntilStopped() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let client = BackgroundResult {
      defer { stop.stop() }
      return try (0..<3).map { try exchange("hello \($0)", with: address) }
    }
    let summary = try listener.serve(until: stop) { connection, _ in try echo(connection) }
    #expect(try client.value == ["hello 0", "hello 1", "hello 2"])
    #expect(summary.accepted == 3 && summary.failed == 0)
  }

  @Test func threadsServeSideBySideButNeverMoreThanTheLimit() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let counters = Counters()
    let clients = BackgroundResult {
      defer { stop.stop() }
      // Two stay connected, so a third can only be answered by a third thread.
      let first = try ConnectedSocket.connected(to: address, deadline: .patience)
      let second = try ConnectedSocket.connected(to: address, deadline: .patience)
      var byte: [UInt8] = [1]
      try first.write(byte)
      try first.read(exactlyInto: &byte, deadline: .patience)
      try second.write(byte)
      try second.read(exactlyInto: &byte, deadline: .patience)
      let answer = try exchange("third", with: address)
      try first.shutdown(.write)
      try second.shutdown(.write)
      let others = try (0..<20).map { try exchange("\($0)", with: address) }
      return (answer, others)
    }
    let summary = try listener.serve(by: .threads(atMost: 3), until: stop) { connection, _ in
      counters.enter()
      defer { counters.leave() }
      try echo(connection)
    }
    let (answer, others) = try clients.value
    #expect(answer == "third")
    #expect(others == (0..<20).map(String.init))
    #expect(summary.accepted == 23)
    #expect(counters.most.load(ordering: .relaxed) == 3)
    #expect(counters.now.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [ServingModel.oneAtATime, .threads(atMost: 2)])
  func aHandlerThatThrowsEndsItsConnectionOnly(model: ServingModel) throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let counters = Counters()
    let client = BackgroundResult {
      defer { stop.stop() }
      return [try exchange("", with: address), try exchange("good", with: address)]
    }
    let summary = try listener.serve(
      by: model,
      until: stop,
      onFailure: { failure in
        if case .handler(let error) = failure, error is Refused {
          counters.failures.add(1, ordering: .relaxed)
        }
      },
      handler: { connection, _ in
        var buffer = [UInt8](repeating: 0, count: 8)
        let count = try connection.read(into: &buffer)
        guard count > 0 else { throw Refused() }
        try connection.write(buffer[..<count])
      }
    )
    #expect(try client.value == ["", "good"])
    #expect(summary.accepted == 2 && summary.failed == 1)
    #expect(counters.failures.load(ordering: .relaxed) == 1)
  }

  @Test func outOfDescriptorsPausesAndGoesOn() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let counters = Counters()
    let client = BackgroundResult {
      defer { stop.stop() }
      return try exchange("patience", with: address)
    }
    let forced = ForcedCalls(.fail(.accept4, .tooManyOpenFiles, times: 3))
    let summary = try forced.observing { () throws(SocketError) in
      try listener.serve(
        until: stop,
        onFailure: { failure in
          if case .accept = failure { counters.failures.add(1, ordering: .relaxed) }
        },
        handler: { connection, _ in try echo(connection) }
      )
    }
    #expect(try client.value == "patience")
    #expect(summary.pauses == 3 && summary.accepted == 1)
    #expect(counters.failures.load(ordering: .relaxed) == 1, "one report for one pause")
  }

  @Test func aDeadListenerEndsTheServerWithItsError() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let client = try ConnectedSocket.connected(to: listener.localAddress())
    let forced = ForcedCalls(.fail(.accept4, .invalidArgument, times: 1))
    #expect(throws: SocketError(.accept, .system(.invalidArgument))) {
      try forced.observing { () throws(SocketError) in
        _ = try listener.serve { _, _ in }
      }
    }
    try client.close()
  }

  @Test func aProcessServesItsConnectionAsStandardInputAndOutput() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let clients = BackgroundResult {
      defer { stop.stop() }
      return try (0..<5).map { try exchange("line \($0)\n", with: address) }
    }
    let command = WorkerCommand(executable: "/bin/cat")
    let summary = try listener.serve(
      byProcess: command, atMost: 2, until: stop, grace: .seconds(120))
    #expect(try clients.value == (0..<5).map { "line \($0)\n" })
    #expect(summary.accepted == 5 && summary.failed == 0)
  }

  @Test func aProcessInheritsNothingButItsConnection() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let client = BackgroundResult {
      defer { stop.stop() }
      return try exchange("", with: address)
    }
    let command = WorkerCommand(
      executable: "/bin/sh",
      arguments: ["-c", "for f in /proc/self/fd/*; do echo ${f##*/}; done"]
    )
    _ = try listener.serve(byProcess: command, until: stop, grace: .seconds(120))
    // 0, 1, 2, and the directory that the shell itself reads.
    #expect(try client.value.split(separator: "\n").prefix(3) == ["0", "1", "2"])
    #expect(try client.value.split(separator: "\n").count <= 4)
  }

  @Test func aWorkerThatFailsIsReportedAndTheServerGoesOn() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let reasons = Guarded<[WorkerFailure.Reason]>([])
    let client = BackgroundResult {
      defer { stop.stop() }
      return [try exchange("", with: address), try exchange("", with: address)]
    }
    let command = WorkerCommand(executable: "/bin/sh", arguments: ["-c", "exit 7"])
    let summary = try listener.serve(
      byProcess: command,
      until: stop,
      grace: .seconds(120),
      onFailure: { failure in
        if case .worker(let worker) = failure { reasons.withLock { $0.append(worker.reason) } }
      }
    )
    #expect(try client.value == ["", ""])
    #expect(summary.failed == 2)
    #expect(reasons.withLock { $0 } == [.exited(7), .exited(7)])
  }

  @Test func aProgramThatIsNotThereIsAFailureAndNotATrap() throws {
    let listener = try ListeningSocket.bound(to: .ipv4(.loopback, port: .any))
    let address = try listener.localAddress()
    let stop = try StopSignal()
    let client = BackgroundResult {
      defer { stop.stop() }
      return try exchange("", with: address)
    }
    let texts = Guarded<[String]>([])
    let summary = try listener.serve(
      byProcess: WorkerCommand(executable: "/nonexistent/program"),
      until: stop,
      onFailure: { failure in
        if case .worker(let worker) = failure { texts.withLock { $0.append("\(worker)") } }
      }
    )
    #expect(try client.value == "")
    #expect(summary.failed == 1)
    #expect(
      texts.withLock { $0 } == [
        "worker /nonexistent/program: not started: no such file or directory (ENOENT)"
      ]
    )
  }
}
