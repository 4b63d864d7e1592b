// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// Several clients at once: the queue before a server that serves one after the other, and the two classic answers, a
/// thread for each and a process for each.
struct ServingStory {
  static let clientCount = 3

  let row: TourRow
  let narrator: Narrator

  // MARK: One after the other

  /// All clients are connected, and wait, while one is being served.
  func tellBacklog() throws {
    narrator.expectedPackets = [.connect: 3]
    narrator.server("A server for one client at a time, with room for others in its queue.")
    let listener = try listen()
    narrator.client("\(Self.clientCount) clients call, and each sends its request.")
    let clients = Clients(address: narrator.lastName ?? SocketAddress(), narrator: narrator)
    try clients.connect()
    for number in 1...Self.clientCount { try clients.send(number) }
    for number in 1...Self.clientCount {
      narrator.server(number == 1 ? "Now the server accepts the first, and serves it." : "")
      let connection = try listener.accept()
      let waiting = Int(try listener.option(.acceptQueueLength))
      guard waiting == Self.clientCount - number else {
        throw TourFailure("\(waiting) clients wait, and not \(Self.clientCount - number)")
      }
      narrator.say(
        "Client \(number) is being served; in the backlog "
          + "\(waiting == 0 ? "nobody waits" : waiting == 1 ? "one waits" : "\(waiting) wait").")
      if number == 1 { try clients.expectNothing(from: 2) }
      narrator.server()
      try Self.answer(connection, by: "the only server")
      try clients.receive(number, from: "the only server")
      narrator.server()
      try connection.close()
    }
    try clients.close()
    narrator.server()
    try listener.close()
    narrator.say("Nobody was lost, but each waited for all before it.")
  }

  private func listen() throws -> ListeningSocket {
    let listener = try Socket(row.family, row.type, row.protocolNumber)
      .bind(to: .ipv4(.loopback, port: .any)).listen()
    if let port = try listener.localAddress().ip?.port { narrator.watch(port: port) }
    return listener
  }

  /// Reads one request and answers it by name.
  private static func answer(_ connection: borrowing ConnectedSocket, by name: String) throws {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = try connection.read(into: &buffer)
    let request = String(decoding: buffer.prefix(count), as: UTF8.self)
    try connection.write("\(request), served by \(name)".utf8)
  }

  // MARK: A thread for each

  /// The same server, a thread for each client.
  func tellThreads() throws {
    narrator.server(
      "The same server again, but each connection is handed to a thread of its own. From here on several make calls at "
        + "once; the lines come as the calls return.")
    let stage = narrator.stage
    try tellSideBySide(expecting: "thread") { listener, stop in
      let numbers = Counter()
      let server = Narrator(stage, as: .server)
      server.bookkeeping = [.poll, .pipe2, .read, .close]
      return try server.observing {
        try listener.serve(by: .threads(atMost: Self.clientCount), until: stop) { connection, _ in
          let number = numbers.next()
          let previous = Syscall.installObserver(
            Narrator(stage, as: .numbered("thread", number)))
          defer { Syscall.restoreObserver(previous) }
          try Self.answer(connection, by: "thread \(number)")
          try connection.close()
        }
      }
    }
  }

  // MARK: A process for each

  /// The same server, a process for each client.
  func tellProcesses() throws {
    narrator.server(
      "The oldest answer: each connection is handed to a process of its own, which finds it as its standard input "
        + "and output. The process is a new one (posix_spawn), so what goes wrong in it hurts no other."
    )
    let stage = narrator.stage
    let command = WorkerCommand(
      executable: "/proc/self/exe", arguments: [TourWorkerCommand.name])
    try tellSideBySide(expecting: "process") { listener, stop in
      let server = Narrator(stage, as: .server)
      server.bookkeeping = [.poll]
      return try server.observing {
        try listener.serve(
          byProcess: command, atMost: Self.clientCount, until: stop, grace: .seconds(1))
      }
    }
  }

