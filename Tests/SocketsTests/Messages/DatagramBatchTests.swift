// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

@Suite struct DatagramBatches {
  @Test(arguments: [AddressFamily.ipv4, .ipv6, .unix])
  func sixtyFourDatagramsComeByOneCallInTheirOrder(_ family: AddressFamily) throws {
    let two = try Two(family)
    var out = DatagramBatch()
    for number in 0..<64 {
      // Of every length from nothing on.
      try out.append([UInt8](repeating: UInt8(number), count: number), to: two.other.localAddress())
    }
    #expect(out.count == out.capacity)
    #expect(throws: SocketError(.sendBatch, .limitExceeded)) { try out.append([1]) }
    try two.other.setOption(.receiveBufferSize, to: 1 << 20)
    // A Unix receiver holds back its senders: what has gone is taken before the rest goes.
    var received: [[UInt8]] = []
    var batch = DatagramBatch()
    while received.count < 64 {
      if !out.isEmpty { _ = try two.one.trySendBatch(&out) }
      try two.other.receiveBatch(into: &batch, deadline: .patience)
      for index in 0..<batch.count {
        let message = batch[index]
        #expect(try message.sender == two.one.localAddress())
        #expect(!message.isTruncated && message.byteCount == message.originalByteCount)
        received.append(batch.bytes(of: index))
      }
    }
    #expect(received == (0..<64).map { [UInt8](repeating: UInt8($0), count: $0) })
    #expect(try two.other.tryReceiveBatch(into: &batch) == false)
    #expect(batch.count == 0)
  }

