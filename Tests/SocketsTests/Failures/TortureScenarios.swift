// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What happens where the calls are not written down.
final class OutOfSight: Sendable {
  /// Ends a server; another thread may be the last to hold it.
  let stop: StopSignal
  private let count = Atomic<Int>(0)
  private let perhapsCount = Atomic<Int>(0)

  init() throws(SocketError) { stop = try StopSignal() }

  /// Descriptors that were closed there, less those that were opened there.
  var closed: ClosedRange<Int> {
    let count = count.load(ordering: .acquiring)
    return count...count + perhapsCount.load(ordering: .acquiring)
  }

  func close() { count.add(1, ordering: .acquiringAndReleasing) }
  /// They belong to several threads, and the last one closes them.
  func closePerhaps(_ number: Int) { perhapsCount.max(number, ordering: .acquiringAndReleasing) }
  func open(_ number: Int) { count.subtract(number, ordering: .acquiringAndReleasing) }
}

/// A program of a few calls, bounded in time, of which each may fail.
struct Scenario: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let run: @Sendable (OutOfSight) throws -> Void

  init(_ name: String, _ run: @escaping @Sendable (OutOfSight) throws -> Void) {
    testDescription = name
    self.run = run
  }
}

/// Long enough for loopback, short enough for thousands of failures.
private var soon: Deadline { .milliseconds(500) }

// Both ends in one thread, every call in sight.
extension Scenario {
  static let transfers: [Scenario] = [
    Scenario("TCP echo") { _ in try echo { .never } },
    Scenario("TCP echo with deadlines") { _ in try echo { soon } },
    Scenario("Unix pair, gathered and scattered") { _ in
      let pair = try ConnectedSocket.pair()
      try pair.first.write(gathering: [[1], [2, 3]], deadline: soon)
      var pieces: [[UInt8]] = [[0, 0], [0]]
      _ = try pair.second.read(scatteringInto: &pieces, deadline: soon)
      try pair.first.close()
      try pair.second.close()
    },
    Scenario("Unix listener on a stale path") { _ in
      let folder = try ScratchFolder()
      let address = try SocketAddress.unix(path: folder.path + "/s")
      try Socket(.unix).bind(to: address).close()
      let listener = try ListeningSocket.bound(to: address)
      let client = try ConnectedSocket.connected(to: address, deadline: soon)
      let server = try listener.accept(deadline: soon)
      try client.write([1])
      var byte: [UInt8] = [0]
      try server.read(exactlyInto: &byte, deadline: soon)
    },
    Scenario("datagrams") { _ in
      let receiver = try MessageSocket.bound(to: anyPort)
      let sender = try MessageSocket(.ipv4)
      try sender.connect(to: receiver.localAddress())
      try sender.write([1])
      var byte: [UInt8] = [0]
      _ = try receiver.receiveDatagram(into: &byte, deadline: soon)
    },
    Scenario("splice") { _ in
      let from = try ConnectedSocket.pair()
      let to = try ConnectedSocket.pair()
      try from.second.write([1, 2, 3])
      var splice = try Splice()
      _ = try splice.move(from: from.first, to: to.first, upTo: 3, deadline: soon)
    },
    Scenario("a file") { _ in
      let folder = try ScratchFolder()
      try folder.write("0123456789", to: "file")
      let file = try FileDescriptor.open(FilePath(folder.path + "/file"), .readOnly)
      defer { try? file.close() }
      let pair = try ConnectedSocket.pair()
      // It asks for the file's end after all is sent, when a short time may have passed.
      _ = try pair.first.sendFile(file, deadline: .patience)
      var bytes = [UInt8](repeating: 0, count: 10)
      try pair.second.read(exactlyInto: &bytes, deadline: soon)
    },
    Scenario("a descriptor that is passed on") { outOfSight in
      let wire = try ConnectedSocket.pair()
      let passed = try ConnectedSocket.pair()
      try wire.first.sendDescriptor(of: passed.first, with: [1], deadline: soon)
      var byte: [UInt8] = [0]
      var message = try wire.second.receiveDescriptors(into: &byte, deadline: soon)
      // The kernel made it, by a call that makes no descriptor as a rule.
      let count = message.descriptors.count
      outOfSight.open(count)
      guard let taken = message.descriptors.takeFirst() else { return }
      try taken.connectedSocket().write([1], deadline: soon)
      try passed.second.read(exactlyInto: &byte, deadline: soon)
    },
    Scenario("a set that is polled") { _ in
      let listener = try ListeningSocket.bound(to: anyPort)
      var set = PollSet()
      set.add(listener, for: .readable)
      let client = try ConnectedSocket.connected(to: listener.localAddress(), deadline: soon)
      _ = try set.wait(deadline: soon).count
      let server = try listener.accept(deadline: soon)
      set.add(server, for: [.readable, .peerHangUp])
      try client.close()
      _ = try set.wait(deadline: soon).count
      try server.close()
    },
    Scenario("the error queue") { _ in
      let socket = try MessageSocket.bound(to: anyPort)
      try socket.setOption(.flag(0, 11, "IP_RECVERR"), to: true)
      let gone = try DeafPort(anyPort, .datagram)
      try socket.sendDatagram([1], to: gone.address)
      _ = try socket.receiveError(deadline: soon)
      try socket.close()
    },
    Scenario("options and a reset") { _ in
      let listener = try Socket(.ipv4).bind(to: anyPort).listen()
      let client = try Socket(.ipv4).connect(to: listener.localAddress(), deadline: soon)
      try client.setOption(.noDelay, to: true)
      _ = try client.option(.noDelay)
      try client.setOption(.linger, to: .seconds(1))
      _ = try client.option(.linger)
      try client.setNonBlocking(true)
      let second = try client.duplicate()
      _ = try second.peerAddress()
      try client.close()
      try second.reset()
    },
    Scenario("a name that is looked up and connected to") { _ in
      let listener = try ListeningSocket.bound(to: anyPort)
      let port = try listener.localAddress().ip?.port ?? .any
      let names = Resolver(
        nameService: ScriptedNameService(["here": .addresses([.ipv4(.loopback, port: port)])])
      )
      var last: SocketError?
      // The lookup itself is on a thread of its own, which a busy machine lets wait.
      for found in try names.addresses(of: "here", deadline: .patience).addresses {
        do throws(SocketError) {
          let client = try ConnectedSocket.connected(to: found.address, deadline: soon)
          return try client.close()
        } catch { last = error }
      }
      if let last { throw last }
    },
  ]

