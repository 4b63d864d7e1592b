// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// Answers that no kernel here gives, and answers that lie.
@Suite struct SocketTableFormatTests {
  private func message(_ payload: [UInt8]) throws -> (NetlinkMessage, [UInt8]) {
    let bytes = NetlinkBytes.message(20, payload)
    var cursor = NetlinkMessageCursor()
    return (try #require(try cursor.next(in: bytes.span)), bytes)
  }

  private func entry(_ part: SocketTable.Part, _ payload: [UInt8]) throws -> SocketTable.Entry {
    let (message, bytes) = try message(payload)
    return try SocketTable.Entry(message, in: bytes.span, part)
  }

  private func number(_ value: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendNumber(value)
    return bytes
  }

  private func vsock(state: UInt8) -> [UInt8] {
    [UInt8(AddressFamily.vsock.rawValue), 1, state, 1]
      + [3, 5000, 2, 1024, 4711, 0x89ab_cdef, 0x0123_4567].flatMap(number)
  }

  /// Few kernels list these.
  @Test func aVsockConnectionHasBothEnds() throws {
    let found = try entry(.vsock, vsock(state: 1))
    #expect(found.family == .vsock)
    #expect(found.type == .stream)
    #expect(found.state == .established)
    #expect(found.localAddress == .vsock(cid: 3, port: 5000))
    #expect(found.peerAddress == .vsock(cid: .host, port: 1024))
    #expect(found.inode == 4711)
    #expect(found.cookie == 0x0123_4567_89ab_cdef)
    #expect(found.shutdown == .read)
    #expect(try entry(.vsock, vsock(state: 10)).peerAddress == nil)
  }

  @Test func aNetlinkSocketMayHaveAPeer() throws {
    let payload: [UInt8] =
      [UInt8(AddressFamily.netlink.rawValue), 3, 16, 1]
      + [77, 88, 3, 4711, 1, 2].flatMap(number)
      + NetlinkBytes.attribute(1, number(5) + number(9))
    let found = try entry(.netlink, payload)
    #expect(found.type == .raw)
    #expect(found.protocolNumber.rawValue == 16)
    #expect(found.localAddress == .netlink(NetlinkAddress(portID: 77, groups: 5)))
    #expect(found.peerAddress == .netlink(NetlinkAddress(portID: 88, groups: 4)))
    #expect(found.state == .established)
  }

  @Test func anotherFamilyOrTooFewBytesAreMalformed() throws {
    let right: [(SocketTable.Part, [UInt8], Int)] = [
      (.vsock, vsock(state: 1), 32),
      (.packet, [17, 3, 0, 8] + [5, 1, 2].flatMap(number), 16),
      (.netlink, [16, 3, 0, 0] + [1, 2, 3, 4, 5, 6].flatMap(number), 28),
    ]
    for (part, payload, count) in right {
      #expect(payload.count == count)
      #expect(throws: Never.self) { try entry(part, payload) }
      for shorter in 0..<count {
        #expect(throws: NetlinkMalformed.self) { try entry(part, Array(payload.prefix(shorter))) }
      }
      #expect(throws: NetlinkMalformed.self) {
        try entry(part, [UInt8(AddressFamily.unix.rawValue)] + payload.dropFirst())
      }
      // An attribute that is too short for what it should be.
      for kind in Int32(0)...8 where part != .vsock {
        let short = payload + NetlinkBytes.attribute(kind, [1])
        _ = try? entry(part, short)
      }
    }
    #expect(throws: NetlinkMalformed.self) {
      try entry(.packet, right[1].1 + NetlinkBytes.attribute(0, [1, 2, 3]))
    }
    #expect(throws: NetlinkMalformed.self) {
      try entry(.netlink, right[2].1 + NetlinkBytes.attribute(1, [1, 2]))
    }
  }

  @Test func noBytesTrap() {
    var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...120, using: &random)
      var payload = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let part = SocketTable.Part.allCases.randomElement(using: &random) ?? .unix
      if !payload.isEmpty { payload[0] = UInt8(truncatingIfNeeded: part.family.rawValue) }
      if let found = try? entry(part, payload) { #expect(!"\(found.localAddress)".isEmpty) }
    }
  }
}
