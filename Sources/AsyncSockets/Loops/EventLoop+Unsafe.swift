// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are the table's, see there. What is marked "the loop's thread" is touched by that thread
// alone: by its turn, and by the jobs that it runs.

internal import CSockets
public import Sockets
internal import Synchronization

/// One thread that waits for sockets and runs the tasks that wait for them.
///
/// A loop is a task executor: a task that prefers it runs on its thread, and when the socket that it waits for is
/// ready, goes on right there, without a hop to another thread and without an allocation. Tasks of other executors may
/// use the same sockets; that is correct and slower.
///
///     try await loop.run { … }
///
/// Programs that never mention a loop use those of ``EventLoopPool/shared``. Loops share nothing: a socket belongs
/// to the loop that it was made on, for its whole life.
///
/// A job on a loop must not block its thread: everything else on the loop waits meanwhile.
@safe public final class EventLoop: TaskExecutor, @unchecked Sendable {
  // SENDABLE: the mailbox is made for many threads; all else that varies is the loop's thread's.

  /// How a loop behaves.
  public struct Configuration: Hashable, Sendable {
    /// The engine, or `nil` for the best one that works here; see ``EngineKind/automatic()``.
    public var engine: EngineKind?
    /// How long the loop keeps asking for events before it sleeps; zero, the default, for not at all.
    ///
    /// Sleeping and waking cost more than most messages: with a spin, a lone connection is served up to twice as fast,
    /// at the price of a busy processor. The loop adapts: while nothing comes within the spin, it spins ever
    /// shorter, and a loop that has been idle for long does not spin at all.
    public var spin: Duration
    /// How many operations a task may do in one go while others wait; at least one.
    public var operationsPerTurn: Int
    /// How many operations io_uring's ring may hold that are not yet submitted; a power of two.
    package var ringEntries: UInt32 = 1024

    /// Names the behaviour.
    ///
    /// - Parameters:
    ///   - engine: the engine, or `nil` for the best one that works here.
    ///   - spin: how long to ask before sleeping, at most a second.
    ///   - operationsPerTurn: how many operations a task may do in one go.
    public init(
      engine: EngineKind? = nil, spin: Duration = .zero, operationsPerTurn: Int = 64
    ) {
      self.engine = engine
      self.spin = spin
      self.operationsPerTurn = operationsPerTurn
    }
  }

  /// How many jobs run before the loop looks at its sockets again.
  private static let jobsPerTurn = 256

  let engine: any Engine
  let parker = Parker()
  let operationsPerTurn: Int
  let mailbox = Mailbox()

  // The loop's thread.
  @exclusivity(unchecked) package var table = SocketTable()
  @exclusivity(unchecked) var wheel: TimerWheel
  @exclusivity(unchecked) private var jobs = JobRing()
  /// Operations that ended while a job ran, and whose tasks go on when it has paused.
  @exclusivity(unchecked) var ready = OperationQueue()
  /// The operation for which the running job is about to park itself.
  @exclusivity(unchecked) var parking: OperationPointer?
  /// What the operation came to whose task is being resumed.
  @exclusivity(unchecked) var resumedResult = 0
  /// Whether operations that end are collected in ``ready``, because a job runs or a queue is being walked.
  @exclusivity(unchecked) var isHoldingBack = false
  /// How many operations the running job may still do before it must let others go on.
  @exclusivity(unchecked) package var budget = 0
  @exclusivity(unchecked) private var mail: [Mailbox.Message] = []
  @exclusivity(unchecked) private var spin: Spin
  @exclusivity(unchecked) private var isStopping = false
  @exclusivity(unchecked) package var counters = EventLoopStatistics()

  /// Makes a loop and starts its thread, which runs until ``shutDown()``.
  ///
  /// - Parameter configuration: how it behaves.
  /// - Throws: `SocketError` with `EMFILE`, `ENFILE`, `ENOMEM` or `EAGAIN` when the system has no more
  ///   descriptors, memory or threads, and with the engine's own error when the configuration names one that does not
  ///   work here (see ``EngineKind/probe()``).
  ///
  /// The corresponding C functions are `epoll_create1` or `io_uring_setup`, and `pthread_create`.
  public init(_ configuration: Configuration = Configuration()) throws(SocketError) {
    operationsPerTurn = max(1, configuration.operationsPerTurn)
    unsafe spin = Spin(configuration.spin)
    unsafe wheel = TimerWheel(startingAt: cs_monotonic_nanoseconds())
    engine = try (configuration.engine ?? .automatic()).make(
      ringEntries: configuration.ringEntries)
    unsafe parker.executor.loop = .passUnretained(self)
    unsafe parker.serial.loop = self
    let status = Thread.start(named: "event-loop") { self.run() }
    guard status >= 0 else { throw SocketError(.poll, result: status) }
  }

