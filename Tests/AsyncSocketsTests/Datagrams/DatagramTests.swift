// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Glibc
import Sockets
import SystemPackage
import TestSupport
import Testing

/// One engine, one family, and who runs where.
struct DatagramSetting: Sendable, CustomTestStringConvertible {
  var engine: EngineKind
  var family: AddressFamily
  var isOnLoop: Bool

  var testDescription: String { "\(engine) \(family) \(isOnLoop ? "on" : "off") the loop" }

  static let all = Setting.engines.flatMap { engine in
    [AddressFamily.ipv4, .ipv6, .unix].flatMap { family in
      [true, false].map { DatagramSetting(engine: engine, family: family, isOnLoop: $0) }
    }
  }

  /// Runs a body with two bound sockets.
  func withPair(_ body: (DatagramSocket, DatagramSocket) async throws -> Void) async throws {
    let folder = try ScratchFolder()
    let setting = Setting(
      engine: engine, carrier: .tcp4, isOnLoop: isOnLoop, isReversed: false)
    try await setting.run { loop in
      let one = try await DatagramSocket.bind(to: address(folder, 1), on: loop)
      let other = try await DatagramSocket.bind(to: address(folder, 2), on: loop)
      try await body(one, other)
      try await one.close()
      try await other.close()
    }
  }

  private func address(_ folder: ScratchFolder, _ number: Int) throws -> SocketAddress {
    switch family {
    case .ipv4: .ipv4(.loopback, port: .any)
    case .ipv6: .ipv6(.loopback, port: .any)
    default: try .unix(path: "\(folder.path)/\(number)")
    }
  }
}