  @Test(arguments: [AddressFamily.ipv4, .ipv6, .unix])
  func aBatchThatCameGoesBackAsItIs(_ family: AddressFamily) throws {
    let two = try Two(family)
    for number in 0..<5 {
      try two.one.sendDatagram([UInt8(number), 7], to: two.other.localAddress())
    }
    var batch = DatagramBatch()
    var echoed = 0
    while echoed < 5 {
      try two.other.receiveBatch(into: &batch, deadline: .patience)
      echoed += batch.count
      try two.other.sendBatch(&batch, deadline: .patience)
      #expect(batch.count == 0)
    }
    for number in 0..<5 { #expect(try nextBytes(of: two.one) == [UInt8(number), 7]) }
  }

  @Test func whatIsTooLongIsCutAndTold() throws {
    let two = try Two(.ipv4)
    try two.one.sendDatagram("abcdef".utf8, to: two.other.localAddress())
    try two.one.sendDatagram("abc".utf8, to: two.other.localAddress())
    var batch = DatagramBatch(capacity: 2, datagramSize: 4)
    try two.other.receiveBatch(into: &batch, deadline: .patience)
    while batch.count < 2 { try two.other.receiveBatch(into: &batch, deadline: .patience) }
    #expect(batch[0].isTruncated && batch[0].byteCount == 4 && batch[0].originalByteCount == 6)
    #expect(batch.bytes(of: 0) == Array("abcd".utf8))
    #expect(!batch[1].isTruncated && batch.bytes(of: 1) == Array("abc".utf8))
  }

  @Test func theFirstThatFailsStaysTheFirst() throws {
    let two = try Two(.ipv4)
    let address = try two.other.localAddress()
    var batch = DatagramBatch(capacity: 4, datagramSize: 65535)
    try batch.append([1], to: address)
    try batch.append([2], to: address)
    // Longer than a datagram may be.
    try batch.append([UInt8](repeating: 0, count: 65535), to: address)
    try batch.append([4], to: address)
    #expect(throws: SocketError(.sendBatch, .system(.messageTooLong), subject: .address(address))) {
      try two.one.sendBatch(&batch, deadline: .patience)
    }
    #expect(batch.count == 2)
    batch.removeFirst()
    // The slots that were given back are used again.
    try batch.append([5], to: address)
    try batch.append([6], to: address)
    try batch.append([7], to: address)
    #expect(batch.count == batch.capacity)
    try two.one.sendBatch(&batch, deadline: .patience)
    for byte in [1, 2, 4, 5, 6, 7] as [UInt8] { #expect(try nextBytes(of: two.other) == [byte]) }
  }

  @Test(.requires(.kernel(5, 0)))
  func theKernelDividesAndPutsTogether() throws {
    let two = try Two(.ipv4)
    try two.other.setOption(.receivesCoalescedDatagrams, to: true)
    var out = DatagramBatch(capacity: 1, datagramSize: 65535)
    let bytes = (0..<4500).map { UInt8(truncatingIfNeeded: $0 / 1000) }
    try out.append(bytes, inSegmentsOf: 1000, to: two.other.localAddress())
    try two.one.sendBatch(&out, deadline: .patience)
    var batch = DatagramBatch(capacity: 8, datagramSize: 65535)
    try two.other.receiveBatch(into: &batch, deadline: .patience)
    #expect(batch.count == 1 && batch.segmentSize(of: 0) == 1000)
    #expect(batch.segments(of: 0).map(\.count) == [1000, 1000, 1000, 1000, 500])
    #expect(batch.segments(of: 0).flatMap(\.self) == bytes)
    // Sent back, it is divided again.
    try two.other.sendBatch(&batch, deadline: .patience)
    for count in [1000, 1000, 1000, 1000, 500] {
      #expect(try nextBytes(of: two.one).count == count)
    }
  }

  @Test func anItemThatTheFamilyDoesNotReadIsRefused() throws {
    let two = try Two(.unix)
    let address = try two.other.localAddress()
    var batch = DatagramBatch()
    try batch.append([1], to: address)
    try batch.append([2], to: address, control: ControlMessages(.hopLimit(3)))
    try batch.append([3], to: address)
    // Those before it go, so that it is the first that has failed.
    #expect(
      throws: SocketError(.sendBatch, .wrongAddressFamily, subject: .address(address))
    ) { try two.one.sendBatch(&batch, deadline: .patience) }
    #expect(batch.count == 2)
    batch.removeFirst()
    try two.one.sendBatch(&batch, deadline: .patience)
    #expect(batch.count == 0)
    for byte in [1, 3] as [UInt8] { #expect(try nextBytes(of: two.other) == [byte]) }
  }

  @Test func aPlaceThatHadAnItemIsFreeOfItAfterwards() throws {
    let two = try Two(.unix)
    var batch = DatagramBatch(capacity: 1)
    try batch.append([1], to: two.other.localAddress(), control: ControlMessages(.hopLimit(3)))
    try two.one.sendDatagram([2], to: two.other.localAddress())
    try two.other.receiveBatch(into: &batch, deadline: .patience)
    try two.other.sendBatch(&batch, deadline: .patience)
    #expect(try nextBytes(of: two.one) == [2])
  }

  @Test func aStreamHasNoDatagrams() throws {
    let pair = try ConnectedSocket.pair()
    var batch = DatagramBatch()
    #expect(throws: SocketError(.receiveBatch, .system(.notSupportedOnSocket))) {
      _ = try pair.first.tryReceiveBatch(into: &batch)
    }
  }

