// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite struct DescriptorPassing {
  /// Whether a descriptor is open and closed on exec.
  private func isClosedOnExec(_ number: Int32) -> Bool {
    Syscall.fcntl(number, command: F_GETFD, argument: 0) == Int(FD_CLOEXEC)
  }

  @Test(arguments: [SocketType.stream, .datagram, .sequencedPacket])
  func aSocketArrivesAsAnOwnerThatWorks(_ kind: SocketType) throws {
    let wire = try ConnectedSocket.pair(kind)
    let passed = try ConnectedSocket.pair()
    try wire.first.sendDescriptor(of: passed.first, with: "take it".utf8)

    var buffer = [UInt8](repeating: 0, count: 16)
    var message = try wire.second.receiveDescriptors(into: &buffer, deadline: .patience)
    let byteCount = message.byteCount
    #expect(byteCount == 7)
    let (count, lost) = (message.descriptors.count, message.lostDescriptors)
    #expect(count == 1 && !lost)
    let taken = message.descriptors.takeFirst()
    guard let taken else { throw Missing() }
    #expect(isClosedOnExec(taken.rawValue))
    let socket = try taken.connectedSocket()
    let (type, family) = (socket.type, socket.family)
    #expect(type == .stream && family == .unix)
    try socket.write("hello".utf8)
    try passed.second.read(exactlyInto: &buffer, upTo: 5)
    #expect(buffer.prefix(5).elementsEqual("hello".utf8))
  }

  @Test func everyKindOfOwnerCanBeMadeOfAReceivedDescriptor() throws {
    let wire = try ConnectedSocket.pair()
    let listener = try Socket(.unix).bind(to: SocketAddress(bytesOf: [1, 0])).listen()
    let datagrams = try MessageSocket(.unix)
    var buffer = [UInt8](repeating: 0, count: 16)

    try wire.first.sendDescriptors(
      [listener.descriptor, datagrams.descriptor].map { FileDescriptor(rawValue: $0.rawValue) },
      with: "x".utf8
    )
    var message = try wire.second.receiveDescriptors(into: &buffer)
    guard let first = message.descriptors.takeFirst(),
      let second = message.descriptors.takeFirst()
    else { throw Missing() }
    let received = try first.listeningSocket()
    #expect(try received.localAddress() == listener.localAddress())
    #expect(try received.tryAccept() == nil)
    let type = try second.messageSocket().type
    #expect(type == .datagram)
    let isEmpty = message.descriptors.isEmpty
    #expect(isEmpty)
  }

  @Test func whatIsNotTheSocketThatWasWantedIsAnErrorAndClosed() throws {
    let wire = try ConnectedSocket.pair()
    let end = try OpenFile()
    var buffer: [UInt8] = [0]
    try wire.first.sendDescriptors([end.descriptor], with: "x".utf8)
    var message = try wire.second.receiveDescriptors(into: &buffer)
    guard let taken = message.descriptors.takeFirst() else { throw Missing() }
    let forced = ForcedCalls()
    let previous = Syscall.installObserver(forced)
    defer { Syscall.restoreObserver(previous) }
    do throws(SocketError) {
      _ = try taken.connectedSocket()
      Issue.record("a file was taken for a socket")
    } catch {
      #expect(error == SocketError(.adopt, .system(.notSocket)))
    }
    #expect(forced.records.last?.call == .close)
    #expect(forced.records.last?.result == 0)
  }

  @Test func aConnectedSocketIsNoListener() throws {
    let wire = try ConnectedSocket.pair()
    var buffer: [UInt8] = [0]
    try wire.first.sendDescriptor(of: wire.first, with: "x".utf8)
    var message = try wire.second.receiveDescriptors(into: &buffer)
    guard let taken = message.descriptors.takeFirst() else { throw Missing() }
    do throws(SocketError) {
      _ = try taken.listeningSocket()
      Issue.record("a connected socket was taken for a listening one")
    } catch {
      #expect(error == SocketError(.adopt, .system(.invalidArgument)))
    }
  }

  @Test func twoHundredAndFiftyThreeFitAndOneMoreIsAnErrorBeforeTheCall() throws {
    let wire = try ConnectedSocket.pair()
    let one = FileDescriptor(rawValue: wire.first.descriptor.rawValue)
    var buffer = [UInt8](repeating: 0, count: 1)
    try wire.first.sendDescriptors(Array(repeating: one, count: 253), with: "x".utf8)
    let message = try wire.second.receiveDescriptors(into: &buffer, deadline: .patience)
    let (count, lost) = (message.descriptors.count, message.lostDescriptors)
    #expect(count == 253 && !lost)

    let forced = ForcedCalls()
    forced.observing {
      _ = #expect(throws: SocketError(.sendMessage, .limitExceeded)) {
        try wire.first.sendDescriptors(Array(repeating: one, count: 254), with: "x".utf8)
      }
    }
    #expect(forced.calls.isEmpty)
    var control = try ControlMessages(descriptors: Array(repeating: one, count: 200))
    #expect(throws: SocketError(.sendMessage, .limitExceeded)) {
      try control.append(descriptors: Array(repeating: one, count: 54))
    }
    #expect(control.descriptorCount == 200)
  }

  @Test func descriptorsNeedAUnixSocketAndOnAStreamAByte() throws {
    let wire = try ConnectedSocket.pair()
    #expect(throws: SocketError(.sendMessage, .system(.invalidArgument))) {
      try wire.first.sendDescriptor(of: wire.first, with: [])
    }
    let udp = try MessageSocket(.ipv4)
    let control = try ControlMessages(descriptors: [.standardInput])
    #expect(throws: SocketError(.sendMessage, .wrongAddressFamily)) {
      try udp.sendMessage("x".utf8, control: control)
    }
    let datagrams = try ConnectedSocket.pair(.datagram)
    try datagrams.first.sendDescriptor(of: wire.first, with: [])
    var buffer = [UInt8](repeating: 0, count: 1)
    let message = try datagrams.second.receiveDescriptors(into: &buffer, deadline: .patience)
    let (byteCount, count) = (message.byteCount, message.descriptors.count)
    #expect(byteCount == 0 && count == 1)
  }

  @Test func aLookLeavesTheDescriptorsToComeAgain() throws {
    let wire = try ConnectedSocket.pair()
    try wire.first.sendDescriptor(of: wire.first, with: "x".utf8)
    var control = ControlBuffer()
    var buffer = [UInt8](repeating: 0, count: 1)
    _ = try wire.second.receiveMessage(into: &buffer, control: &control, flags: .peek)
    #expect(control.descriptorCount == 1)
    _ = try wire.second.receiveMessage(into: &buffer, control: &control)
    #expect(control.descriptorCount == 1)
    #expect(control.messages == [.descriptors(count: 1)])
    let count = control.takeDescriptors().count
    #expect(count == 1)
    #expect(control.descriptorCount == 0)
    let again = control.takeDescriptors().count
    #expect(again == 0)
    #expect(control.messages == [.descriptors(count: 0)])
  }

  @Test func whatDoesNotFitIsReportedAndClosedByTheKernel() throws {
    let wire = try ConnectedSocket.pair(.datagram)
    let one = FileDescriptor(rawValue: wire.first.descriptor.rawValue)
    // The header, two numbers, and half of a third.
    var control = ControlBuffer(capacity: 16 + 10)
    var buffer = [UInt8](repeating: 0, count: 1)
    try wire.first.sendDescriptors([one, one, one, one], with: "xy".utf8)
    let message = try wire.second.receiveMessage(into: &buffer, control: &control)
    #expect(message.isControlTruncated)
    #expect(message.isTruncated)
    #expect(message.byteCount == 1 && message.originalByteCount == 2)
    #expect(control.descriptorCount == 2)
  }
}

/// A descriptor that is no socket.
final class OpenFile {
  let descriptor: FileDescriptor

  init() throws { descriptor = try FileDescriptor(rawValue: 2).duplicate() }

  deinit { try? descriptor.close() }
}

/// Something that a test needs did not come.
struct Missing: Error {}
