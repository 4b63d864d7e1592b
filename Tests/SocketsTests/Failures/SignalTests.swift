// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Calls that wait, without and with a deadline, while real signals interrupt them: what they come to is what they would have come
/// to otherwise, and no EINTR reaches the caller.
///
/// Each is let go on only when it has taken a number of signals, and must have been interrupted in the kernel.
@Suite(.blocking, .timeLimit(.minutes(5))) struct SignalTests {
  /// A call that waits, and what ends its wait.
  struct Form: Sendable, CustomTestStringConvertible {
    let name: String
    /// The system calls of which at least one must have been interrupted.
    let calls: [SystemCall]
    /// Makes what is needed, and runs the call under the storm.
    let body: @Sendable (Interruption) throws -> Void
    var testDescription: String { name }
  }

  /// The wait of one call.
  struct Interruption: Sendable {
    let deadline: Deadline
    let calls: [SystemCall]

    /// Runs a call on a thread of its own that is struck by signals, and lets it go on after a number of them.
    ///
    /// - Returns: what the call returned, and the system calls that it made.
    @discardableResult
    func run<R: Sendable>(
      _ call: @escaping @Sendable () throws -> R, whenInterrupted goOn: () throws -> Void
    ) throws -> (result: R, records: [SystemCallRecord]) {
      let storm = SignalStorm()
      let watched = WatchedCalls()
      let background = BackgroundResult { () throws -> R in
        try watched.observing { try storm.striking(call) }
      }
      // Signals that came before the call waited in the kernel do not count.
      #expect(
        settles { storm.taken >= 100 && watched.isInterrupted(in: calls) },
        "\(storm.taken) taken, of \(watched.records.map { "\($0.call): \($0.result)" })")
      try goOn()
      let result = try background.value
      return (result, watched.records)
    }
  }

  /// The calls of one thread, read by another.
  private final class WatchedCalls: SystemCallObserver, Sendable {
    private let all = Guarded<[SystemCallRecord]>([])

    /// The calls in the order in which they were made.
    var records: [SystemCallRecord] { all.withLock { $0 } }

    /// Whether a signal has ended one of these calls.
    func isInterrupted(in calls: [SystemCall]) -> Bool {
      all.withLock { records in
        records.contains {
          calls.contains($0.call) && $0.result == -Int(Errno.interrupted.rawValue)
        }
      }
    }

    func didPerform(_ record: SystemCallRecord) { all.withLock { $0.append(record) } }
  }

  @Test(arguments: forms, [false, true])
  func aWaitThatIsInterruptedGoesOn(_ form: Form, withDeadline: Bool) throws {
    // Made here: an argument is made before the first test runs, and patience may have ended when its turn comes.
    let deadline = withDeadline ? Deadline.patience : .never
    try form.body(Interruption(deadline: deadline, calls: form.calls))
  }

  @Test(arguments: [20, 100])
  func aDeadlineIsNotPutOffBySignals(_ milliseconds: Int) throws {
    let pair = try ConnectedSocket.pair()
    let storm = SignalStorm()
    storm.striking {
      var buffer: [UInt8] = [0]
      let end = Deadline.patience
      // On a busy machine few signals come in so short a time.
      repeat {
        let start = ContinuousClock.now
        #expect(throws: SocketError(.read, .deadlinePassed)) {
          try pair.first.read(into: &buffer, deadline: .milliseconds(milliseconds))
        }
        let spent = ContinuousClock.now - start
        #expect(spent >= .milliseconds(milliseconds) && spent < .seconds(20), "\(spent)")
      } while storm.taken < 1 && !end.hasPassed
    }
    #expect(storm.taken >= 1)
  }

  /// Patience with a kernel that is out of memory is a second, however many signals come meanwhile.
  @Test func pausesAreNotShortenedBySignals() throws {
    let pair = try ConnectedSocket.pair()
    let storm = SignalStorm()
    ForcedCalls(.fail(.send, .noBufferSpace, times: nil)).observing {
      storm.striking {
        let end = Deadline.patience
        repeat {
          let start = ContinuousClock.now
          #expect(throws: SocketError(.write, .system(.noBufferSpace))) {
            try pair.first.write([1], deadline: .patience)
          }
          let spent = ContinuousClock.now - start
          #expect(spent >= .seconds(1), "\(spent)")
        } while storm.taken < 20 && !end.hasPassed
      }
    }
    #expect(storm.taken >= 20)
  }
}

/// A socket that two threads use.
private final class Held<Owner: SocketOwner & ~Copyable>: Sendable {
  let socket: Owner
  init(_ socket: consuming Owner) { self.socket = socket }
}

extension SignalTests {
  static let forms: [Form] = streams + opening + messages

