// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Figure F3: one call in five is cut short, interrupted, or answered with a want that passes; no byte is wrong, and
/// nothing is left open.
///
/// The faults of a run come from its seed. `SOCKETS_SEED=N` repeats the seed that a failure prints, and
/// `SOCKETS_FAULT_SEEDS=10000` is the long run before a release.
@Suite struct RandomFaultTests {
  static let seedCount = environment("SOCKETS_FAULT_SEEDS").flatMap { UInt64($0) } ?? 200

  /// A transfer over blocking sockets, which gives what came out for what went in.
  struct Transfer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable ([UInt8]) throws -> [UInt8]

    init(_ name: String, _ run: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
      testDescription = name
      self.run = run
    }
  }

  @Test(.timeLimit(.minutes(10)), arguments: transfers)
  func everyByteArrivesWhateverHappens(transfer: Transfer) async throws {
    // Off the threads that the tests share: it takes its time.
    try await BackgroundThread.run { try everyByteArrives(transfer) }
  }

  private func everyByteArrives(_ transfer: Transfer) throws {
    let first = environment("SOCKETS_SEED").flatMap { UInt64($0) } ?? 1
    var faults = 0
    for seed in first..<first + Self.seedCount {
      var numbers = SeededGenerator(seed: seed)
      let count = Int.random(in: 1...3000, using: &numbers)
      let sent = (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &numbers) }
      let random = RandomFaults(seed: seed)
      let received = try random.observing { try transfer.run(sent) }
      #expect(received == sent, "\(transfer.testDescription): SOCKETS_SEED=\(seed)")
      #expect(random.open.isEmpty, "\(transfer.testDescription): SOCKETS_SEED=\(seed)")
      faults += random.faults
    }
    print("F3: \(transfer.testDescription): \(Self.seedCount) seeds, \(faults) faults")
    #expect(faults > 0)
  }

  static let transfers: [Transfer] = [
    Transfer("write and read") { bytes in
      let pair = try ConnectedSocket.pair()
      try pair.first.write(bytes)
      try pair.first.shutdown(.write)
      return try toTheEnd(pair.second) { .never }
    },
    Transfer("write and read with deadlines, over TCP") { bytes in
      let listener = try ListeningSocket.bound(to: anyPort)
      let client = try ConnectedSocket.connected(to: listener.localAddress(), deadline: soon)
      let server = try listener.accept(deadline: soon)
      try client.write(bytes, deadline: soon)
      var received = [UInt8](repeating: 0, count: bytes.count)
      try server.read(exactlyInto: &received, deadline: soon)
      try client.close()
      return received + (try toTheEnd(server) { soon })
    },
    Transfer("gathered and scattered") { bytes in
      let pair = try ConnectedSocket.pair()
      let third = bytes.count / 3
      try pair.first.write(
        gathering: [Array(bytes[..<third]), [], Array(bytes[third...])], deadline: soon)
      try pair.first.shutdown(.write)
      var received: [UInt8] = []
      while true {
        var pieces = [[UInt8]](repeating: [UInt8](repeating: 0, count: 30), count: 3)
        let count = try pair.second.read(scatteringInto: &pieces, deadline: soon)
        if count == 0 { return received }
        received += pieces.joined().prefix(count)
      }
    },
    Transfer("send and receive with flags") { bytes in
      let pair = try ConnectedSocket.pair()
      var left = bytes[...]
      while !left.isEmpty { left = left.dropFirst(try pair.first.send(left, deadline: soon)) }
      try pair.first.shutdown(.write)
      var buffer = [UInt8](repeating: 0, count: 64)
      var received: [UInt8] = []
      while case let count = try pair.second.receive(into: &buffer, deadline: soon), count > 0 {
        received += buffer[..<count]
      }
      return received
    },
    Transfer("a file") { bytes in
      let folder = try ScratchFolder()
      let path = FilePath(folder.path + "/file")
      let file = try FileDescriptor.open(
        path, .readWrite, options: .create, permissions: .ownerReadWrite)
      defer { try? file.close() }
      try file.writeAll(bytes)
      let pair = try ConnectedSocket.pair()
      let count = try pair.first.sendFile(file, from: 0, deadline: soon)
      #expect(count == bytes.count)
      try pair.first.shutdown(.write)
      return try toTheEnd(pair.second) { soon }
    },
    Transfer("splice") { bytes in
      let from = try ConnectedSocket.pair()
      let to = try ConnectedSocket.pair()
      try from.first.write(bytes)
      try from.first.shutdown(.write)
      var splice = try Splice()
      while try splice.move(from: from.second, to: to.first, upTo: 80, deadline: soon) > 0 {}
      try to.first.shutdown(.write)
      return try toTheEnd(to.second) { soon }
    },
    Transfer("datagrams") { bytes in
      let receiver = try MessageSocket.bound(to: anyPort)
      let sender = try MessageSocket(.ipv4)
      let address = try receiver.localAddress()
      var received: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 2000)
      var left = bytes[...]
      while !left.isEmpty {
        let datagram = Array(left.prefix(1000))
        left = left.dropFirst(datagram.count)
        try again { () throws(SocketError) in
          try sender.sendDatagram(datagram, to: address, deadline: soon)
        }
        let message = try receiver.receiveDatagram(into: &buffer, deadline: soon)
        received += buffer[..<message.byteCount]
      }
      return received
    },
    Transfer("descriptors") { bytes in
      let wire = try ConnectedSocket.pair(.sequencedPacket)
      let pair = try ConnectedSocket.pair()
      try again { () throws(SocketError) in
        try wire.first.sendDescriptor(of: pair.first, with: [1], deadline: soon)
      }
      var byte: [UInt8] = [0]
      var message = try wire.second.receiveDescriptors(into: &byte, deadline: soon)
      guard let taken = message.descriptors.takeFirst() else { return [] }
      let end = try taken.connectedSocket()
      try end.write(bytes, deadline: soon)
      try end.shutdown(.write)
      return try toTheEnd(pair.second) { soon }
    },
  ]

  private static var soon: Deadline { .patience }

  private static func toTheEnd(
    _ socket: borrowing ConnectedSocket,
    _ deadline: () -> Deadline
  ) throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 64)
    var received: [UInt8] = []
    while case let count = try socket.read(into: &buffer, deadline: deadline()), count > 0 {
      received += buffer[..<count]
    }
    return received
  }

  /// Sends a whole message until it is taken: a want of memory is told to the caller then, who may try again.
  private static func again(_ send: () throws(SocketError) -> Void) throws(SocketError) {
    while true {
      do throws(SocketError) { return try send() } catch {
        guard error.errno == .noBufferSpace else { throw error }
      }
    }
  }
}