  private static func echo(_ deadline: () -> Deadline) throws {
    let listener = try ListeningSocket.bound(to: anyPort)
    let client = try ConnectedSocket.connected(to: listener.localAddress(), deadline: deadline())
    let server = try listener.accept(deadline: deadline())
    var bytes: [UInt8] = [1, 2, 3]
    try client.write(bytes, deadline: deadline())
    try client.shutdown(.write)
    try server.read(exactlyInto: &bytes, deadline: deadline())
    try server.write(bytes, deadline: deadline())
    try server.close()
    try client.read(exactlyInto: &bytes, deadline: deadline())
    try client.close()
  }
}

// The server's calls in sight, its clients on another thread.
extension Scenario {
  static let services: [Scenario] = [
    Scenario("serving in turn") { outOfSight in
      try serving(outOfSight) { listener, stop in
        try listener.serve(until: stop) { connection, _ in try answer(connection) }
      }
    },
    Scenario("serving by threads") { outOfSight in
      try serving(outOfSight) { listener, stop in
        try listener.serve(by: .threads(atMost: 2), until: stop) { connection, _ in
          outOfSight.close()
          // The pipe by which a thread tells its end.
          outOfSight.closePerhaps(2)
          try answer(connection)
        }
      }
    },
    Scenario("serving by a process each") { outOfSight in
      try serving(outOfSight) { listener, stop in
        try listener.serve(
          byProcess: WorkerCommand(executable: "/bin/cat"),
          atMost: 2,
          until: stop,
          grace: .milliseconds(500)
        )
      }
    },
    Scenario("serving by workers") { outOfSight in
      let program = FilePath(try builtProgram("EchoWorker"))
      try serving(outOfSight) { listener, stop in
        try listener.serve(
          byWorkers: 1,
          command: WorkerCommand(executable: program),
          until: stop,
          grace: .milliseconds(500)
        )
      }
    },
  ]

  private static func answer(_ connection: borrowing ConnectedSocket) throws(SocketError) {
    var buffer: [UInt8] = [0]
    while try connection.read(into: &buffer, deadline: soon) > 0 {
      try connection.write(buffer, deadline: soon)
    }
  }

  /// A server and two clients, the second of which tells it to stop, whatever they met.
  private static func serving(
    _ outOfSight: OutOfSight,
    _ serve: (borrowing ListeningSocket, StopSignal) throws -> ServingSummary
  ) throws {
    let listener = try ListeningSocket.bound(to: anyPort)
    let address = try listener.localAddress()
    let stop = outOfSight.stop
    let clients = BackgroundResult {
      defer { stop.stop() }
      for _ in 0..<2 { ask(address) }
    }
    defer { _ = try? clients.value }
    _ = try serve(listener, stop)
  }

  /// One client, who gives up soon.
  private static func ask(_ address: SocketAddress) {
    do throws(SocketError) {
      let limit = Deadline.milliseconds(250)
      let client = try ConnectedSocket.connected(to: address, deadline: limit)
      try client.write([1], deadline: limit)
      try client.shutdown(.write)
      var buffer: [UInt8] = [0]
      while try client.read(into: &buffer, deadline: limit) > 0 {}
    } catch {
      // Its server had failed.
    }
  }
}
