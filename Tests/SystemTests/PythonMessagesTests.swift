// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

/// Descriptors and credentials exchanged with a Python process over a Unix socket.
@Suite(.blocking, .requires(.program("python3")), .timeLimit(.minutes(5)))
struct PythonMessagesTests {
  /// A Python process whose descriptor 3 is the other end of a socket of ours.
  private struct Peer: ~Copyable {
    let socket: ConnectedSocket
    let process: ChildProcess

    static func running(_ script: String) throws -> Peer {
      let pair = try ConnectedSocket.pair()
      let process = try ChildProcess(
        "python3", ["-c", "import array, os, socket\npeer = socket.socket(fileno=3)\n" + script],
        passing: pair.second.descriptor.rawValue)
      return Peer(socket: pair.first, process: process)
    }

    func expectGoodEnd() throws {
      let code = try process.waitForExit()
      #expect(code == 0, "\(process.text)")
    }
  }

  @Test func pythonUsesTheDescriptorsThatWeSend() throws {
    let folder = try ScratchFolder()
    try folder.write("the file's text", to: "file")
    let file = try FileDescriptor.open(FilePath("\(folder.path)/file"), .readOnly)
    defer { try? file.close() }
    let wire = try ConnectedSocket.pair()
    let peer = try Peer.running(
      """
      data, descriptors, flags, _ = socket.recv_fds(peer, 100, 4)
      assert data == b"two descriptors", data
      assert len(descriptors) == 2, descriptors
      text = os.read(descriptors[0], 100)
      wire = socket.socket(fileno=descriptors[1])
      wire.sendall(b"python read: " + text)
      """)
    try peer.socket.sendDescriptors(
      [file, FileDescriptor(rawValue: wire.second.descriptor.rawValue)],
      with: "two descriptors".utf8, deadline: .patience)
    let text = try nextBytes(of: wire.first)
    #expect(String(decoding: text, as: UTF8.self) == "python read: the file's text")
    try peer.expectGoodEnd()
  }

  @Test func weUseTheDescriptorsThatPythonSends() throws {
    let peer = try Peer.running(
      """
      near, far = socket.socketpair()
      near.sendall(b"over the pair")
      listener = socket.create_server(("127.0.0.1", 0))
      read_end, write_end = os.pipe()
      socket.send_fds(peer, [b"three descriptors"], [far.fileno(), listener.fileno(), read_end])
      peer.recv(1)
      """)
    var buffer = [UInt8](repeating: 0, count: 100)
    var message = try peer.socket.receiveDescriptors(into: &buffer, deadline: .patience)
    #expect(String(decoding: buffer[..<message.byteCount], as: UTF8.self) == "three descriptors")
    let (count, lost) = (message.descriptors.count, message.lostDescriptors)
    #expect(count == 3)
    #expect(!lost)

    let first = try next(&message.descriptors)
    #expect(fcntl(first.rawValue, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
    let wire = try first.connectedSocket()
    #expect(try nextBytes(of: wire) == Array("over the pair".utf8))

    let second = try next(&message.descriptors)
    let listener = try second.listeningSocket()
    let client = try Socket(.ipv4)
      .connect(to: listener.localAddress(), deadline: .patience)
    let server = try listener.accept(deadline: .patience)
    try client.write([7])
    #expect(try nextBytes(of: server) == [7])

    // A pipe is no socket, which is an error and closes it: the run's own count of descriptors would tell.
    let third = try next(&message.descriptors)
    do throws(SocketError) {
      _ = try third.connectedSocket()
      Issue.record("a pipe was taken for a socket")
    } catch {
      #expect(error.errno == .notSocket)
    }
    try peer.socket.write([1])
    try peer.expectGoodEnd()
  }

  @Test func weSeeWhoPythonIs() throws {
    let peer = try Peer.running(
      """
      peer.recv(1)
      peer.sendall(b"me %d" % os.getpid())
      peer.recv(1)
      """)
    try peer.socket.setOption(.passCredentials, to: true)
    try peer.socket.write([1])
    var buffer = [UInt8](repeating: 0, count: 100)
    var control = ControlBuffer()
    let message = try peer.socket.receiveMessage(
      into: &buffer, control: &control, deadline: .patience)
    let said = String(decoding: buffer[..<message.byteCount], as: UTF8.self)
    let found = control.credentials
    let credentials = try #require(found)
    #expect(said == "me \(credentials.processID)")
    #expect(credentials.userID == geteuid())
    #expect(credentials.groupID == getegid())
    try peer.socket.write([1])
    try peer.expectGoodEnd()
  }

  @Test func pythonSeesWhoWeAre() throws {
    let peer = try Peer.running(
      """
      peer.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
      peer.sendall(b"r")
      data, control, flags, _ = peer.recvmsg(100, socket.CMSG_SPACE(12))
      level, kind, payload = control[0]
      assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS), control
      print("%s %d %d %d" % (data.decode(), *array.array("i", payload)))
      """)
    #expect(try nextBytes(of: peer.socket) == Array("r".utf8))
    let control = try ControlMessages(.credentials(.current))
    _ = try peer.socket.sendMessage("we".utf8, control: control, deadline: .patience)
    try peer.expectGoodEnd()
    #expect(peer.process.text == "we \(getpid()) \(geteuid()) \(getegid())\n")
  }

  private func next(
    _ descriptors: inout ReceivedDescriptors
  ) throws -> ReceivedDescriptor {
    guard let descriptor = descriptors.takeFirst() else {
      throw Missing(description: "fewer descriptors came than were sent")
    }
    return descriptor
  }

  private struct Missing: Error, CustomStringConvertible {
    let description: String
  }
}
