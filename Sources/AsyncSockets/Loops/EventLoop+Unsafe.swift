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
///     try await withTaskExecutorPreference(loop) { … }
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
    /// Sleeping and waking cost more than most messages: with a spin, a lone connection is served several times as fast,
    /// at the price of a busy processor. The loop adapts: while nothing comes within the spin, it spins ever
    /// shorter, and a loop that has been idle for long does not spin at all.
    public var spin: Duration
    /// How many operations a task may do in one go while others wait; at least one.
    public var operationsPerTurn: Int

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
  private let parker = Parker()
  private let operationsPerTurn: Int
  let mailbox = Mailbox()

  // The loop's thread.
  @exclusivity(unchecked) package var table = SocketTable()
  @exclusivity(unchecked) private var wheel: TimerWheel
  @exclusivity(unchecked) private var jobs = JobRing()
  /// Operations that ended while a job ran, and whose tasks go on when it has paused.
  @exclusivity(unchecked) private var ready = OperationQueue()
  /// The operation for which the running job is about to park itself.
  @exclusivity(unchecked) private var parking: OperationPointer?
  /// Whether operations that end are collected in ``ready``, because a job runs or a queue is being walked.
  @exclusivity(unchecked) private var isHoldingBack = false
  /// How many operations the running job may still do before it must let others go on.
  @exclusivity(unchecked) package var budget = 0
  @exclusivity(unchecked) private var mail: [Mailbox.Message] = []
  @exclusivity(unchecked) private var spin: Spin
  @exclusivity(unchecked) private var isStopping = false
  @exclusivity(unchecked) package var counters = EventLoopStatistics()

  /// Makes a loop and starts its thread.
  ///
  /// - Parameter configuration: how it behaves.
  /// - Throws: ``SocketError`` with `EMFILE`, `ENFILE`, `ENOMEM` or `EAGAIN` when the system has no more
  ///   descriptors, memory or threads, and with the engine's own error when the configuration names one that does not
  ///   work here (see ``EngineKind/probe()``).
  ///
  /// The corresponding C functions are `epoll_create1` or `io_uring_setup`, and `pthread_create`.
  public init(_ configuration: Configuration = Configuration()) throws(SocketError) {
    operationsPerTurn = max(1, configuration.operationsPerTurn)
    unsafe spin = Spin(configuration.spin)
    unsafe wheel = TimerWheel(nanoseconds: cs_monotonic_nanoseconds())
    engine = try (configuration.engine ?? .automatic()).make()
    unsafe parker.executor.loop = self
    unsafe parker.serial.loop = self
    let status = Thread.start { self.run() }
    guard status >= 0 else { throw SocketError(.poll, result: status) }
  }

  /// Which engine the loop runs on.
  public var engineKind: EngineKind { engine.kind }

  /// Whether the calling code runs on this loop's thread.
  public var isCurrent: Bool {
    unsafe cs_loop_get() == Unmanaged.passUnretained(self).toOpaque()
  }

  /// The loop whose thread the calling code runs on, if it is one.
  public static var current: EventLoop? {
    guard let pointer = unsafe cs_loop_get() else { return nil }
    return unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
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
  func post(_ message: consuming Mailbox.Message) {
    if mailbox.post(message) { engine.wake() }
  }

  /// Does something on the loop's thread, at once when this is it.
  package func perform(_ body: @escaping @Sendable () -> Void) {
    if isCurrent { body() } else { post(.perform(body)) }
  }

  // MARK: The turn

  private func run() {
    unsafe cs_loop_set(Unmanaged.passUnretained(self).toOpaque())
    engine.start(self)
    while unsafe !(isStopping && isIdle) { turn() }
    engine.shutDown()
    cs_loop_set(nil)
  }

  private var isIdle: Bool {
    unsafe jobs.count == 0 && ready.isEmpty && table.socketCount == 0 && mailbox.isEmpty
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
    if unsafe spin.isOn, spinUntilEvent(timeout) { return }
    guard mailbox.beginSleeping() else { return engine.wait(nanoseconds: 0) }
    unsafe counters.sleeps &+= 1
    let start = unsafe spin.isConfigured ? cs_monotonic_nanoseconds() : 0
    engine.wait(nanoseconds: timeout)
    mailbox.endSleeping()
    if unsafe spin.isConfigured { unsafe spin.slept(cs_monotonic_nanoseconds() - start) }
  }

  /// Asks for events without sleeping, as long as the configuration and experience allow.
  ///
  /// - Returns: whether there is something to do.
  private func spinUntilEvent(_ timeout: Int64) -> Bool {
    let start = cs_monotonic_nanoseconds()
    let limit = unsafe timeout < 0 ? spin.window : min(spin.window, timeout)
    let before = unsafe counters.completions
    while true {
      engine.wait(nanoseconds: 0)
      let elapsed = cs_monotonic_nanoseconds() - start
      if unsafe counters.completions != before || !mailbox.isEmpty || jobs.count > 0 {
        unsafe spin.succeeded()
        return true
      }
      if elapsed >= limit {
        unsafe spin.failed()
        return false
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
          isolatedTo: parker.serial.asUnownedSerialExecutor(), taskExecutor: unownedTaskExecutor)
      } else {
        unsafe item.job.runSynchronously(on: unownedTaskExecutor)
      }
      unsafe isHoldingBack = false
    }
  }

  private var unownedTaskExecutor: UnownedTaskExecutor {
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

  /// Ends the loop when its last socket is closed and its last job has run.
  ///
  /// Tasks that prefer the loop must have ended by then: a job that comes later is never run.
  public func shutDown() {
    perform { unsafe self.isStopping = true }
  }

  // MARK: Operations

  /// Begins an operation for the running job, or for a request.
  ///
  /// - Returns: the result when there is one already, or the operation that will have it.
  package func begin(
    _ kind: Operation.Kind, _ slot: SocketPointer, generation: UInt32,
    buffer: UnsafeMutableRawPointer?, byteCount: Int, flags: Int32, deadline: Deadline
  ) -> (result: Int, operation: OperationPointer?) {
    guard unsafe slot.pointee.generation == generation, unsafe !slot.pointee.isClosing else {
      return (LoopResult.closed, nil)
    }
    if unsafe slot.pointee.isCancelled { return (LoopResult.cancelled, nil) }
    unsafe budget -= 1
    let operation = unsafe table.makeOperation()
    unsafe operation.pointee.kind = kind
    unsafe operation.pointee.socket = slot
    unsafe operation.pointee.buffer = buffer
    unsafe operation.pointee.byteCount = byteCount
    unsafe operation.pointee.flags = flags
    let result = unsafe engine.submit(operation)
    guard result == Operation.pending else {
      unsafe counters.immediate &+= 1
      unsafe table.free(operation)
      return (result, nil)
    }
    unsafe operation.pointee.isSubmitted = true
    let limit = unsafe slot.pointee.hasLimits ? self.limit(of: slot, deadline) : deadline
    if limit != .never { unsafe wheel.insert(operation, nanoseconds: limit.nanoseconds) }
    return unsafe (result, operation)
  }

  /// The deadline of an operation on a socket that has limits of its own.
  private func limit(of slot: SocketPointer, _ deadline: Deadline) -> Deadline {
    let idle = unsafe slot.pointee.idleLimit.map(Deadline.after) ?? .never
    let nearest = unsafe min(
      deadline.nanoseconds, idle.nanoseconds, slot.pointee.lastInstant.nanoseconds)
    return Deadline(nanoseconds: nearest)
  }

  /// Begins what a task of another executor asks for.
  private func begin(_ request: RemoteRequest) {
    if request.isCancelled.load(ordering: .relaxed) { return request.finish(LoopResult.cancelled) }
    if request.kind == .timer {
      let operation = unsafe beginTimer(request.deadline)
      unsafe operation.pointee.request = request
      unsafe request.operation = operation
      return
    }
    guard let slot = unsafe table.slot(of: request.token) else {
      return request.finish(LoopResult.closed)
    }
    let begun = unsafe begin(
      request.kind, slot, generation: slot.pointee.generation, buffer: request.buffer,
      byteCount: request.byteCount, flags: request.flags, deadline: request.deadline)
    guard let operation = unsafe begun.operation else { return unsafe request.finish(begun.result) }
    unsafe operation.pointee.request = request
    unsafe request.operation = operation
  }

  /// Begins to wait for a time.
  package func beginTimer(_ deadline: Deadline) -> OperationPointer {
    let operation = unsafe table.makeOperation()
    unsafe operation.pointee.kind = .timer
    unsafe operation.pointee.socket = nil
    if deadline != .never { unsafe wheel.insert(operation, nanoseconds: deadline.nanoseconds) }
    return unsafe operation
  }

  /// Ends an operation early.
  package func cancel(_ operation: OperationPointer, _ ending: Operation.Ending) {
    guard unsafe operation.pointee.ending == .normal else { return }
    if unsafe operation.pointee.isSubmitted {
      unsafe operation.pointee.ending = ending
      unsafe engine.cancel(operation)
    } else if unsafe operation.pointee.kind == .timer, unsafe !operation.pointee.isReady {
      unsafe operation.pointee.ending = ending
      unsafe complete(operation, LoopResult.canceled)
    }
  }

  /// An engine reports the end of an operation that it had called pending.
  package func complete(_ operation: OperationPointer, _ result: Int) {
    unsafe counters.completions &+= 1
    unsafe operation.pointee.isSubmitted = false
    unsafe operation.pointee.result =
      result == LoopResult.canceled ? operation.pointee.ending.result : result
    if unsafe operation.pointee.timer.slot >= 0 { unsafe wheel.remove(operation) }
    let closing = unsafe operation.pointee.socket
    if unsafe isHoldingBack {
      unsafe operation.pointee.isReady = true
      unsafe ready.append(operation)
    } else {
      unsafe resume(operation)
    }
    if let closing = unsafe closing, unsafe closing.pointee.isClosing {
      unsafe finishClosing(closing)
    }
  }

  /// Lets the task go on that waits for an operation, right here.
  private func resume(_ operation: OperationPointer) {
    unsafe operation.pointee.isReady = false
    if let job = unsafe operation.pointee.job {
      unsafe operation.pointee.job = nil
      unsafe budget = operationsPerTurn
      unsafe isHoldingBack = true
      unsafe job.runSynchronously(
        isolatedTo: parker.executor.asUnownedSerialExecutor(), taskExecutor: unownedTaskExecutor)
      unsafe isHoldingBack = false
    } else if let request = unsafe operation.pointee.request {
      unsafe operation.pointee.request = nil
      let result = unsafe operation.pointee.result
      unsafe table.free(operation)
      request.finish(result)
    }
  }

  /// Waits for a length of time, from wherever the caller runs.
  ///
  /// - Returns: zero, or that the task was cancelled or the deadline came first.
  nonisolated(nonsending) package func sleep(
    nanoseconds: Int64, deadline: Deadline = .never
  ) async -> Int {
    let end = Deadline(nanoseconds: cs_monotonic_nanoseconds() + nanoseconds)
    let isCut = deadline.nanoseconds < end.nanoseconds
    let result = await sleep(until: isCut ? deadline : end)
    return result == 0 && isCut ? LoopResult.deadlinePassed : result
  }

  /// Waits for an instant, from wherever the caller runs.
  ///
  /// - Returns: zero, or that the task was cancelled.
  nonisolated(nonsending) package func sleep(until deadline: Deadline) async -> Int {
    if isCurrent { return await unsafe finishCancellably(beginTimer(deadline)) }
    let request = unsafe RemoteRequest(
      .timer, token: 0, buffer: nil, byteCount: 0, flags: 0, deadline: deadline)
    return await wait(for: request)
  }

  /// Hands a request to the loop and waits for its end.
  nonisolated(nonsending) func wait(for request: RemoteRequest) async -> Int {
    await withTaskCancellationHandler {
      await unsafe withUnsafeContinuation { continuation in
        unsafe request.continuation = continuation
        post(.begin(request))
      }
    } onCancel: {
      request.isCancelled.store(true, ordering: .relaxed)
      post(.cancelRequest(request))
    }
  }

  // MARK: Parking

  /// Waits for an operation on the loop's thread.
  ///
  /// - Returns: its result; the operation is over.
  nonisolated(nonsending) package func finish(_ operation: OperationPointer) async -> Int {
    unsafe parking = operation
    await parker.hop()
    let result = unsafe operation.pointee.result
    unsafe table.free(operation)
    return result
  }

  /// The same for a task whose cancellation nobody else watches.
  nonisolated(nonsending) package func finishCancellably(
    _ operation: OperationPointer
  ) async -> Int {
    let reference = unsafe OperationReference(operation)
    return await withTaskCancellationHandler {
      await unsafe finish(operation)
    } onCancel: {
      post(.cancelOperation(reference))
    }
  }

  /// The runtime hands over the job that parks itself.
  func park(_ job: UnownedJob) {
    guard let operation = unsafe parking else {
      fatalError("only an event loop's own operations may wait at its parking place")
    }
    unsafe parking = nil
    unsafe operation.pointee.job = job
  }

  // MARK: Sockets

  /// Begins to close a socket: what waits on it ends now.
  ///
  /// - Returns: what `close` answered, or `nil` when the last of its operations will close it.
  package func beginClosing(_ slot: SocketPointer) -> Int? {
    guard unsafe !slot.pointee.isClosing else { return nil }
    // From the first of its operations that ends, a task could close it: hold that back until all have been told.
    unsafe slot.pointee.isClosing = true
    unsafe slot.pointee.isEnding = true
    unsafe endOperations(slot, .closed)
    unsafe slot.pointee.isEnding = false
    return unsafe finishClosing(slot)
  }

  /// Ends all that waits on a socket; their tasks go on after this.
  func endOperations(_ slot: SocketPointer, _ ending: Operation.Ending) {
    let wasHolding = unsafe isHoldingBack
    unsafe isHoldingBack = true
    var next = unsafe slot.pointee.readers.first
    while let operation = unsafe next {
      unsafe next = operation.pointee.next
      unsafe cancel(operation, ending)
    }
    unsafe next = slot.pointee.writers.first
    while let operation = unsafe next {
      unsafe next = operation.pointee.next
      unsafe cancel(operation, ending)
    }
    unsafe isHoldingBack = wasHolding
  }

  /// Closes a socket whose operations have all ended.
  ///
  /// - Returns: what `close` answered, or `nil` when some have not ended yet.
  @discardableResult
  private func finishClosing(_ slot: SocketPointer) -> Int? {
    guard unsafe !slot.pointee.isEnding, unsafe slot.pointee.readers.isEmpty,
      unsafe slot.pointee.writers.isEmpty
    else { return nil }
    unsafe engine.detach(slot)
    let descriptor = unsafe slot.pointee.descriptor
    let waiter = unsafe slot.pointee.afterLast
    unsafe table.free(slot)
    let result = Syscall.close(descriptor)
    if let waiter = unsafe waiter { unsafe complete(waiter, result) }
    return result
  }

  private func cancelScope(_ token: UInt64) {
    guard let slot = unsafe table.slot(of: token) else { return }
    unsafe slot.pointee.isCancelled = true
    unsafe endOperations(slot, .cancelled)
  }
}

extension Operation.Ending {
  /// The result of an operation that ended so.
  var result: Int {
    switch self {
    case .normal: LoopResult.canceled
    case .cancelled: LoopResult.cancelled
    case .deadlinePassed: LoopResult.deadlinePassed
    case .closed: LoopResult.closed
    }
  }
}