@Suite(.serialized) struct Datagrams {
  /// Looking for errors takes nothing from whoever waits for messages.
  @Test(arguments: Setting.engines)
  func thatThereIsNoErrorSaysNothingOfMessages(_ engine: EngineKind) async throws {
    let setting = DatagramSetting(engine: engine, family: .ipv4, isOnLoop: true)
    try await setting.withPair { one, other in
      await #expect(throws: SocketError(.receiveDatagram, .deadlinePassed)) {
        try await other.waitUntilReadable(deadline: .milliseconds(1))
      }
      try await one.send("one".utf8, to: other.localAddress())
      try await other.waitUntilReadable(deadline: .patience)
      await #expect(throws: SocketError(.receiveMessage, .deadlinePassed)) {
        _ = try await other.receiveError(deadline: .milliseconds(1))
      }
      try await other.waitUntilReadable(deadline: .patience)
      var buffer = [UInt8](repeating: 0, count: 4)
      #expect(try await other.receive(into: &buffer, deadline: .now).byteCount == 3)
    }
  }

  /// An error names the call that met it, whenever the socket was closed.
  @Test func aClosedSocketIsAnErrorOfTheCall() async throws {
    let socket = try await DatagramSocket.bind(to: .ipv4(.loopback, port: .any))
    try await socket.close()
    var buffer = [UInt8](repeating: 0, count: 4)
    await #expect(throws: SocketError(.receiveDatagram, .closed)) {
      _ = try await socket.receive(into: &buffer)
    }
    await #expect(throws: SocketError(.sendDatagram, .closed)) {
      try await socket.send([1], to: .ipv4(.loopback, port: 9))
    }
  }

  @Test(arguments: DatagramSetting.all)
  func bordersAreKeptAndTheSenderIsTold(_ setting: DatagramSetting) async throws {
    try await setting.withPair { one, other in
      let address = try other.localAddress()
      for text in ["", "one", "three"] { try await one.send(text.utf8, to: address) }
      var buffer = [UInt8](repeating: 0, count: 4)
      let empty = try await other.receive(into: &buffer, deadline: .patience)
      #expect(try empty.byteCount == 0 && empty.sender == one.localAddress())
      let whole = try await other.receive(into: &buffer, deadline: .patience)
      #expect(whole.byteCount == 3 && !whole.isTruncated)
      let cut = try await other.receive(into: &buffer, deadline: .patience)
      #expect(cut.byteCount == 4 && cut.originalByteCount == 5 && cut.isTruncated)
      #expect(buffer == Array("thre".utf8))
    }
  }

  @Test(arguments: DatagramSetting.all.filter { $0.family == .unix })
  func aPathIsGivenBackAtTheEnd(_ setting: DatagramSetting) async throws {
    let folder = try ScratchFolder()
    let path = FilePath(folder.path).appending("s")
    let address = try SocketAddress.unix(path: path)
    func exists() -> Bool { unsafe access(path.string, F_OK) == 0 }
    let loopSetting = Setting(
      engine: setting.engine, carrier: .tcp4, isOnLoop: setting.isOnLoop, isReversed: false)
    try await loopSetting.run { loop in
      // What is left of one that died is no obstacle.
      try MessageSocket.bound(to: address).release().close()
      var first: DatagramSocket?
      let end = Deadline.patience
      // A process that another test starts has a copy of that one until it runs its program.
      while first == nil, !end.hasPassed {
        first = try? await DatagramSocket.bind(to: address, on: loop)
      }
      let closed = try #require(first)
      first = nil
      await #expect(throws: SocketError(.bind, .pathInUse, subject: .address(address))) {
        _ = try await DatagramSocket.bind(to: address, on: loop)
      }
      #expect(exists())
      try await closed.close()
      #expect(!exists())
      do {
        let dropped = try await DatagramSocket.bind(to: address, on: loop)
        #expect(try dropped.localAddress() == address && exists())
      }
      #expect(!exists())
      let released = try await DatagramSocket.bind(to: address, on: loop).release()
      #expect(exists())
      try released.close()
      #expect(!exists())
    }
  }

  @Test(arguments: DatagramSetting.all)
  func whoNeedsNoBufferWaitsWithoutOne(_ setting: DatagramSetting) async throws {
    try await setting.withPair { one, other in
      await #expect(throws: SocketError(.receiveDatagram, .deadlinePassed)) {
        try await other.waitUntilReadable(deadline: .milliseconds(1))
      }
      async let waiting: Void = other.waitUntilReadable(deadline: .patience)
      try await one.send("one".utf8, to: other.localAddress())
      try await waiting
      // Nothing was taken, and what is there already is told at once.
      try await other.waitUntilReadable(deadline: .patience)
      var buffer = [UInt8](repeating: 0, count: 4)
      #expect(try await other.receive(into: &buffer, deadline: .now).byteCount == 3)
      try await other.close()
      await #expect(throws: SocketError(.receiveDatagram, .closed)) {
        try await other.waitUntilReadable()
      }
    }
  }

  @Test(arguments: DatagramSetting.all)
  func aMessageComesWithItsControlMessages(_ setting: DatagramSetting) async throws {
    try await setting.withPair { one, other in
      try other.setOption(.receivesNanosecondTimestamps, to: true)
      let address = try other.localAddress()
      // The receiver waits first: what comes is for a call that has begun.
      async let sending: Void = {
        await Task.yield()
        try await one.send("hello".utf8, to: address)
      }()
      var buffer = [UInt8](repeating: 0, count: 4)
      var control = ControlBuffer(capacity: 256)
      let message = try await other.receiveMessage(
        into: &buffer, control: &control, deadline: .patience)
      try await sending
      #expect(message.byteCount == 4 && message.isTruncated && buffer == Array("hell".utf8))
      #expect(try message.sender == one.localAddress())
      let hasTime = control.timestamps?.software != nil
      #expect(hasTime)
      await #expect(throws: SocketError(.receiveMessage, .deadlinePassed)) {
        var control = ControlBuffer(capacity: 256)
        _ = try await other.receiveMessage(
          into: &buffer, control: &control, deadline: .milliseconds(2))
      }
    }
  }

  @Test(arguments: DatagramSetting.all)
  func aReceiverWaitsAndASenderWaitsForRoom(_ setting: DatagramSetting) async throws {
    try await setting.withPair { one, other in
      let address = try other.localAddress()
      async let receiving: Int = {
        var count = 0
        var batch = DatagramBatch(capacity: 8, datagramSize: 2000)
        while count < 500 {
          try await other.receiveBatch(into: &batch, deadline: .patience)
          count += batch.count
          // What UDP drops is not waited for.
          if setting.family != .unix, batch.count > 0, count >= 20 { return 500 }
        }
        return count
      }()
      for _ in 0..<500 {
        try await one.send([UInt8](repeating: 0, count: 1500), to: address, deadline: .patience)
      }
      #expect(try await receiving == 500)
    }
  }

  @Test(arguments: DatagramSetting.all)
  func aBatchGoesOutAndComesIn(_ setting: DatagramSetting) async throws {
    try await setting.withPair { one, other in
      var out = DatagramBatch(capacity: 8, datagramSize: 64)
      for number in 0..<8 { try out.append([UInt8(number)], to: other.localAddress()) }
      try await one.sendBatch(&out, deadline: .patience)
      var come = DatagramBatch(capacity: 8, datagramSize: 64)
      var bytes: [UInt8] = []
      while bytes.count < 8 {
        try await other.receiveBatch(into: &come, deadline: .patience)
        for index in 0..<come.count {
          // SAFETY: the one byte is copied while it is lent.
          come.withBytes(of: index) { part in
            bytes.append(unsafe part.unsafeLoad(fromByteOffset: 0, as: UInt8.self))
          }
        }
        try await other.sendBatch(&come, deadline: .patience)
      }
      #expect(bytes == Array(0..<8))
      var back: [UInt8] = []
      for try await datagram in one.datagrams(limit: 64) {
        back += datagram.bytes
        if back.count == 8 { break }
      }
      #expect(back == Array(0..<8))
    }
  }

  @Test(arguments: DatagramSetting.all)
  func waitsEndByDeadlineCancellationAndClose(_ setting: DatagramSetting) async throws {
    try await setting.withPair { one, _ in
      var buffer = [UInt8](repeating: 0, count: 4)
      await #expect(throws: SocketError(.receiveDatagram, .deadlinePassed)) {
        _ = try await one.receive(into: &buffer, deadline: .milliseconds(2))
      }
      let waiting = Task {
        var buffer = [UInt8](repeating: 0, count: 4)
        return try await one.receive(into: &buffer)
      }
      await Task.yield()
      waiting.cancel()
      await #expect(throws: SocketError(.receiveDatagram, .cancelled)) { try await waiting.value }
      let sequence = Task {
        var count = 0
        for try await _ in one.datagrams(limit: 8) { count += 1 }
        return count
      }
      await Task.yield()
      try await one.close()
      #expect(try await sequence.value == 0)
    }
  }

  @Test(arguments: Setting.engines)
  func aRefusalIsAnErrorAndARecord(_ engine: EngineKind) async throws {
    let setting = Setting(engine: engine, carrier: .tcp4, isOnLoop: true, isReversed: false)
    try await setting.run { loop in
      let nobody = try DeafPort(.ipv4(.loopback, port: .any), .datagram)
      let socket = try await DatagramSocket.connect(to: nobody.address, on: loop) {
        socket throws(SocketError) in
        try socket.setOption(.receivesErrorsIPv4, to: true)
      }
      try await socket.send("anybody?".utf8)
      let record = try await socket.receiveError(deadline: .patience)
      #expect(record.error.errno == .connectionRefused && record.error.origin == .icmp)
      try await socket.close()
    }
  }
}
