// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite(.requires(.kernel(5, 0))) struct ZeroCopy {
  @Test func pagesThatWereSentComeBackWhenTheKernelHasReleasedThem() throws {
    let (sent, received) = try throughTCP { sender in
      var all: [UInt8] = []
      var pages = try PageBuffer(byteCount: 50_000)
      for round in 0..<4 {
        fill(&pages, with: UInt8(round))
        let flight = try sender.send(pages, deadline: .patience)
        all += [UInt8](repeating: UInt8(round), count: 50_000)
        try sender.wait(for: flight, deadline: .patience)
        #expect(flight.isReleased == true)
        // Loopback cannot send from foreign pages: the kernel must say that it copied.
        #expect(flight.wasCopied == true)
        guard let back = flight.takePages() else { throw Lost() }
        pages = back
      }
      #expect(sender.pendingCount == 0)
      return all
    }
    #expect(sent == received)
  }

  @Test func manyAreOnTheirWayAtOnceAndEachIsReleased() throws {
    let (sent, received) = try throughTCP { sender in
      var all: [UInt8] = []
      for round in 0..<40 {
        var pages = try PageBuffer(byteCount: 5_000)
        fill(&pages, with: UInt8(round))
        // Nobody waits for it, and the memory goes back to the system at once.
        _ = try sender.send(pages, deadline: .patience)
        all += [UInt8](repeating: UInt8(round), count: 5_000)
      }
      var last = try PageBuffer(byteCount: 1)
      fill(&last, with: 99)
      let flight = try sender.send(last, deadline: .patience)
      try sender.wait(for: flight, deadline: .patience)
      return all + [99]
    }
    #expect(sent == received)
  }

  @Test func aDatagramGoesWithoutCopyingAsWell() throws {
    let receiver = try MessageSocket.bound(to: .loopback(.ipv4))
    var sender = try ZeroCopySender(MessageSocket(.ipv4))
    var pages = try PageBuffer(byteCount: 3000)
    fill(&pages, with: 7)
    let flight = try sender.send(pages, to: receiver.localAddress(), deadline: .patience)
    #expect(try nextBytes(of: receiver) == [UInt8](repeating: 7, count: 3000))
    try sender.wait(for: flight, deadline: .patience)
    #expect(flight.isReleased == true)
  }

  @Test func aSocketThatCannotSaysSo() throws {
    do {
      let socket = try MessageSocket.bound(to: .loopback(.unix))
      _ = try ZeroCopySender(socket)
      Issue.record("a Unix socket sends without copying")
    } catch {
      #expect(error.errno == .notSupportedOnSocket)
    }
    #expect(throws: SocketError.self) { _ = try PageBuffer(byteCount: 0) }
  }

  @Test func numbersThatBeginAnewAreCountedOn() {
    let flight = Flight(first: .max - 1)
    for _ in 0..<4 { flight.add() }
    flight.land(.max, 2, isCopied: false)
    #expect(!flight.isReleased)
    // Another's.
    flight.land(2, 5, isCopied: true)
    #expect(!flight.isReleased && !flight.wasCopied)
    flight.land(.max - 3, 3, isCopied: false)
    #expect(!flight.isReleased)
    flight.land(1, 1, isCopied: true)
    #expect(flight.isReleased && flight.wasCopied)
  }

  private struct Lost: Error {}

  /// Has a body send over TCP: what it says it has sent, and what arrived.
  private func throughTCP(
    _ body: (inout ZeroCopySender<ConnectedSocket>) throws -> [UInt8]
  ) throws -> ([UInt8], [UInt8]) {
    let listener = try ListeningSocket.bound(to: .loopback(.ipv4))
    var sender = try ZeroCopySender(
      ConnectedSocket.connected(to: listener.localAddress(), deadline: .patience))
    let server = try listener.accept(deadline: .patience)
    let descriptor = server.release()
    let arrived = BackgroundResult {
      let server = try ConnectedSocket(adopting: descriptor)
      var all: [UInt8] = []
      while case let bytes = try nextBytes(of: server), !bytes.isEmpty { all += bytes }
      return all
    }
    let sent = try body(&sender)
    try sender.release().close()
    return (sent, try arrived.value)
  }

  private func fill(_ pages: inout PageBuffer, with byte: UInt8) {
    pages.withMutableBytes { bytes in
      // SAFETY: every byte of the pages may be written.
      unsafe bytes.withUnsafeMutableBytes { bytes in
        for index in bytes.indices { unsafe bytes[index] = byte }
      }
    }
  }
}
