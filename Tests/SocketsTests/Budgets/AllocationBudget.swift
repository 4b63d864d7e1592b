// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// What the data path allocates: nothing.
///
/// It runs in release, where the optimizer has done its part.
@Suite struct AllocationBudget {
  /// How often each call is made while it is counted, so that a rare allocation is met as well.
  private let rounds = 100

  @Test func theCounterCounts() {
    var arrays: [[Int]] = []
    let count = allocations {
      for number in 0..<rounds { arrays.append([number]) }
    }
    #expect(count >= rounds && arrays.count == rounds)
  }

  @Test func readingAndWritingAStream() throws {
    let pair = try ConnectedSocket.pair()
    var bytes = [UInt8](repeating: 7, count: 512)
    try expectNone { () throws(SocketError) in
      try pair.first.write(bytes)
      _ = try pair.second.read(into: &bytes)
    }
    try expectNone { () throws(SocketError) in
      try pair.first.write(bytes, deadline: .patience)
      try pair.second.read(exactlyInto: &bytes, deadline: .patience)
    }
  }

  @Test func aDatagramOutAndIn() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    let sender = try MessageSocket.bound(to: .loopback(.ipv4))
    let address = try receiver.localAddress()
    var bytes = [UInt8](repeating: 7, count: 512)
    try expectNone { () throws(SocketError) in
      try sender.sendDatagram(bytes, to: address)
      guard try receiver.receiveDatagram(into: &bytes).byteCount == 512 else { throw wrong }
    }
    var control = ControlBuffer()
    try receiver.setOption(.receivesPacketInformationIPv4, to: true)
    try expectNone { () throws(SocketError) in
      _ = try sender.sendMessage(bytes, to: address)
      let message = try receiver.receiveMessage(into: &bytes, control: &control)
      guard message.byteCount == 512, control.packetInfo != nil else { throw wrong }
    }
  }

  @Test func aBatchOfThirtyTwo() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    let sender = try MessageSocket.bound(to: .loopback(.ipv4))
    let address = try receiver.localAddress()
    let bytes = [UInt8](repeating: 7, count: 512)
    var out = DatagramBatch(capacity: 32)
    var come = DatagramBatch(capacity: 32)
    try expectNone { () throws(SocketError) in
      while out.count < 32 { try out.append(bytes, to: address) }
      try sender.sendBatch(&out)
      try receiver.receiveBatch(into: &come)
      guard come.count == 32, come[31].sender.family == .ipv4 else { throw wrong }
    }
  }

  private let wrong = SocketError(.receive, .endOfStream)

  private func expectNone(
    _ body: () throws(SocketError) -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    // Once for what is made at its first use.
    try body()
    let count = try allocations { () throws(SocketError) in
      for _ in 0..<rounds { try body() }
    }
    #expect(count == 0, "in \(rounds) rounds", sourceLocation: sourceLocation)
  }
}