  @Test func aDeadlineEndsTheWait() throws {
    let two = try Two(.ipv4)
    var batch = DatagramBatch()
    #expect(throws: SocketError(.receiveBatch, .deadlinePassed)) {
      try two.other.receiveBatch(into: &batch, deadline: .milliseconds(2))
    }
    #expect(batch.count == 0)
  }

  @Test func descriptorsAreTakenOrClosed() throws {
    let pair = try ConnectedSocket.pair(.datagram)
    // Each of the far ends is held by nobody but the messages on their way.
    let kept = try passEnd(over: pair.first)
    let dropped = try passEnd(over: pair.first)
    let left = try passEnd(over: pair.first)
    var control = ControlBuffer()
    do {
      var batch = DatagramBatch(capacity: 3, datagramSize: 4, controlSize: 64)
      try pair.second.receiveBatch(into: &batch, deadline: .patience)
      #expect(batch.count == 3)
      batch.takeControl(of: 0, into: &control)
      batch.removeFirst(2)
      #expect(try nextBytes(of: dropped) == [])
    }
    // The batch has ended, and with it what nobody took.
    #expect(try nextBytes(of: left) == [])
    var descriptors = control.takeDescriptors()
    guard let descriptor = descriptors.takeFirst() else {
      Issue.record("no descriptor came")
      return
    }
    let far = try descriptor.connectedSocket()
    try far.write([9])
    #expect(try nextBytes(of: kept) == [9])
  }

  /// What is appended is lent: however the batch goes on, the sender's descriptors stay open.
  @Test func descriptorsThatAreAppendedStayTheSenders() throws {
    let pair = try ConnectedSocket.pair(.datagram)
    let lent = try ConnectedSocket.pair()
    let control = try ControlMessages(
      descriptors: [FileDescriptor(rawValue: lent.second.descriptor.rawValue)])
    do {
      var batch = DatagramBatch(capacity: 4, datagramSize: 4, controlSize: 64)
      for _ in 0..<2 { try batch.append([1], control: control) }
      try pair.first.sendBatch(&batch, deadline: .patience)
      try batch.append([2], control: control)
      batch.removeFirst()
      try batch.append([3], control: control)
      batch.removeAll()
      try batch.append([4], control: control)
      // What has come is closed, and not the other's with it.
      try pair.second.receiveBatch(into: &batch, deadline: .patience)
      #expect(batch.count == 2)
      try batch.append([5], control: control)
      var taken = ControlBuffer(capacity: 64)
      batch.takeControl(of: 2, into: &taken)
      let messages = taken.messages
      #expect(messages.isEmpty)
    }
    try lent.second.write([7])
    #expect(try nextBytes(of: lent.first) == [7])
  }

  /// What is appended behind what has come goes as it was asked for.
  @Test(.requires(.kernel(5, 0))) func whatIsAppendedToAReceivedBatchIsDivided() throws {
    let two = try Two(.ipv4)
    let address = try two.one.localAddress()
    try two.one.sendDatagram([9], to: two.other.localAddress())
    var batch = DatagramBatch(capacity: 2, datagramSize: 3000)
    try two.other.receiveBatch(into: &batch, deadline: .patience)
    try batch.append([UInt8](repeating: 1, count: 3000), inSegmentsOf: 1000, to: address)
    try two.other.sendBatch(&batch, deadline: .patience)
    for count in [1, 1000, 1000, 1000] {
      #expect(try nextBytes(of: two.one).count == count)
    }
  }

  /// Passes one end of a fresh pair and closes it here.
  private func passEnd(over socket: borrowing ConnectedSocket) throws -> ConnectedSocket {
    let fresh = try ConnectedSocket.pair()
    let end = FileDescriptor(rawValue: fresh.second.descriptor.rawValue)
    _ = try socket.sendMessage([1], control: ControlMessages(descriptors: [end]))
    return fresh.first
  }

  /// Two bound sockets for messages.
  private struct Two: ~Copyable {
    let one: MessageSocket
    let other: MessageSocket

    init(_ family: AddressFamily) throws {
      let first = try MessageSocket.bound(to: .loopback(family))
      other = try .bound(to: .loopback(family))
      one = first
    }
  }
}

extension DatagramBatch {
  /// A copy of a datagram.
  func bytes(of index: Int) -> [UInt8] {
    // SAFETY: the bytes are copied while they are lent.
    withBytes(of: index) { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
  }

  /// Copies of all that was put together into a datagram.
  func segments(of index: Int) -> [[UInt8]] {
    var segments: [[UInt8]] = []
    forEachSegment(of: index) { bytes in
      // SAFETY: the bytes are copied while they are lent.
      unsafe bytes.withUnsafeBytes { unsafe segments.append(Array($0)) }
    }
    return segments
  }
}
