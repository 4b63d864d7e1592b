// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension ListeningSocket {
  /// Serves each connection by a process of its own, whose standard input and output it is: the way of inetd.
  ///
  /// Any program that reads its standard input and writes its standard output can be a server this way. The
  /// process is spawned, not forked; it gets nothing else of this process than its standard error. Of this
  /// process's side of the connection nothing remains, so the connection ends with the worker.
  ///
  /// - Parameters:
  ///   - command: the program.
  ///   - limit: how many may run at once; further clients wait in the backlog.
  ///   - stop: ends the server; `nil` serves for ever.
  ///   - grace: how long running workers may take to end after a stop, before they are killed.
  ///   - onFailure: is told what went wrong: a worker that could not be started or ended badly, or a
  ///     pause in accepting.
  /// - Returns: what was done.
  /// - Throws: ``SocketError`` when the listening socket is of no more use.
  ///
  /// The corresponding C functions are `accept4` and `posix_spawn`.
  public func serve(
    byProcess command: WorkerCommand,
    atMost limit: Int = 64,
    until stop: StopSignal? = nil,
    grace: Duration = .seconds(10),
    onFailure: @escaping @Sendable (ServingFailure) -> Void = { _ in }
  ) throws(SocketError) -> ServingSummary {
    precondition(limit > 0, "a server by processes needs at least one process")
    var workers = WorkerTable()
    defer { _ = workers.end(grace: grace, onFailure) }
    var failed = 0
    var summary = try acceptLoop(until: stop, onFailure: onFailure) {
      (connection, _) throws(SocketError) in
      do throws(WorkerFailure) {
        let number = connection.descriptor.rawValue
        let standard: [(here: Int32, there: Int32)] = [(number, 0), (number, 1)]
        workers.add(try .start(command, descriptors: standard))
      } catch {
        failed += 1
        onFailure(.worker(error))
      }
      failed += workers.collect(onFailure)
      while workers.count >= limit {
        guard try workers.waitForOne(or: stop) else { return .stop }
        failed += workers.collect(onFailure)
      }
      return .goOn
    }
    failed += workers.end(grace: grace, onFailure)
    summary.failed += failed
    return summary
  }
}

/// The worker processes that run.
struct WorkerTable: ~Copyable {
  /// A noncopyable value that an array can hold.
  private final class Slot {
    var process: WorkerProcess?
    init(_ process: consuming WorkerProcess) { self.process = consume process }
  }

  private var slots: [Slot] = []

  var count: Int { slots.count }

  mutating func add(_ process: consuming WorkerProcess) { slots.append(Slot(process)) }

  private var exits: [Int32] { slots.map { $0.process?.exit.number ?? -1 } }

  /// Waits until a worker has ended; `false` when the signal was set first.
  func waitForOne(or stop: StopSignal?) throws(SocketError) -> Bool {
    let ready = try Wait.untilAnyReadable(
      [stop?.descriptor.rawValue ?? -1] + exits,
      deadline: .never
    )
    return !ready.contains(0)
  }

  /// Takes leave of the workers that have ended; returns how many had failed.
  mutating func collect(_ onFailure: (ServingFailure) -> Void) -> Int {
    var failed = 0
    slots.removeAll { slot in
      guard let exit = slot.process?.exit.number, Wait.isReady(Constants.pollIn, exit) else {
        return false
      }
      if let failure = slot.process.take()?.wait() {
        failed += 1
        onFailure(.worker(failure))
      }
      return true
    }
    return failed
  }

  /// Waits for all workers, and kills those that do not end in time.
  ///
  /// - Parameters:
  ///   - grace: how long they may take.
  ///   - onFailure: is told of each that had failed.
  ///   - channels: what they say meanwhile comes here; a worker that cannot say it does not end.
  ///   - hear: is told which channel has something to read, and answers whether it may have more.
  /// - Returns: how many had failed.
  mutating func end(
    grace: Duration, _ onFailure: (ServingFailure) -> Void, hearing channels: [Int32] = [],
    _ hear: (Int) -> Bool = { _ in false }
  ) -> Int {
    let deadline = Deadline.after(grace)
    var channels = channels
    var failed = collect(onFailure)
    while !slots.isEmpty {
      do throws(SocketError) {
        let ready = try Wait.untilAnyReadable(channels + exits, deadline: deadline)
        for place in ready where place < channels.count && !hear(place) { channels[place] = -1 }
      } catch {
        for slot in slots { slot.process?.kill() }
        while !slots.isEmpty {
          let process = slots.removeLast().process.take()
          if let failure = process?.wait() {
            failed += 1
            onFailure(.worker(failure))
          }
        }
      }
      failed += collect(onFailure)
    }
    return failed
  }
}
