// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import HTTPMessages
import Sockets
import Synchronization
import SystemPackage

/// How long a client may take.
struct ServeDeadlines: Hashable, Sendable {
  /// For a head, from its first byte on, and for the first byte of a connection.
  var head = Duration.seconds(10)
  /// Between two requests.
  var idle = Duration.seconds(60)
  /// For a body that is thrown away.
  var body = Duration.seconds(20)
  /// For ``pieceByteCount`` bytes of an answer.
  var piece = Duration.seconds(120)
  /// For what was answered, when the server ends the connection behind it.
  var leaving = Duration.seconds(1)

  /// A client that takes less than this in ``piece`` is dropped.
  static let pieceByteCount = 1 << 20
}

/// What all connections share: the folder, the clock, the log, and who is connected.
final class FileServer: Sendable {
  /// One connection, as the server's end needs it.
  final class Visitor: Sendable {
    let connection: Connection
    /// Waits for the next request, until the server wants the connection to end.
    let waiter: Waiter
    /// What a connection waits for.
    enum State {
      /// For nothing: a request is being read or answered.
      static let busy = 0
      /// For its first request.
      static let fresh = 1
      /// For one more.
      static let kept = 2
    }

    /// One of ``State``; one that is not busy may be ended without a loss.
    let state = Atomic<Int>(State.busy)

    /// Since when it is waiting, in nanoseconds of the monotonic clock.
    private let waiting = Atomic<Int64>(0)

    /// Since when it has been waiting for one more request; `nil` when it does not.
    var keptSince: Int64? {
      guard state.load(ordering: .sequentiallyConsistent) == State.kept else { return nil }
      return waiting.load(ordering: .relaxed)
    }

    init(_ connection: Connection) {
      self.connection = connection
      waiter = Waiter(connection.loop)
    }

    /// Notes that it waits from now on.
    func waits(_ state: Int) {
      waiting.store(Deadline.now.nanoseconds, ordering: .relaxed)
      self.state.store(state, ordering: .sequentiallyConsistent)
    }

    /// Ends the connection if nothing is going on.
    ///
    /// - Parameter first: the least state that is ended.
    func end(from first: Int) {
      guard state.load(ordering: .sequentiallyConsistent) >= first else { return }
      waiter.stop()
    }
  }

  let folder: ServedFolder
  let log: AccessLog?
  let cache: FileCache
  let deadlines: ServeDeadlines
  /// How many pages of folders are made at once, each by a thread.
  let listings = Gate(4)
  /// How many of those that are long are on their way at once.
  let pages = Gate(64)
  /// How many connections there may be.
  let maximumConnections: Int

  /// Whom a server that only this machine reaches answers.
  let hosts: HostRule?

  private let oldest = Guarded(OldestVisitors())
  private let visitors = Guarded<[ObjectIdentifier: Visitor]>([:])
  private let draining = Atomic<Bool>(false)
  private let crowded = Atomic<Bool>(false)
  private let full = Atomic<Bool>(false)
  private let date = Guarded<(seconds: Int64, bytes: [UInt8])>((.min, []))

  init(
    _ folder: ServedFolder, log: AccessLog?, cache: FileCache, deadlines: ServeDeadlines,
    maximumConnections: Int, hosts: HostRule? = nil
  ) {
    self.folder = folder
    self.cache = cache
    self.log = log
    self.deadlines = deadlines
    self.maximumConnections = maximumConnections
    self.hosts = hosts
  }

  // MARK: Connections

  /// Serves one connection to its end.
  func serve(_ connection: Connection) async throws {
    let visitor = Visitor(connection)
    visitors.withLock { $0[ObjectIdentifier(visitor)] = visitor }
    defer { visitors.withLock { $0[ObjectIdentifier(visitor)] = nil } }
    // Answers that are written one after the other need not wait for each other's acknowledgement.
    try connection.setOption(.noDelay, to: true)
    var session = ServeSession(self, visitor)
    try await session.run()
    if session.isLeaving { await session.leave() }
  }

  /// Whether connections are to end behind the answer that is being made.
  var isEndingConnections: Bool {
    draining.load(ordering: .sequentiallyConsistent) || crowded.load(ordering: .relaxed)
  }

  /// Whether nobody may wait for a request: the server is to end.
  var isDraining: Bool { draining.load(ordering: .sequentiallyConsistent) }
  /// Whether nobody may wait for one more request: others wait for room.
  var isFull: Bool { full.load(ordering: .sequentiallyConsistent) }

  /// From now on each connection ends behind its answer, and those that wait for a request end at once.
  func drain() {
    draining.store(true, ordering: .sequentiallyConsistent)
    for visitor in visitors.withLock({ Array($0.values) }) {
      visitor.end(from: Visitor.State.fresh)
    }
  }

  /// Notes how many connections there are: when there is room for few more, none is kept behind its answer, and when there is none,
  /// some of those that have been waiting for one more request for longest make room.
  func note(_ statistics: ServingStatistics) {
    let isCrowded = statistics.active >= maximumConnections - maximumConnections / 8
    crowded.store(isCrowded, ordering: .relaxed)
    let isFull = statistics.active >= maximumConnections
    full.store(isFull, ordering: .sequentiallyConsistent)
    guard isFull else { return }
    let count = max(1, min(64, maximumConnections / 8))
    let ended = oldest.withLock { oldest in
      oldest.take(count) { visitors.withLock { Array($0.values) } }
    }
    for visitor in ended { visitor.end(from: Visitor.State.kept) }
  }

  /// The connections that wait for one more request, those first that have been waiting for longest.
  ///
  /// Waiting is so frequent that nobody keeps a list of it: it is made when the server is full, and used up before another one is.
  private struct OldestVisitors {
    /// Between two lists, in nanoseconds: with very many connections a list takes a while.
    private static let pause: Int64 = 20_000_000

    private var list: ArraySlice<(visitor: Visitor, since: Int64)> = []
    private var made = Int64.min

    /// Takes some of the oldest ones.
    mutating func take(_ count: Int, from all: () -> [Visitor]) -> [Visitor] {
      var taken: [Visitor] = []
      var mayMake = true
      while taken.count < count {
        guard let next = list.popFirst() else {
          let now = Deadline.now.nanoseconds
          guard mayMake, made == .min || now - made >= Self.pause else { break }
          mayMake = false
          made = now
          let kept = all().compactMap { visitor in
            visitor.keptSince.map { (visitor: visitor, since: $0) }
          }
          list = kept.sorted { $0.since < $1.since }[...]
          continue
        }
        // Since then it may have asked for something.
        if next.visitor.keptSince == next.since { taken.append(next.visitor) }
      }
      return taken
    }
  }

  // MARK: Time

  /// Closes files that nobody asks for any more, every few seconds, until the task is cancelled.
  func sweep(on loop: EventLoop) async {
    while await loop.sleep(nanoseconds: 3_000_000_000) >= 0 { cache.sweep(now: WallClock.seconds) }
  }

  /// Appends this instant, as the Date field has it; it is written out once a second.
  func appendDate(_ seconds: Int64, to bytes: inout [UInt8]) {
    bytes += date.withLock { date in
      if date.seconds != seconds {
        date.seconds = seconds
        date.bytes.removeAll(keepingCapacity: true)
        HTTPDate.append(seconds, to: &date.bytes)
      }
      return date.bytes
    }
  }
}
