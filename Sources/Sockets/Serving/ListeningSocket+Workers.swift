// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

extension ListeningSocket {
  /// Serves by worker processes that stay, each of which is handed connections as open descriptors.
  ///
  /// The workers are spawned once, not forked; the connection's descriptor travels to the one that has the fewest
  /// connections, by `SCM_RIGHTS`. A worker takes them by a ``WorkerChannel``. A worker that ends before its
  /// server is reported and replaced, at most ten times a second; its connections end with it.
  ///
  /// When the server is told to stop, the workers finish the connections that they have.
  ///
  /// - Parameters:
  ///   - count: how many workers.
  ///   - command: the program, which must use a ``WorkerChannel``.
  ///   - stop: ends the server; `nil` serves for ever.
  ///   - grace: how long the workers may take to end after a stop, before they are killed.
  ///   - onFailure: is told what went wrong: a worker that could not be started or ended, or a pause in
  ///     accepting.
  /// - Returns: what was done; a connection whose handler failed in its worker counts as failed.
  /// - Throws: ``SocketError`` when the listening socket is of no more use.
  ///
  /// The corresponding C functions are `accept4`, `posix_spawn` and `sendmsg` with `SCM_RIGHTS`.
  public func serve(
    byWorkers count: Int,
    command: WorkerCommand,
    until stop: StopSignal? = nil,
    grace: Duration = .seconds(10),
    onFailure: @escaping @Sendable (ServingFailure) -> Void = { _ in }
  ) throws(SocketError) -> ServingSummary {
    precondition(count > 0, "a server by workers needs at least one worker")
    let pool = WorkerPool(command: command, count: count, stop: stop, onFailure: onFailure)
    pool.startMissing()
    defer { pool.end(grace: grace) }
    let listener = owned.number
    var summary = try acceptLoop(
      until: stop,
      onFailure: onFailure,
      waiting: { () throws(SocketError) in
        try pool.waitForConnection(on: listener, or: stop)
      },
      take: { (connection, peer) throws(SocketError) in
        pool.hand(connection, peer)
        return .goOn
      }
    )
    pool.end(grace: grace)
    summary.failed = pool.failed
    return summary
  }
}

/// The workers of one server, on the server's side.
///
/// It belongs to the server's thread.
private final class WorkerPool {
  /// One worker: its process, the channel to it, and how many connections it has.
  private final class Worker {
    var process: WorkerProcess?
    let channel: ConnectedSocket
    /// Connections that it has, the ones on their way to it included.
    var active = 0
    /// Connections that it was sent and has not said that it took: they outlive it.
    var onTheirWay: [Offer] = []

    init(_ process: consuming WorkerProcess, _ channel: consuming ConnectedSocket) {
      self.process = consume process
      self.channel = channel
    }
  }

  /// A connection to be served, kept until a worker has taken it.
  private final class Offer {
    let connection: ConnectedSocket
    let peer: SocketAddress

    init(_ connection: consuming ConnectedSocket, _ peer: SocketAddress) {
      self.connection = connection
      self.peer = peer
    }
  }

  private let command: WorkerCommand
  private let stop: StopSignal?
  private let onFailure: @Sendable (ServingFailure) -> Void
  private var workers: [Worker?]
  private var mayStart = Deadline.now
  private(set) var failed = 0

  init(
    command: WorkerCommand,
    count: Int,
    stop: StopSignal?,
    onFailure: @escaping @Sendable (ServingFailure) -> Void
  ) {
    self.command = command
    self.stop = stop
    self.onFailure = onFailure
    workers = (0..<count).map { _ in nil }
  }

  /// Starts the workers that are not there; not again within a tenth of a second.
  func startMissing() {
    guard workers.contains(where: { $0 == nil }), mayStart.hasPassed || mayStart.remaining == .zero
    else { return }
    for place in workers.indices where workers[place] == nil {
      do {
        workers[place] = try start(place)
      } catch let failure as WorkerFailure {
        onFailure(.worker(failure))
      } catch {
        onFailure(.handler(error))
      }
    }
    mayStart = .milliseconds(100)
  }

  private func start(_ place: Int) throws -> Worker {
    let pair = try ConnectedSocket.pair(.sequencedPacket)
    let ours = pair.first
    let theirs = pair.second
    let inherited: [(here: Int32, there: Int32)] = [(theirs.descriptor.rawValue, 3)]
    let process = try WorkerProcess.start(
      command,
      descriptors: inherited,
      adding: ["\(WorkerChannel.environmentVariable)=3:\(place)"]
    )
    return Worker(process, ours)
  }