  /// Which engine the loop runs on.
  public var engineKind: EngineKind { engine.kind }

  /// How often io_uring had no room for completions and kept them; on the loop's thread.
  package var ringOverflows: Int { (engine as? UringEngine)?.overflows ?? 0 }

  /// Whether the calling code runs on this loop's thread.
  public var isCurrent: Bool {
    unsafe cs_loop_get() == Unmanaged.passUnretained(self).toOpaque()
  }

  /// The loop whose thread the calling code runs on, if it is one.
  public static var current: EventLoop? {
    guard let pointer = unsafe cs_loop_get() else { return nil }
    return unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// The loop as the executor of an actor that lives on its thread.
  ///
  ///     actor Chat {
  ///       let loop: EventLoop
  ///       nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor }
  ///     }
  ///
  /// The actor keeps the loop, because this does not.
  public var serialExecutor: UnownedSerialExecutor {
    unsafe parker.serial.asUnownedSerialExecutor()
  }

  // MARK: Jobs

  /// Takes a job to be run on the loop's thread; called by the Swift runtime.
  ///
  /// - Parameter job: the job.
  public func enqueue(_ job: consuming ExecutorJob) { enqueue(UnownedJob(job), isSerial: false) }

  func enqueue(_ job: UnownedJob, isSerial: Bool) {
    if isCurrent {
      unsafe jobs.append(JobRing.Item(job: job, isSerial: isSerial))
    } else {
      post(.job(job, isSerial: isSerial))
    }
  }

  /// Leaves a message for the loop, and wakes it if it sleeps.
  ///
  /// What comes when the loop has ended can wait for nothing: cancelling is too late, and anything else would never be answered.
  func post(_ message: Mailbox.Message) {
    switch mailbox.post(message) {
    case .isAwake: break
    case .mustBeWoken: engine.wake()
    case .isClosed where message.isLate: break
    case .isClosed: fatalError("an event loop was used after its shutDown()")
    }
  }

  /// Does something on the loop's thread, at once when this is it.
  package func perform(_ body: @escaping @Sendable () -> Void) {
    if isCurrent { body() } else { post(.perform(body)) }
  }

  // MARK: The turn

  private func run() {
    unsafe cs_loop_set(Unmanaged.passUnretained(self).toOpaque())
    engine.start(self)
    while unsafe !(isStopping && isIdle && mailbox.closeIfEmpty()) { turn() }
    engine.shutDown()
    cs_loop_set(nil)
  }

  private var isIdle: Bool {
    unsafe jobs.count == 0 && table.socketCount == 0 && table.operationCount == 0
  }

  private func turn() {
    unsafe counters.turns &+= 1
    runJobs()
    resumeReady()
    if !mailbox.isEmpty { readMail() }
    var timeout: Int64 = -1
    if unsafe jobs.count > 0 || !ready.isEmpty {
      timeout = 0
    } else if unsafe wheel.count > 0 {
      timeout = unsafe wheel.nanosecondsUntilNext(from: cs_monotonic_nanoseconds()) ?? -1
    }
    if unsafe isStopping, isIdle { return }
    wait(timeout)
    if unsafe wheel.count > 0 { fireTimers() }
  }

  private func wait(_ timeout: Int64) {
    guard timeout != 0 else { return engine.wait(nanoseconds: 0) }
    var timeout = timeout
    if unsafe spin.isOn {
      guard let rest = spinUntilEvent(timeout) else { return }
      timeout = rest
    }
    guard mailbox.beginSleeping() else { return engine.wait(nanoseconds: 0) }
    unsafe counters.sleeps &+= 1
    let start = unsafe spin.isConfigured ? cs_monotonic_nanoseconds() : 0
    let before = unsafe counters.completions
    engine.wait(nanoseconds: timeout)
    mailbox.endSleeping()
    // A sleep that a time has ended says nothing about what comes from outside.
    if unsafe spin.isConfigured && (counters.completions != before || !mailbox.isEmpty) {
      unsafe spin.slept(cs_monotonic_nanoseconds() - start)
    }
  }

  /// Asks for events without sleeping, as long as the configuration and experience allow.
  ///
  /// - Returns: for how long there is still nothing to do, or `nil` when there is something.
  private func spinUntilEvent(_ timeout: Int64) -> Int64? {
    let start = cs_monotonic_nanoseconds()
    let before = unsafe counters.completions
    while true {
      engine.wait(nanoseconds: 0)
      let elapsed = cs_monotonic_nanoseconds() - start
      if unsafe counters.completions != before || !mailbox.isEmpty || jobs.count > 0 {
        unsafe spin.succeeded()
        return nil
      }
      let isDue = timeout >= 0 && elapsed >= timeout
      if unsafe isDue || elapsed >= spin.window {
        unsafe spin.failed()
        return isDue ? nil : timeout < 0 ? timeout : timeout - elapsed
      }
    }
  }

  private func runJobs() {
    var left = Self.jobsPerTurn
    while left > 0, let item = unsafe jobs.takeFirst() {
      left -= 1
      unsafe budget = operationsPerTurn
      unsafe isHoldingBack = true
      unsafe counters.jobs &+= 1
      if item.isSerial {
        unsafe item.job.runSynchronously(
          isolatedTo: parker.serial.asUnownedSerialExecutor(), taskExecutor: ownTaskExecutor)
      } else {
        unsafe item.job.runSynchronously(on: ownTaskExecutor)
      }
      unsafe isHoldingBack = false
    }
  }

  var ownTaskExecutor: UnownedTaskExecutor {
    unsafe UnownedTaskExecutor(ordinary: self)
  }

  /// Those that ended while a job ran; what ends meanwhile waits for the next turn.
  private func resumeReady() {
    guard unsafe !ready.isEmpty else { return }
    var now = unsafe ready
    unsafe ready = OperationQueue()
    while let operation = unsafe now.takeFirst() { unsafe resume(operation) }
  }

  private func readMail() {
    unsafe mailbox.takeAll(into: &mail)
    for message in unsafe mail {
      switch message {
      case .job(let job, let isSerial):
        unsafe jobs.append(JobRing.Item(job: job, isSerial: isSerial))
      case .begin(let request): begin(request)
      case .cancelRequest(let request):
        if let operation = unsafe request.operation { unsafe cancel(operation, .cancelled) }
      case .cancelOperation(let reference):
        if unsafe reference.pointer.pointee.serial == reference.serial {
          unsafe cancel(reference.pointer, .cancelled)
        }
      case .cancelScope(let token): cancelScope(token)
      case .endScope(let token): endScope(token)
      case .abandon(let token):
        if let slot = unsafe table.slot(of: token) { _ = unsafe beginClosing(slot) }
      case .perform(let body): body()
      }
    }
    unsafe mail.removeAll(keepingCapacity: true)
  }

  private func fireTimers() {
    let now = cs_monotonic_nanoseconds()
    while let operation = unsafe wheel.takeDue(nanoseconds: now) {
      if unsafe operation.pointee.kind == .timer {
        unsafe complete(operation, 0)
      } else {
        unsafe cancel(operation, .deadlinePassed)
      }
    }
  }

  /// What the loop has done so far and has to do at the moment.
  ///
  /// Waits for its turn like any other job, which is how it learns ``EventLoopStatistics/lag``.
  ///
  /// - Returns: the numbers of one moment.
  public func statistics() async -> EventLoopStatistics {
    let start = cs_monotonic_nanoseconds()
    if isCurrent {
      await Task.yield()
      // A task that does not prefer the loop goes on elsewhere.
      if isCurrent { return statistics(askedAt: start) }
    }
    return await unsafe withUnsafeContinuation { continuation in
      post(.perform { unsafe continuation.resume(returning: self.statistics(askedAt: start)) })
    }
  }

  private func statistics(askedAt start: Int64) -> EventLoopStatistics {
    var statistics = unsafe counters
    statistics.lag = .nanoseconds(cs_monotonic_nanoseconds() - start)
    statistics.sockets = unsafe table.socketCount
    statistics.pendingOperations = unsafe table.operationCount
    statistics.queuedJobs = unsafe jobs.count
    statistics.timers = unsafe wheel.count
    return statistics
  }

  /// Ends the loop when its last socket is closed, its last job has run and nothing waits for a time any more.
  ///
  /// Tasks that prefer the loop must have ended by then: whoever uses it later stops the program.
  public func shutDown() {
    perform { unsafe self.isStopping = true }
  }
}
