// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CTestSupport
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Bytes that tell their own place.
private func pattern(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
}

@Suite struct Pieces {
  @Test(arguments: [1, 5, 1024, 1025, 3000])
  func gatheredPiecesArriveInOrder(count: Int) throws {
    let pair = try ConnectedSocket.pair()
    let all = pattern(count * 3)
    let pieces = (0..<count).map { Array(all[($0 * 3)..<($0 * 3 + 3)]) } + [[]]
    let reader = pair.first
    let writer = pair.second
    try writer.write(gathering: pieces)
    var got = [UInt8](repeating: 0, count: all.count)
    try reader.read(exactlyInto: &got, deadline: .patience)
    #expect(got == all)
  }

  @Test func aGatheredWriteThatIsCutGoesOnInTheMiddle() throws {
    let pair = try ConnectedSocket.pair()
    let reader = pair.first
    let writer = pair.second
    let all = pattern(3_000_000)
    let pieces = stride(from: 0, to: all.count, by: 70_001).map {
      Array(all[$0..<min($0 + 70_001, all.count)])
    }
    let sending = BackgroundResult { try writer.write(gathering: pieces, deadline: .patience) }
    var got = [UInt8](repeating: 0, count: all.count)
    try reader.read(exactlyInto: &got, deadline: .patience)
    try sending.value
    #expect(got == all)
  }

  @Test func scatteredBytesFillEachPieceBeforeTheNext() throws {
    let pair = try ConnectedSocket.pair()
    let reader = pair.first
    let writer = pair.second
    try writer.write(pattern(7))
    var pieces: [[UInt8]] = [[0, 0, 0], [], [0, 0], [0, 0, 0, 0]]
    #expect(try reader.read(scatteringInto: &pieces) == 7)
    #expect(Array(pieces.joined()) == pattern(7) + [0, 0])
  }

  @Test func aFileIsSentFromItsOffset() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("data")
    let bytes = pattern(300_000)
    let file = try FileDescriptor.open(
      path,
      .readWrite,
      options: .create,
      permissions: .ownerReadWrite
    )
    defer { try? file.close() }
    try file.writeAll(bytes)
    let pair = try ConnectedSocket.pair()
    let reader = pair.first
    let writer = pair.second
    let sending = BackgroundResult { () throws -> [Int] in
      let rest = try writer.sendFile(file, from: 1000, deadline: .patience)
      let part = try writer.sendFile(file, byteCount: 10)
      let none = try writer.sendFile(file, from: 300_000)
      return [rest, part, none]
    }
    var got = [UInt8](repeating: 0, count: 299_010)
    try reader.read(exactlyInto: &got, deadline: .patience)
    #expect(try sending.value == [299_000, 10, 0])
    #expect(got.elementsEqual(bytes[1000...] + bytes[..<10]))
  }

  /// The kernel sends a file in pieces; when the peer resets between two of them the call has moved a part, and has raised SIGPIPE
  /// all the same.
  @Test(.timeLimit(.minutes(5))) func aPartOfAFileRaisesNoSIGPIPE() throws {
    let folder = try ScratchFolder()
    let file = try FileDescriptor.open(
      FilePath(folder.path).appending("data"), .readWrite, options: .create,
      permissions: .ownerReadWrite)
    defer { try? file.close() }
    try file.resize(to: 1 << 20)
    let outcome = try BackgroundResult { () throws -> (isPending: Bool, moved: Int) in
      cts_hold_sigpipe()
      let listener = try ListeningSocket.bound(to: .loopback(.ipv4))
      let client = try ConnectedSocket.connected(
        to: listener.localAddress(), deadline: .patience)
      let peer = try listener.accept(deadline: .patience)
      try peer.close()
      // The peer's end has come: the next bytes are answered by a reset.
      #expect(try nextBytes(of: client) == [])
      var moved = 0
      do throws(SocketError) {
        moved = try client.sendFile(file, from: 0)
      } catch {
        moved = error.bytesTransferred
      }
      return (cts_sigpipe_is_pending() != 0, moved)
    }.value
    #expect(!outcome.isPending)
    #expect(outcome.moved > 0 && outcome.moved < 1 << 20)
  }

  @Test func aNegativeOffsetIsRefusedAndNotRead() throws {
    let pair = try ConnectedSocket.pair()
    let writer = pair.second
    _ = pair.first
    #expect(throws: SocketError(.sendFile, .system(.invalidArgument))) {
      _ = try writer.sendFile(.standardInput, from: -1)
    }
  }

  @Test func splicingMovesAllBytesAndTellsTheEnd() throws {
    let left = try ConnectedSocket.pair()
    let right = try ConnectedSocket.pair()
    let client = left.first
    let relayIn = left.second
    let relayOut = right.first
    let server = right.second
    let all = pattern(500_000)
    let sending = BackgroundResult {
      try client.write(all, deadline: .patience)
      try client.shutdown(.write)
    }
    let relaying = BackgroundResult { () throws -> Int in
      var splice = try Splice()
      var moved = 0
      while true {
        let count = try splice.move(
          from: relayIn,
          to: relayOut,
          upTo: 65536,
          deadline: .patience
        )
        if count == 0 { break }
        moved += count
      }
      try relayOut.shutdown(.write)
      return moved
    }
    var got: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = try server.read(into: &buffer, deadline: .patience), count > 0 {
      got += buffer[..<count]
    }
    try sending.value
    #expect(try relaying.value == all.count)
    #expect(got == all)
  }

  /// The kernel's splice stops before TCP's urgent byte, as at the end where it may wait.
  @Test(arguments: [true, false]) func aSplicePassesTheUrgentByte(_ mayWait: Bool) throws {
    let listener = try Socket(.ipv4).bind(to: .ipv4(.loopback, port: .any)).listen()
    let source = try Socket(.ipv4).connect(to: listener.localAddress(), deadline: .patience)
    let entry = try listener.accept(deadline: .patience)
    let exit = try Socket(.ipv4).connect(to: listener.localAddress(), deadline: .patience)
    let target = try listener.accept(deadline: .patience)
    try source.write("abc".utf8)
    #expect(try source.send("!".utf8, flags: .outOfBand) == 1)
    try source.write("def".utf8)
    try source.shutdown(.write)
    var splice = try Splice()
    var moved = 0
    while case let count = try splice.move(
      from: entry, to: exit, upTo: 100, deadline: mayWait ? .never : .patience), count > 0
    {
      moved += count
    }
    #expect(moved == 6)
    var bytes = [UInt8](repeating: 0, count: 6)
    try target.read(exactlyInto: &bytes, deadline: .patience)
    #expect(bytes == Array("abcdef".utf8))
  }
}
