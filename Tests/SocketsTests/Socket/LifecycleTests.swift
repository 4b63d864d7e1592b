// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// 127.0.0.1 with a port, in the kernel's bytes.
private func loopback(port: UInt16) throws -> SocketAddress {
  var bytes = [UInt8](repeating: 0, count: 16)
  bytes[0] = 2
  bytes[2] = UInt8(port >> 8)
  bytes[3] = UInt8(port & 0xff)
  bytes[4] = 127
  bytes[7] = 1
  let address = unsafe SocketAddress(bytes: bytes.span.bytes)
  return try #require(address)
}

@Suite struct Lifecycle {
  @Test func aStreamCarriesBytesBothWaysAndEndsWithZero() throws {
    let listener = try Socket(.ipv4).bind(to: loopback(port: 0)).listen()
    let client = try Socket(.ipv4).connect(to: listener.localAddress(), deadline: .patience)
    let server = try listener.accept(deadline: .patience)

    try client.write("hello".utf8)
    try client.shutdown(.write)
    var buffer = [UInt8](repeating: 0, count: 64)
    #expect(try server.read(into: &buffer) == 5)
    #expect(try server.read(into: &buffer) == 0)
    #expect(buffer.prefix(5).elementsEqual("hello".utf8))

    try server.write("bye".utf8)
    try server.close()
    var answer = [UInt8](repeating: 0, count: 3)
    try client.read(exactlyInto: &answer, deadline: .patience)
    #expect(answer == Array("bye".utf8))
  }

  @Test func aDeadlineEndsAWaitForAConnection() throws {
    let listener = try Socket(.ipv4).bind(to: loopback(port: 0)).listen()
    #expect(throws: SocketError(.accept, .deadlinePassed)) {
      _ = try listener.accept(deadline: .milliseconds(1))
    }
    #expect(try listener.tryAccept() == nil)
  }

  @Test func aMessageSocketKeepsBordersAndTellsTruncation() throws {
    let receiver = try MessageSocket.bound(to: loopback(port: 0))
    let sender = try MessageSocket.bound(to: loopback(port: 0))
    try sender.sendDatagram("".utf8, to: receiver.localAddress())
    try sender.sendDatagram("four".utf8, to: receiver.localAddress())
    var buffer = [UInt8](repeating: 0, count: 2)
    let empty = try receiver.receiveDatagram(into: &buffer, deadline: .patience)
    #expect(empty.byteCount == 0 && !empty.isTruncated)
    let cut = try receiver.receiveDatagram(into: &buffer, deadline: .patience)
    #expect(cut.byteCount == 2 && cut.originalByteCount == 4 && cut.isTruncated)
    #expect(try cut.sender == sender.localAddress())
  }
}