  /// Waits for a connection and minds the workers meanwhile; `false` when the signal was set.
  func waitForConnection(
    on listener: Int32,
    or stop: StopSignal?
  ) throws(SocketError) -> Bool {
    while true {
      startMissing()
      let running = workers.contains { $0 != nil }
      let channels = workers.map { $0?.channel.descriptor.rawValue ?? -1 }
      // Without any worker, connections wait in the backlog until one can be started again.
      let descriptors = [stop?.descriptor.rawValue ?? -1, running ? listener : -1] + channels
      let complete = !workers.contains { $0 == nil }
      let ready: [Int]
      do throws(SocketError) {
        ready = try Wait.untilAnyReadable(descriptors, deadline: complete ? .never : mayStart)
      } catch {
        guard error.cause == .deadlinePassed else { throw error }
        continue
      }
      if ready.contains(0) { return false }
      for place in ready where place > 1 { mind(place - 2) }
      // The last worker may have ended just now: then the connection waits for the next.
      if ready.contains(1), workers.contains(where: { $0 != nil }) { return true }
    }
  }

  /// Reads what a worker has to say: a connection is done, or nothing ever again.
  private func mind(_ place: Int) {
    guard let worker = workers[place], !hear(worker) else { return }
    failed += worker.active - worker.onTheirWay.count
    workers[place] = nil
    // Nothing more can be said to a worker whose channel is broken, but that: its end. One that does not hear
    // even this must not hold up the others.
    do { try worker.channel.shutdown(.both) } catch {}
    let failure = worker.process.take()?.end(within: .seconds(1))
    onFailure(
      .worker(
        failure
          ?? WorkerFailure(executable: command.executable, processID: 0, reason: .exited(0))
      )
    )
    for offer in worker.onTheirWay { hand(offer) }
  }

  /// Reads what a worker has said; `false` when it will not say more.
  private func hear(_ worker: Worker) -> Bool {
    var byte: [UInt8] = [0]
    while true {
      let count: Int
      do {
        count = try worker.channel.read(into: &byte, deadline: .now)
      } catch {
        return error.cause == .deadlinePassed
      }
      guard count > 0 else { return false }
      note(WorkerWord(rawValue: byte[0]), of: worker)
    }
  }

  /// Keeps the books of what a worker says.
  private func note(_ word: WorkerWord?, of worker: Worker) {
    switch word {
    case .taken:
      if !worker.onTheirWay.isEmpty { worker.onTheirWay.removeFirst() }
    case .done: worker.active -= 1
    case .failed, nil:
      worker.active -= 1
      failed += 1
    }
  }

  /// Gives a connection to the worker that has the fewest; waits for a worker when all have just ended.
  func hand(_ connection: consuming ConnectedSocket, _ peer: SocketAddress) {
    hand(Offer(connection, peer))
  }

  private func hand(_ offer: Offer) {
    var attempts = 0
    while attempts < Self.handingAttempts {
      attempts += 1
      guard let place = idlest(), let worker = workers[place] else {
        _ = Wait.pause(nanoseconds: max(mayStart.remainingNanoseconds, 1), unless: nil)
        startMissing()
        continue
      }
      do {
        try worker.channel.sendDescriptor(
          of: offer.connection, with: [1] + offer.peer.bytes, deadline: .milliseconds(100))
        worker.active += 1
        worker.onTheirWay.append(offer)
        return
      } catch {
        if error.cause == .deadlinePassed {
          // All have as many as their channels hold. They go on when what they say is heard; after a stop nobody waits for that.
          for place in workers.indices { mind(place) }
          if stop?.isSet == true { break }
          attempts = 0
          continue
        }
        mind(place)
        // A channel that still stands is out of memory: another attempt would meet the same.
        if workers[place] === worker { break }
      }
    }
    failed += 1
    onFailure(.accept(SocketError(.serve, .system(.resourceTemporarilyUnavailable))))
  }

  /// How often a connection is offered while workers end: five seconds of restarts.
  private static let handingAttempts = 50

  private func idlest() -> Int? {
    workers.indices.filter { workers[$0] != nil }
      .min { workers[$0]?.active ?? 0 < workers[$1]?.active ?? 0 }
  }

  /// Closes the channels, waits for the workers, and kills those that do not end in time.
  func end(grace: Duration) {
    var table = WorkerTable()
    for case let worker? in workers {
      // The end of the channel's stream is what tells a worker to finish.
      do { try worker.channel.shutdown(.write) } catch {}
      if let process = worker.process.take() { table.add(process) }
    }
    let ending = workers.compactMap { $0 }
    failed += table.end(
      grace: grace, onFailure, hearing: ending.map { $0.channel.descriptor.rawValue }
    ) { hear(ending[$0]) }
    for worker in ending {
      _ = hear(worker)
      failed += worker.active
    }
    workers.removeAll()
  }
}

/// What a worker says to its server, a byte each.
enum WorkerWord: UInt8 {
  /// A connection was served.
  case done = 0
  /// A connection's handler failed, or the connection was lost on the way.
  case failed = 1
  /// The oldest connection on its way has arrived.
  case taken = 2
}
