// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// Which system calls an operation makes: the fewest there can be.
@Suite struct SystemCallBudget {
  @Test func oneForAReadAndOneForAWrite() throws {
    let pair = try ConnectedSocket.pair()
    var bytes = [UInt8](repeating: 7, count: 512)
    #expect(try calls { try pair.first.write(bytes) } == [.send])
    #expect(try calls { _ = try pair.second.read(into: &bytes) } == [.read])
    #expect(try calls { try pair.first.write(bytes, deadline: .patience) } == [.send])
    // With a deadline the kernel is asked first: only what is not there is waited for.
    #expect(
      try calls { _ = try pair.second.read(into: &bytes, deadline: .patience) } == [.recv])
    #expect(
      try calls { _ = try? pair.second.read(into: &bytes, deadline: .milliseconds(1)) }
        == [.recv, .poll])
  }

  @Test func oneForADatagramAndOneForThirtyTwo() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    let sender = try MessageSocket.bound(to: .loopback(.ipv4))
    let address = try receiver.localAddress()
    var bytes = [UInt8](repeating: 7, count: 512)
    #expect(try calls { try sender.sendDatagram(bytes, to: address) } == [.sendto])
    #expect(try calls { _ = try receiver.receiveDatagram(into: &bytes) } == [.recvfrom])
    var batch = DatagramBatch(capacity: 32)
    for _ in 0..<32 { try batch.append(bytes, to: address) }
    let sending = try calls { try sender.sendBatch(&batch) }
    let receiving = try calls { try receiver.receiveBatch(into: &batch) }
    #expect(sending == [.sendmmsg] && receiving == [.recvmmsg])
    #expect(batch.count == 32 as Int)
  }

  @Test func aConnectionIsMadeByFourCallsAndTakenByTwo() throws {
    let listener = try ListeningSocket.bound(to: .loopback(.ipv4))
    let address = try listener.localAddress()
    let connecting = try calls { try ConnectedSocket.connected(to: address).close() }
    // On one machine a socket can meet itself: its own port is compared with the one that it called.
    #expect(connecting == [.socket, .connect, .getsockname, .close])
    let accepting = try calls { try listener.accept().close() }
    #expect(accepting == [.accept4, .close])
  }

  private func calls(_ body: () throws -> Void) throws -> [SystemCall] {
    let forced = ForcedCalls()
    try forced.observing { try body() }
    return forced.records.map(\.call)
  }
}
