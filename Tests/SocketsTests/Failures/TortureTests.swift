// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F2: in each scenario every system call fails once, in turn: no trap, no hang, nothing left open.
@Suite struct TortureTests {
  struct Scenario: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable () throws -> Void
  }

  static let scenarios: [Scenario] = [
    Scenario(testDescription: "TCP echo") { try echo(anyPort, .never) },
    Scenario(testDescription: "TCP echo with deadlines") { try echo(anyPort, .milliseconds(500)) },
    Scenario(testDescription: "Unix pair, gathered and scattered") {
      let pair = try ConnectedSocket.pair()
      try pair.first.write(gathering: [[1], [2, 3]], deadline: .milliseconds(500))
      var pieces: [[UInt8]] = [[0, 0], [0]]
      _ = try pair.second.read(scatteringInto: &pieces, deadline: .milliseconds(500))
      try pair.first.close()
      try pair.second.close()
    },
    Scenario(testDescription: "Unix listener on a stale path") {
      let folder = try ScratchFolder()
      let address = try SocketAddress.unix(path: folder.path + "/s")
      try Socket(.unix).bind(to: address).close()
      let listener = try ListeningSocket.bound(to: address)
      let client = try ConnectedSocket.connected(to: address, deadline: .milliseconds(500))
      let server = try listener.accept(deadline: .milliseconds(500))
      try client.write([1])
      var byte: [UInt8] = [0]
      try server.read(exactlyInto: &byte, deadline: .milliseconds(500))
    },
    Scenario(testDescription: "datagrams") {
      let receiver = try MessageSocket.bound(to: anyPort)
      let sender = try MessageSocket(.ipv4)
      try sender.connect(to: receiver.localAddress())
      try sender.write([1])
      var byte: [UInt8] = [0]
      _ = try receiver.receiveDatagram(into: &byte, deadline: .milliseconds(500))
    },
    Scenario(testDescription: "splice") {
      let from = try ConnectedSocket.pair()
      let to = try ConnectedSocket.pair()
      try from.second.write([1, 2, 3])
      var splice = try Splice()
      _ = try splice.move(from: from.first, to: to.first, upTo: 3, deadline: .milliseconds(500))
    },
  ]

  private static func echo(_ address: SocketAddress, _ limit: Deadline) throws {
    let deadline = limit == .never ? Deadline.never : .milliseconds(500)
    let listener = try ListeningSocket.bound(to: address)
    let client = try ConnectedSocket.connected(to: listener.localAddress(), deadline: deadline)
    let server = try listener.accept(deadline: deadline)
    var bytes: [UInt8] = [1, 2, 3]
    try client.write(bytes, deadline: deadline)
    try client.shutdown(.write)
    try server.read(exactlyInto: &bytes, deadline: deadline)
    try server.write(bytes, deadline: deadline)
    try server.close()
    try client.read(exactlyInto: &bytes, deadline: deadline)
    try client.close()
  }

  @Test(.timeLimit(.minutes(1)), arguments: scenarios)
  func everyCallFailsOnce(scenario: Scenario) throws {
    let whole = Trial(ForcedCalls())
    whole.attempt {
      try scenario.run()
      return true
    }
    #expect(whole.ending == .returned)
    #expect(whole.leaked == 0)
    let count = whole.forced.records.count
    for error in [Errno.ioError, .tooManyOpenFiles, .noMemory, .interrupted] {
      for number in 0..<count {
        let trial = Trial(ForcedCalls(.failCall(number: number, error)))
        trial.attempt {
          try scenario.run()
          return true
        }
        #expect(trial.leaked == 0, "call \(number) with \(error): \(trial.forced.calls)")
        #expect(trial.ending != nil)
      }
    }
    print("F2: \(scenario.testDescription): every one of \(count) calls × 4 errors")
  }
}
