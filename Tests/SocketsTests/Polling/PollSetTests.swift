// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite(.blocking) struct PollSetTests {
  private static let loopback = SocketAddress.ipv4(.loopback, port: 0)

  @Test func aSocketIsReportedForWhatItIsWantedForOnly() throws {
    let pair = try ConnectedSocket.pair()
    var set = PollSet()
    set.add(pair.first, for: .readable)
    #expect(try set.wait(deadline: .now).isEmpty)

    try pair.second.write("x".utf8)
    let ready = try set.wait(deadline: .patience)
    #expect(
      Array(ready) == [PollSet.Event(descriptor: pair.first.descriptor, events: .readable)]
    )
    #expect(set.events(of: pair.first.descriptor) == .readable)

    set.add(pair.first, for: [.readable, .writable])
    #expect(set.count == 1)
    #expect(try set.wait().map(\.events) == [[.readable, .writable]])
  }

  @Test func onlyTheReadyOnesOfManyAreReported() throws {
    var pairs: [SocketPairBox] = []
    var set = PollSet()
    for _ in 0..<10 {
      let box = SocketPairBox(try ConnectedSocket.pair())
      set.add(box.pair.first, for: .readable)
      pairs.append(box)
    }
    for index in [2, 5, 9] { try pairs[index].pair.second.write("x".utf8) }
    let expected = Set([2, 5, 9].map { pairs[$0].pair.first.descriptor })
    let ready = try set.wait(deadline: .patience)
    #expect(ready.count == 3 && ready.underestimatedCount == 3)
    #expect(Set(ready.map(\.descriptor)) == expected)

    // Removing one in the middle must not lose the one that takes its place.
    #expect(set.remove(pairs[2].pair.first.descriptor) == true)
    #expect(set.remove(pairs[2].pair.first.descriptor) == false)
    #expect(set.interest(in: pairs[2].pair.first.descriptor) == nil)
    #expect(set.count == 9)
    let rest = Set([5, 9].map { pairs[$0].pair.first.descriptor })
    #expect(Set(try set.wait(deadline: .patience).map(\.descriptor)) == rest)
    #expect(set.remove(pairs[9].pair.first.descriptor) == true)
    #expect(
      try set.wait(deadline: .patience).map(\.descriptor) == [pairs[5].pair.first.descriptor]
    )
  }

  @Test func anUpdateChangesAMemberAndNoOther() throws {
    let pair = try ConnectedSocket.pair()
    var set = PollSet()
    #expect(set.update(pair.first.descriptor, to: .writable) == false)
    #expect(set.isEmpty)
    set.add(pair.first, for: .readable)
    #expect(set.update(pair.first.descriptor, to: .writable) == true)
    #expect(set.interest(in: pair.first.descriptor) == .writable)
    #expect(try set.wait().map(\.events) == [.writable])
    set.removeAll()
    #expect(set.isEmpty)
  }

  @Test func theEndOfAStreamIsReadableAndAHangUpOfThePeer() throws {
    let listener = try Socket(.ipv4).bind(to: Self.loopback).listen()
    var set = PollSet()
    set.add(listener, for: .readable)
    let client = try Socket(.ipv4).connect(to: listener.localAddress(), deadline: .patience)
    #expect(try set.wait(deadline: .patience).map(\.events) == [.readable])
    let server = try listener.accept(deadline: .patience)

    set.removeAll()
    set.add(server, for: [.readable, .peerHangUp])
    try client.shutdown(.write)
    #expect(try set.wait(deadline: .patience).map(\.events) == [[.readable, .peerHangUp]])

    // Both directions over: a hang-up, reported unasked.
    set.update(server.descriptor, to: [])
    try server.shutdown(.write)
    #expect(try set.wait(deadline: .patience).map(\.events) == [.hangUp])
  }

  @Test func outOfBandDataIsPriority() throws {
    let listener = try Socket(.ipv4).bind(to: Self.loopback).listen()
    let client = try Socket(.ipv4).connect(to: listener.localAddress(), deadline: .patience)
    let server = try listener.accept(deadline: .patience)
    var set = PollSet()
    set.add(server, for: .priority)
    #expect(try client.send("!".utf8, flags: .outOfBand) == 1)
    #expect(try set.wait(deadline: .patience).map(\.events) == [.priority])
  }

  @Test func aRefusedDatagramIsAnErrorUnasked() throws {
    let nobody = try DeafPort(Self.loopback, .datagram)
    let socket = try MessageSocket(.ipv4)
    try socket.connect(to: nobody.address)
    try socket.write("anyone?".utf8)
    var set = PollSet()
    set.add(socket, for: [])
    #expect(try set.wait(deadline: .patience).map(\.events) == [.error])
    #expect(try socket.takePendingError() == .connectionRefused)
    #expect(try set.wait(deadline: .now).isEmpty)
  }

  @Test func aClosedNumberIsInvalid() throws {
    // A number far above any that the other tests get, so that none of them can be given it.
    var set = PollSet()
    set.add(SocketDescriptor(rawValue: 1_000_000), for: .readable)
    #expect(try set.wait(deadline: .patience).map(\.events) == [.invalid])
  }

  @Test func anInterruptedWaitGoesOnWithWhatIsLeft() throws {
    let pair = try ConnectedSocket.pair()
    var set = PollSet()
    set.add(pair.first, for: .readable)
    let forced = ForcedCalls(.interrupt(.poll, times: 3), .answer(.poll, 0))
    let deadline = Deadline.patience
    let isEmpty = try forced.observing { () throws(SocketError) in
      try set.wait(deadline: deadline).isEmpty
    }
    #expect(isEmpty)
    #expect(forced.count(of: .poll) == 4)
    // Each wait was asked for less than the one before.
    let times = forced.records.map { "\($0.arguments[1])".split(separator: " ")[0] }
    let numbers = try times.map { try #require(Int($0)) }
    #expect(numbers == numbers.sorted(by: >) && Set(numbers).count == 4)
  }

  @Test func anEmptySetWaitsForTheDeadline() throws {
    var set = PollSet()
    let deadline = Deadline.milliseconds(5)
    #expect(try set.wait(deadline: deadline).isEmpty)
    #expect(deadline.hasPassed)
  }

  @Test(arguments: [Errno.noMemory, .invalidArgument])
  func aRefusalIsAnError(_ errno: Errno) throws {
    var set = PollSet()
    set.add(SocketDescriptor(rawValue: 0), for: .readable)
    let forced = ForcedCalls(.fail(.poll, errno))
    #expect(throws: SocketError(.poll, .system(errno))) {
      try forced.observing { () throws(SocketError) in _ = try set.wait() }
    }
  }

  @Test func constantsPrintAsInC() {
    #expect("\(PollSet.Interest([.readable, .peerHangUp]))" == "POLLIN|POLLRDHUP")
    #expect("\(PollSet.Events([.error, .hangUp]))" == "POLLERR|POLLHUP")
    #expect("\(PollSet.Events([]))" == "0")
    #expect("\(PollSet.Events(rawValue: -0x8000))" == "0x8000")
  }
}

/// Both ends of a pair in an array, which takes no type that cannot be copied.
private final class SocketPairBox {
  let pair: SocketPair
  init(_ pair: consuming SocketPair) { self.pair = pair }
}
