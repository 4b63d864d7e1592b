// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Calls with a deadline end at it, and do not spin until then, where the kernel makes that hard.
@Suite(.blocking) struct DeadlineHonestyTests {
  @Test(.timeLimit(.minutes(5))) func aFileToAPeerThatReadsNothingEndsAtTheDeadline() throws {
    let folder = try ScratchFolder()
    try folder.write(String(repeating: "x", count: 1_000_000), to: "file")
    let file = try FileDescriptor.open(FilePath(folder.path + "/file"), .readOnly)
    defer { try? file.close() }
    let pair = try ConnectedSocket.pair()
    let forced = ForcedCalls()
    forced.observing {
      do throws(SocketError) {
        _ = try pair.first.sendFile(file, deadline: .milliseconds(50))
        Issue.record("nobody reads, so it cannot have gone whole")
      } catch {
        #expect(error.cause == .deadlinePassed)
        #expect(error.bytesTransferred > 0)
      }
    }
    #expect(forced.records.count < 100, "it must not spin")
  }

  @Test(.timeLimit(.minutes(5))) func aSpliceToAPeerThatReadsNothingEndsAtTheDeadline() throws {
    let source = try ConnectedSocket.pair()
    let target = try ConnectedSocket.pair()
    while try !full(target.first) {}
    try source.second.write([1, 2, 3])
    var splice = try Splice()
    do throws(SocketError) {
      _ = try splice.move(
        from: source.first,
        to: target.first,
        upTo: 3,
        deadline: .milliseconds(50)
      )
      Issue.record("nobody reads, so it cannot have gone")
    } catch {
      #expect(error.cause == .deadlinePassed)
    }
    #expect(splice.pendingByteCount == 3)
  }

  private func full(_ socket: borrowing ConnectedSocket) throws -> Bool {
    let bytes = [UInt8](repeating: 0, count: 4096)
    // SAFETY: every byte of an array of bytes may be read.
    return try socket.trySend(unsafe bytes.span.bytes) == nil
  }

  @Test func aFullUnixDatagramQueueIsWaitedForWithoutSpinning() throws {
    let name = try SocketAddress.unix(abstract: "full-\(UInt64.random(in: 0 ... .max))")
    let receiver = try MessageSocket.bound(to: name)
    let sender = try MessageSocket(.unix)
    let byte: [UInt8] = [1]
    // SAFETY: as above.
    while try sender.trySendDatagram(unsafe byte.span.bytes, to: name) != nil {}
    let forced = ForcedCalls()
    _ = forced.observing {
      #expect(throws: SocketError(.sendDatagram, .deadlinePassed, subject: .address(name))) {
        try sender.sendDatagram(byte, to: name, deadline: .milliseconds(100))
      }
    }
    #expect(forced.records.count < 50, "\(forced.records.count) calls in 100 ms")
    #expect(try receiver.takePendingError() == nil)
  }

  @Test func aDatagramReadFromATCPStreamLosesNothing() throws {
    let listener = try Socket(.ipv4).bind(to: anyPort).listen()
    let client = try Socket(.ipv4).connect(to: listener.localAddress())
    let server = try listener.accept(deadline: .patience)
    try client.write([1, 2, 3])
    var bytes: [UInt8] = [0, 0, 0]
    let first = try server.receiveDatagram(into: &bytes, deadline: .patience)
    #expect(first.byteCount == 3)
    #expect(bytes == [1, 2, 3])
  }

  @Test func aFarPastAndAFarFutureAreDeadlines() {
    #expect(Deadline.after(.nanoseconds(Int64.min)).hasPassed)
    #expect(Deadline.after(.seconds(Int64.min)).hasPassed)
    #expect(Deadline.after(.seconds(Int64.max)) == .never)
    #expect(Deadline.after(.seconds(Int64.max) + .seconds(Int64.max)) == .never)
  }

  @Test func aSelfConnectionThroughTheWildcardIsSeen() throws {
    let socket = try Socket(.ipv4).bind(to: anyPort)
    let port = try #require(try socket.localAddress().ip?.port)
    let address = SocketAddress.ipv4(IPv4Address(0, 0, 0, 0), port: port)
    var bound: BoundSocket? = socket
    #expect(throws: SocketError(.connect, .selfConnection, subject: .address(address))) {
      _ = try bound.take()?.connect(to: address)
    }
  }
}