  /// The last client asks first: it is answered at once, though those before it have not said a word.
  private func tellSideBySide(
    expecting servant: String,
    _ serve: @escaping @Sendable (borrowing ListeningSocket, StopSignal) throws -> ServingSummary
  ) throws {
    let shared = SharedListener(try listen())
    let clients = Clients(address: narrator.lastName ?? SocketAddress(), narrator: narrator)
    narrator.bookkeeping = [.pipe2, .write]
    let stop = try StopSignal()
    let server = try Background { Result { try serve(shared.listener, stop) } }
    defer { stop.stop() }
    narrator.client(
      "\(Self.clientCount) clients call. The last to call asks first; the others keep silent, and would hold up a "
        + "server for one at a time.")
    try clients.connect()
    for number in stride(from: Self.clientCount, through: 1, by: -1) {
      try clients.send(number)
      try clients.receive(number, from: servant)
    }
    try clients.close()
    stop.stop()
    // The tour gives each row its time.
    let summary = try server.wait(until: .never)?.get() ?? ServingSummary()
    guard summary.accepted == Self.clientCount, summary.failed == 0 else {
      throw TourFailure("\(summary.accepted) were served, \(summary.failed) of them badly")
    }
    let counted = narrator.stage.countedCalls
    narrator.say(
      "All \(Self.clientCount) were served side by side. (Not shown are the calls by which the server waits and "
        + "keeps count: \(counted).)")
    narrator.role = .tour
  }
}

/// The clients of a serving row: they call, ask, and compare the answers.
private final class Clients {
  private final class Slot {
    let socket: ConnectedSocket
    init(_ socket: consuming ConnectedSocket) { self.socket = socket }
  }

  private let address: SocketAddress
  private let narrator: Narrator
  private var slots: [Slot] = []

  init(address: SocketAddress, narrator: Narrator) {
    self.address = address
    self.narrator = narrator
  }

  private func request(_ number: Int) -> String { "request \(number)" }

  func connect() throws {
    for number in 1...ServingStory.clientCount {
      narrator.role = .numbered("client", number)
      slots.append(Slot(try Socket(address.family).connect(to: address)))
    }
  }

  func send(_ number: Int) throws {
    narrator.role = .numbered("client", number)
    try slots[number - 1].socket.write(request(number).utf8)
  }

  /// Shows that a client has not been answered.
  func expectNothing(from number: Int) throws {
    narrator.role = .numbered("client", number)
    let answer = try slots[number - 1].socket.takeIfAny()
    guard answer == nil else { throw TourFailure("client \(number) was served out of turn") }
  }

  /// Compares the answer: it repeats the request and says who served it.
  func receive(_ number: Int, from servant: String) throws {
    narrator.role = .numbered("client", number)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    let wanted = "\(request(number)), served by \(servant)"
    while bytes.count < wanted.utf8.count {
      let count = try slots[number - 1].socket.read(into: &buffer)
      guard count > 0 else { throw TourFailure("client \(number) got no whole answer") }
      bytes += buffer.prefix(count)
    }
    let answer = String(decoding: bytes, as: UTF8.self)
    guard answer.hasPrefix(wanted) else {
      throw TourFailure("client \(number) was answered: \(answer), and not: \(wanted)")
    }
    narrator.confirm("client \(number): \"\(answer)\"")
  }

  func close() throws {
    for number in 1...ServingStory.clientCount where !slots.isEmpty {
      narrator.role = .numbered("client", number)
      // The socket is closed with its only owner.
      slots.removeFirst()
    }
  }
}

/// A listening socket that several threads look at.
private final class SharedListener: Sendable {
  let listener: ListeningSocket
  init(_ listener: consuming ListeningSocket) { self.listener = listener }
}

extension SocketOption where Value == UInt32 {
  /// Of a listening TCP socket: how many connections wait to be accepted, `tcpi_unacked` of `TCP_INFO`.
  fileprivate static var acceptQueueLength: SocketOption<UInt32> {
    // The field is the 32-bit number at byte 24 of struct tcp_info (linux/tcp.h).
    SocketOption(
      level: 6, name: 11, cName: "TCP_INFO",
      coding: OptionCoding(
        capacity: 104, encode: { _ in nil },
        decode: { bytes in
          guard bytes.count >= 28 else { return nil }
          return bytes[24..<28].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }))
  }
}

extension TourRow {
  static let servingRows: [TourRow] = [
    servingRow(
      "backlog", "Several clients: the backlog",
      "One server, one at a time. Who waits, and where?"
    ) { try $0.tellBacklog() },
    servingRow(
      "threads", "Several clients: a thread for each", "The first classic answer."
    ) { try $0.tellThreads() },
    servingRow(
      "processes", "Several clients: a process for each", "The second classic answer."
    ) { try $0.tellProcesses() },
  ]

  private static func servingRow(
    _ name: String, _ title: String, _ about: String,
    _ tell: @escaping @Sendable (ServingStory) throws -> Void
  ) -> TourRow {
    TourRow(
      name: name, title: title, family: .ipv4, type: .stream, protocolNumber: .tcp, about: about,
      remedy: "Linux without IPv4 is rare: build it with CONFIG_INET.", story: .serving(name),
      tell: { narrator, row, _ in try tell(ServingStory(row: row, narrator: narrator)) })
  }
}