  private static func pair() throws -> (Held<ConnectedSocket>, Held<ConnectedSocket>) {
    let listener = try Socket(.ipv4).bind(to: anyPort).listen()
    let client = try Socket(.ipv4).connect(to: listener.localAddress())
    let server = try listener.accept(deadline: .patience)
    for option in [SocketOption.sendBufferSize, .receiveBufferSize] {
      try client.setOption(option, to: 16384)
      try server.setOption(option, to: 16384)
    }
    return (Held(client), Held(server))
  }

  /// All that comes until the end.
  private static func rest(of socket: borrowing ConnectedSocket) throws -> [UInt8] {
    var all: [UInt8] = []
    while case let bytes = try nextBytes(of: socket), !bytes.isEmpty { all += bytes }
    return all
  }

  private static let pattern = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 % 251) }

  private static let streams: [Form] = [
    Form(name: "read", calls: [.read, .recv, .poll]) { wait in
      let (one, other) = try pair()
      let bytes = try wait.run {
        var buffer: [UInt8] = [0, 0, 0]
        try one.socket.read(exactlyInto: &buffer, deadline: wait.deadline)
        return buffer
      } whenInterrupted: {
        try other.socket.write([1, 2, 3])
      }
      #expect(bytes.result == [1, 2, 3])
    },
    Form(name: "write", calls: [.send, .poll]) { wait in
      let (one, other) = try pair()
      let reading = Guarded<[UInt8]>([])
      try wait.run {
        try one.socket.write(pattern, deadline: wait.deadline)
        try one.socket.shutdown(.write)
      } whenInterrupted: {
        let bytes = try rest(of: other.socket)
        reading.withLock { $0 = bytes }
      }
      #expect(reading.withLock { $0 } == pattern)
    },
    Form(name: "PollSet.wait", calls: [.poll]) { wait in
      let (one, other) = try pair()
      let count = try wait.run {
        var set = PollSet()
        set.add(one.socket, for: .readable)
        return try set.wait(deadline: wait.deadline).count
      } whenInterrupted: {
        try other.socket.write([1])
      }
      #expect(count.result == 1)
    },
    Form(name: "Splice.move", calls: [.splice, .poll]) { wait in
      let (one, other) = try pair()
      let (near, far) = try pair()
      try wait.run {
        var pipe = try Splice()
        while try pipe.move(
          from: one.socket, to: near.socket, upTo: 1 << 16, deadline: wait.deadline) > 0
        {}
        try near.socket.shutdown(.write)
      } whenInterrupted: {
        let writing = BackgroundResult {
          try other.socket.write(pattern, deadline: .patience)
          try other.socket.shutdown(.write)
        }
        #expect(try rest(of: far.socket) == pattern)
        try writing.value
      }
    },
    Form(name: "sendFile", calls: [.sendfile, .poll]) { wait in
      let (one, other) = try pair()
      let folder = try ScratchFolder()
      let file = try FileDescriptor.open(
        FilePath("\(folder.path)/file"), .readWrite, options: [.create, .truncate],
        permissions: .ownerReadWrite)
      defer { try? file.close() }
      try file.writeAll(pattern)
      let sent = try wait.run {
        let count = try one.socket.sendFile(file, deadline: wait.deadline)
        try one.socket.shutdown(.write)
        return count
      } whenInterrupted: {
        let heard = try rest(of: other.socket)
        #expect(heard == pattern)
      }
      #expect(sent.result == pattern.count)
    },
  ]

  private static let opening: [Form] = [
    Form(name: "accept", calls: [.accept4, .poll]) { wait in
      let listener = Held(try Socket(.ipv4).bind(to: anyPort).listen())
      let address = try listener.socket.localAddress()
      let client = Guarded<Held<ConnectedSocket>?>(nil)
      let bytes = try wait.run {
        let server = try listener.socket.accept(deadline: wait.deadline)
        return try nextBytes(of: server)
      } whenInterrupted: {
        let connected = Held(try Socket(.ipv4).connect(to: address))
        client.withLock { $0 = connected }
        try connected.socket.write([9])
      }
      #expect(bytes.result == [9])
    },
    Form(name: "connect by TCP", calls: [.connect, .poll]) { wait in
      let records = try connect(wait, anyPort)
      #expect(records.count { $0.call == .connect } == 1, "it was begun twice")
    },
    Form(name: "connect by a Unix path", calls: [.connect, .poll]) { wait in
      let folder = try ScratchFolder()
      _ = try connect(wait, .unix(path: "\(folder.path)/s"))
    },
  ]

  /// Connects to a listener whose backlog is full until the call was interrupted often enough.
  private static func connect(
    _ wait: Interruption, _ address: SocketAddress
  ) throws -> [SystemCallRecord] {
    let listener = Held(try Socket(address.family).bind(to: address).listen(backlog: 1))
    let place = try listener.socket.localAddress()
    var waiting: [Held<ConnectedSocket>] = []
    var isFull = false
    while !isFull {
      do throws(SocketError) {
        waiting.append(
          Held(try Socket(address.family).connect(to: place, deadline: .milliseconds(50))))
      } catch {
        #expect(error.cause == .deadlinePassed)
        isFull = true
      }
    }
    let servers = Guarded<[Held<ConnectedSocket>]>([])
    let (client, records) = try wait.run {
      Held(try Socket(place.family).connect(to: place, deadline: wait.deadline))
    } whenInterrupted: {
      for _ in waiting {
        let server = Held(try listener.socket.accept(deadline: .patience))
        servers.withLock { $0.append(server) }
      }
    }
    try client.socket.write([42])
    var heard: [UInt8] = []
    // Who gave up may have been let in meanwhile, and has ended.
    while heard.isEmpty {
      heard = try nextBytes(of: listener.socket.accept(deadline: .patience))
    }
    #expect(heard == [42])
    return records
  }

  private static let messages: [Form] = [
    Form(name: "receiveDatagram", calls: [.recvfrom, .poll]) { wait in
      let receiver = Held(try MessageSocket.bound(to: anyPort))
      let count = try wait.run {
        var buffer: [UInt8] = [0, 0, 0]
        return try receiver.socket.receiveDatagram(into: &buffer, deadline: wait.deadline).byteCount
      } whenInterrupted: {
        try send([2], to: receiver.socket.localAddress())
      }
      #expect(count.result == 2)
    },
    Form(name: "receiveMessage", calls: [.recvmsg, .poll]) { wait in
      let receiver = Held(try MessageSocket.bound(to: anyPort))
      let count = try wait.run {
        var buffer: [UInt8] = [0, 0, 0]
        var control = ControlBuffer()
        return try receiver.socket.receiveMessage(
          into: &buffer, control: &control, deadline: wait.deadline
        ).byteCount
      } whenInterrupted: {
        try send([2], to: receiver.socket.localAddress())
      }
      #expect(count.result == 2)
    },
    Form(name: "receiveBatch", calls: [.recvmmsg, .poll]) { wait in
      let receiver = Held(try MessageSocket.bound(to: anyPort))
      let lengths = try wait.run { () throws -> [Int] in
        var batch = DatagramBatch(capacity: 8, datagramSize: 64)
        var lengths: [Int] = []
        while lengths.count < 20 {
          try receiver.socket.receiveBatch(into: &batch, deadline: wait.deadline)
          for index in 0..<batch.count { lengths.append(batch[index].byteCount) }
        }
        return lengths
      } whenInterrupted: {
        try send(Array(1...20), to: receiver.socket.localAddress())
      }
      #expect(lengths.result == Array(1...20))
    },
    Form(name: "sendDatagram to a full queue", calls: [.sendto, .send, .poll]) { wait in
      let (receiver, name, count) = try fullQueue()
      try wait.run {
        try MessageSocket(.unix).sendDatagram([7], to: name, deadline: wait.deadline)
      } whenInterrupted: {
        try expect(count, of: receiver.socket)
      }
      #expect(try nextBytes(of: receiver.socket) == [7])
    },
    Form(name: "sendBatch to a full queue", calls: [.sendmmsg, .poll]) { wait in
      let (receiver, name, count) = try fullQueue()
      let reading = Guarded<[[UInt8]]>([])
      try wait.run {
        var batch = DatagramBatch(capacity: 64, datagramSize: 16)
        for byte in UInt8(0)..<40 { try batch.append([byte], to: name) }
        try MessageSocket(.unix).sendBatch(&batch, deadline: wait.deadline)
      } whenInterrupted: {
        try expect(count, of: receiver.socket)
        for _ in 0..<40 {
          let bytes = try nextBytes(of: receiver.socket)
          reading.withLock { $0.append(bytes) }
        }
      }
      #expect(reading.withLock { $0 } == (UInt8(0)..<40).map { [$0] })
    },
  ]

  /// Sends datagrams of these lengths.
  private static func send(_ lengths: [Int], to address: SocketAddress) throws {
    let sender = try MessageSocket(.ipv4)
    for length in lengths {
      try sender.sendDatagram([UInt8](repeating: 5, count: length), to: address)
    }
  }

  /// Takes what filled the queue.
  private static func expect(_ count: Int, of receiver: borrowing MessageSocket) throws {
    for _ in 0..<count {
      let bytes = try nextBytes(of: receiver)
      #expect(bytes == [1])
    }
  }

  /// A Unix receiver that holds back its senders, and how many datagrams it has.
  private static func fullQueue() throws -> (Held<MessageSocket>, SocketAddress, Int) {
    let name = try SocketAddress.unix(abstract: "signals-\(UInt64.random(in: 0 ... .max))")
    let receiver = Held(try MessageSocket.bound(to: name))
    let sender = try MessageSocket(.unix)
    let byte: [UInt8] = [1]
    var count = 0
    // SAFETY: every byte of an array of bytes may be read.
    while try sender.trySendDatagram(unsafe byte.span.bytes, to: name) != nil { count += 1 }
    return (receiver, name, count)
  }
}
