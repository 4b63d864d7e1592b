// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite struct UnixPaths {
  private func exists(_ path: FilePath) -> Bool { unsafe access(path.string, F_OK) == 0 }

  private func mode(_ path: FilePath) -> mode_t {
    var status = stat()
    return unsafe lstat(path.string, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  /// Waits until nobody has a path's socket any more: a process that another test starts has a copy until it runs its program.
  private func expectRefused(_ type: SocketType, _ path: FilePath) throws {
    let address = try SocketAddress.unix(path: path)
    let isRefused = settles {
      do throws(SocketError) {
        if type == .stream {
          _ = try ConnectedSocket.connected(to: address, deadline: .patience)
        } else {
          try MessageSocket(.unix).connect(to: address)
        }
        return false
      } catch {
        return error.errno == .connectionRefused
      }
    }
    #expect(isRefused)
  }

  @Test func aPathIsRemovedWithItsListener() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let listener = try ListeningSocket.bound(to: .unix(path: path))
    #expect(exists(path))
    try listener.close()
    #expect(!exists(path))
  }

  @Test func aPathWithoutAListenerIsReplaced() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let stale = try ListeningSocket.bound(to: .unix(path: path)).release()
    try stale.close()
    #expect(exists(path))
    try expectRefused(.stream, path)
    let listener = try ListeningSocket.bound(to: .unix(path: path))
    let client = try ConnectedSocket.connected(to: .unix(path: path), deadline: .patience)
    let server = try listener.accept(deadline: .patience)
    try client.write("x".utf8)
    var byte = [UInt8](repeating: 0, count: 1)
    #expect(try server.read(into: &byte) == 1)
  }

  @Test func aPathWithALiveListenerIsAnErrorThatSaysSo() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let live = try ListeningSocket.bound(to: .unix(path: path), backlog: 0)
    let address = try SocketAddress.unix(path: path)
    let waiting = try ConnectedSocket.connected(to: address, deadline: .patience)
    #expect(throws: SocketError(.bind, .pathInUse, subject: .address(address))) {
      _ = try ListeningSocket.bound(to: address)
    }
    // A socket of another type is alive as well, whatever its answer to the question is.
    #expect(throws: SocketError(.bind, .pathInUse, subject: .address(address))) {
      _ = try ListeningSocket.bound(to: address, .sequencedPacket)
    }
    _ = try live.accept(deadline: .patience)
    try waiting.close()
    #expect(exists(path))
  }

  @Test func whatIsNotASocketIsNeverTouched() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("file")
    let file = try FileDescriptor.open(
      path,
      .writeOnly,
      options: .create,
      permissions: .ownerReadWrite
    )
    try file.close()
    let address = try SocketAddress.unix(path: path)
    #expect(throws: SocketError(.bind, .pathIsNotASocket, subject: .address(address))) {
      _ = try ListeningSocket.bound(to: address)
    }
    #expect(exists(path))
  }

  @Test func aPathThatIsNoLongerOursStays() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let first = try ListeningSocket.bound(to: .unix(path: path))
    let removed = unsafe unlink(path.string)
    #expect(removed == 0)
    let second = try ListeningSocket.bound(to: .unix(path: path))
    try first.close()
    #expect(exists(path))
    try second.close()
    #expect(!exists(path))
  }

  // MARK: Datagrams

  @Test func aPathIsRemovedWithItsMessageSocket() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let closed = try MessageSocket.bound(to: .unix(path: path))
    #expect(exists(path))
    try closed.close()
    #expect(!exists(path))
    do {
      let ended = try MessageSocket.bound(to: .unix(path: path))
      #expect(ended.type == .datagram && exists(path))
    }
    #expect(!exists(path))
    let released = try MessageSocket.bound(to: .unix(path: path)).release()
    try released.close()
    #expect(exists(path))
  }

  /// Until it listens, a socket looks like a dead one to another that wants its path.
  @Test func whoeverLosesHisPathBeforeHeListensIsToldSo() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let address = try SocketAddress.unix(path: path)
    let rival = Rival(address)
    #expect(throws: SocketError(.bind, .pathInUse, subject: .address(address))) {
      try rival.observing { _ = try ListeningSocket.bound(to: address) }
    }
    // The path is the other's, who is there.
    #expect(exists(path))
    _ = try ConnectedSocket.connected(to: address)
  }

  /// Takes a path just before another listens there.
  private final class Rival: SystemCallObserver {
    private let address: SocketAddress
    private var hasActed = false
    private var listener: ListeningSocket?

    init(_ address: SocketAddress) { self.address = address }

    func willPerform(_ call: SystemCall, descriptor: CInt, count: inout Int) -> Int? {
      if call == .listen, !hasActed {
        hasActed = true
        listener = try? ListeningSocket.bound(to: address)
      }
      return nil
    }
  }

  @Test func aPathOfADeadMessageSocketIsReplaced() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    try MessageSocket.bound(to: .unix(path: path)).release().close()
    try expectRefused(.datagram, path)
    let socket = try MessageSocket.bound(to: .unix(path: path))
    try MessageSocket(.unix).sendDatagram([1], to: .unix(path: path))
    #expect(try nextBytes(of: socket) == [1])
  }

  @Test func aPathOfALiveMessageSocketIsAnErrorThatSaysSo() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let address = try SocketAddress.unix(path: path)
    let live = try MessageSocket.bound(to: address)
    let inUse = SocketError(.bind, .pathInUse, subject: .address(address))
    #expect(throws: inUse) { _ = try MessageSocket.bound(to: address) }
    #expect(throws: inUse) { _ = try ListeningSocket.bound(to: address) }
    // One that has a peer takes nothing from anybody else, and is alive all the same.
    let peer = try MessageSocket.bound(to: .unix(path: FilePath(folder.path).appending("peer")))
    try live.connect(to: peer.localAddress())
    #expect(throws: inUse) { _ = try MessageSocket.bound(to: address) }
    #expect(exists(path))
    let file = FilePath(folder.path).appending("file")
    try folder.write("", to: "file")
    #expect(
      throws: SocketError(.bind, .pathIsNotASocket, subject: .address(try .unix(path: file)))
    ) {
      _ = try MessageSocket.bound(to: .unix(path: file))
    }
    #expect(exists(file))
  }

  @Test func aPathThatIsNoLongerTheMessageSocketsStays() throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let first = try MessageSocket.bound(to: .unix(path: path))
    let removed = unsafe unlink(path.string)
    #expect(removed == 0)
    let second = try MessageSocket.bound(
      to: .unix(path: path), access: UnixPathAccess(permissions: .ownerReadWrite))
    try first.close()
    #expect(mode(path) == 0o600)
    try second.close()
    #expect(!exists(path))
  }

  @Test(arguments: [0o600, 0o660, 0o777, 0o000])
  func theModeIsExactlyTheOneAskedFor(mode number: UInt32) throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let listener = try ListeningSocket.bound(
      to: .unix(path: path),
      access: UnixPathAccess(permissions: FilePermissions(rawValue: number))
    )
    #expect(mode(path) == number)
    try listener.close()
  }
}