/// Answers one call in five by chance, with something that a program must be able to meet.
private final class RandomFaults: SystemCallObserver {
  private var numbers: SeededGenerator
  private var inARow = 0
  private(set) var faults = 0
  /// The descriptors that were made and not closed, by the calls' own numbers.
  private(set) var open: Set<Int> = []

  init(seed: UInt64) { numbers = SeededGenerator(seed: ~seed) }

  func willPerform(_ call: SystemCall, descriptor: CInt, count: inout Int) -> Int? {
    guard Int.random(in: 0..<5, using: &numbers) == 0, inARow < 5,
      let fault = Self.faults(of: call).randomElement(using: &numbers)
    else {
      inARow = 0
      return nil
    }
    inARow += 1
    faults += 1
    switch fault {
    case .short:
      count = Int.random(in: 1...max(count, 1), using: &numbers)
      return nil
    case .error(let error): return -Int(error.rawValue)
    }
  }

  func didPerform(_ record: SystemCallRecord) {
    switch record.call {
    case .socket, .accept4: if record.result >= 0 { open.insert(record.result) }
    case .close:
      if case .number(let number)? = record.arguments.first { open.remove(number) }
    default: break
    }
  }

  private enum Fault {
    case short
    case error(Errno)
  }

  /// What may happen to a call without any harm done.
  private static func faults(of call: SystemCall) -> [Fault] {
    let again: [Fault] = [.error(.interrupted), .error(.resourceTemporarilyUnavailable)]
    return switch call {
    case .read, .readv, .recv: again + [.short]
    // A message that is read short is lost in part: only the stream's calls are cut.
    case .recvmsg, .recvfrom: again
    case .send: again + [.short, .error(.noBufferSpace)]
    case .sendmsg, .sendto: again + [.error(.noBufferSpace)]
    case .sendfile, .splice: again + [.short, .error(.noMemory)]
    case .accept4: again + [.error(.connectionAbort)]
    case .poll, .fcntl: [.error(.interrupted)]
    default: []
    }
  }
}
