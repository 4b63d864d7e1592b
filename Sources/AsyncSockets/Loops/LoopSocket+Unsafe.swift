// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the slot is memory of the loop that is never given back, and is touched on the loop's thread alone; its
// generation says whether it is still this socket's. Buffers are lent by calls that wait here for their operation's end.

internal import CSockets
package import Sockets
internal import Synchronization
internal import SystemPackage

/// A socket on a loop: what connections, listeners and the others have inside.
///
/// It may be used by several tasks at once. When it ends without having been closed, the loop closes it.
@safe package struct LoopSocket: ~Copyable, @unchecked Sendable {
  // SENDABLE: the slot is touched on the loop's thread alone; the rest never varies, but for the mutex.
  package let loop: EventLoop
  let slot: SocketPointer
  let generation: UInt32
  package let descriptor: Int32
  package let family: AddressFamily
  package let type: SocketType
  /// Whether it carries a stream of TCP, of which a short read says that there is no more.
  let isTCP: Bool
  /// Whether the descriptor is this socket's to make calls on; held during calls that do not wait.
  private let isOpen = Guarded(true)
  private let end = Atomic<Bool>(false)
  /// When every operation has to be over, for those that need no wait.
  private let lastNanoseconds = Atomic<Int64>(.max)

  /// Gives a socket to the loop whose thread this is.
  ///
  /// - Parameters:
  ///   - owned: the socket.
  ///   - loop: the loop.
  ///   - isTCP: whether it is one of TCP, where that is known; otherwise the kernel is asked.
  package init(_ owned: consuming OwnedDescriptor, on loop: EventLoop, isTCP: Bool? = nil) {
    let isTCP = isTCP ?? owned.isTCP
    let family = owned.family
    let type = owned.type
    let descriptor = owned.release()
    unsafe self.init(
      descriptor, family, type, isTCP, loop,
      slot: loop.makeSlot(descriptor, family, type, isTCP: isTCP))
  }

  private init(
    _ descriptor: Int32, _ family: AddressFamily, _ type: SocketType, _ isTCP: Bool,
    _ loop: EventLoop, slot: SocketPointer
  ) {
    self.descriptor = descriptor
    self.family = family
    self.type = type
    self.isTCP = isTCP
    self.loop = loop
    unsafe self.slot = slot
    unsafe generation = slot.pointee.generation
  }

  /// Gives a socket to a loop, from wherever the caller runs.
  nonisolated(nonsending) package static func make(
    _ owned: consuming OwnedDescriptor, on loop: EventLoop, isTCP: Bool? = nil
  ) async -> LoopSocket {
    if loop.isCurrent { return LoopSocket(owned, on: loop, isTCP: isTCP) }
    let isTCP = isTCP ?? owned.isTCP
    let family = owned.family
    let type = owned.type
    let descriptor = owned.release()
    let place = await unsafe withUnsafeContinuation {
      (continuation: UnsafeContinuation<UInt, Never>) in
      loop.post(
        .perform {
          let slot = unsafe loop.makeSlot(descriptor, family, type, isTCP: isTCP)
          unsafe continuation.resume(returning: UInt(bitPattern: slot))
        })
    }
    guard let slot = unsafe SocketPointer(bitPattern: place) else {
      fatalError("a loop's slot has an address")
    }
    return unsafe LoopSocket(descriptor, family, type, isTCP, loop, slot: slot)
  }

  deinit {
    if isOpen.withLock({ $0 }) { loop.post(.abandon(token: token)) }
  }

  private var token: UInt64 {
    unsafe SocketSlot.token(generation: generation, index: slot.pointee.index)
  }

  // MARK: Operations

  /// Does an operation on the socket's loop and waits for its end.
  ///
  /// A cancelled task begins nothing.
  ///
  /// - Returns: what ``LoopResult`` says.
  nonisolated(nonsending) package func perform(
    _ kind: Operation.Kind, _ buffer: UnsafeMutableRawPointer?, byteCount: Int,
    flags: Int32 = 0, deadline: Deadline
  ) async -> Int {
    if cs_is_cancelled() { return LoopResult.cancelled }
    guard loop.isCurrent else {
      return await unsafe performRemotely(
        kind, buffer, byteCount: byteCount, flags: flags, deadline: deadline)
    }
    if unsafe loop.budget <= 0 {
      return await unsafe performAfterTurn(
        kind, buffer, byteCount: byteCount, flags: flags, deadline: deadline)
    }
    return await unsafe performHere(
      kind, buffer, byteCount: byteCount, flags: flags, deadline: deadline)
  }

  // What is rare is not inlined: each task that waits keeps a frame of all that could happen.
  @inline(never)
  nonisolated(nonsending) private func performAfterTurn(
    _ kind: Operation.Kind, _ buffer: UnsafeMutableRawPointer?, byteCount: Int, flags: Int32,
    deadline: Deadline
  ) async -> Int {
    await Task.yield()
    // Meanwhile the task may have been cancelled, what the caller has found may have changed, and an isolated task goes on
    // elsewhere.
    if cs_is_cancelled() { return LoopResult.cancelled }
    guard loop.isCurrent else {
      return await unsafe performRemotely(
        kind, buffer, byteCount: byteCount, flags: flags, deadline: deadline)
    }
    return await unsafe performHere(
      kind, buffer, byteCount: byteCount, flags: kind.flags(afterOthers: flags),
      deadline: deadline)
  }

  nonisolated(nonsending) private func performHere(
    _ kind: Operation.Kind, _ buffer: UnsafeMutableRawPointer?, byteCount: Int, flags: Int32,
    deadline: Deadline
  ) async -> Int {
    let begun = unsafe loop.begin(
      kind, slot, generation: generation, buffer: buffer, byteCount: byteCount, flags: flags,
      deadline: deadline)
    guard let operation = unsafe begun.operation else { return unsafe begun.result }
    return await unsafe isWatched
      ? loop.finish(operation) : loop.finishCancellably(operation)
  }

  /// Waits on the socket's loop for something that needs no memory: a connection or readiness.
  ///
  /// - Returns: what ``LoopResult`` says.
  nonisolated(nonsending) package func wait(
    for kind: Operation.Kind, deadline: Deadline
  ) async -> Int {
    await unsafe perform(kind, nil, byteCount: 0, flags: 0, deadline: deadline)
  }

  /// Whether the running task is the one whose cancellation ends all that waits on this socket anyway.
  private var isWatched: Bool {
    let watched = unsafe slot.pointee.scopeTask
    return watched != 0 && watched == Self.currentTask
  }

  /// The running task's address, which is its name while it runs.
  private static var currentTask: UInt { unsafe UInt(bitPattern: cs_current_task()) }

  @inline(never)
  nonisolated(nonsending) private func performRemotely(
    _ kind: Operation.Kind, _ buffer: UnsafeMutableRawPointer?, byteCount: Int, flags: Int32,
    deadline: Deadline
  ) async -> Int {
    let request = unsafe RemoteRequest(
      kind, token: token, buffer: buffer, byteCount: byteCount,
      flags: kind.flags(afterOthers: flags), deadline: deadline)
    return await loop.wait(for: request)
  }

  /// Receives bytes, on the loop's thread, for a task whose waits others can end.
  ///
  /// - Returns: what ``LoopResult`` says: `cancelled` when nothing had come by the time the waiter was stopped, `closed` elsewhere
  ///   than on the loop.
  nonisolated(nonsending) func receive(
    _ buffer: UnsafeMutableRawPointer?, _ byteCount: Int, _ deadline: Deadline, _ waiter: Waiter
  ) async -> Int {
    if unsafe loop.isCurrent && loop.budget <= 0 { await Task.yield() }
    if cs_is_cancelled() { return LoopResult.cancelled }
    guard loop.isCurrent else { return LoopResult.closed }
    let begun = unsafe loop.begin(
      .receive, slot, generation: generation, buffer: buffer, byteCount: byteCount, flags: 0,
      deadline: deadline)
    guard let operation = unsafe begun.operation else { return unsafe begun.result }
    return await unsafe waiter.finish(operation, .bytes, isWatched: isWatched)
  }

  /// Takes a connection out of the backlog, on the loop's thread, for a task whose waits others can end.
  nonisolated(nonsending) func accept(_ waiter: Waiter) async -> Int {
    if unsafe loop.budget <= 0 { await Task.yield() }
    let begun = unsafe loop.begin(
      .accept, slot, generation: generation, buffer: nil, byteCount: 0, flags: 0,
      deadline: .never)
    guard let operation = unsafe begun.operation else { return unsafe begun.result }
    return await unsafe waiter.finish(operation, .connection)
  }

  /// Sends what there is room for, without waiting; for the loop's thread, which alone closes sockets, so that no lock is needed.
  ///
  /// - Returns: how many bytes went, or what ``LoopResult`` says: `wouldBlock` without room, `closed` elsewhere than on the loop.
  package func trySend(_ bytes: RawSpan) -> Int {
    guard loop.isCurrent, unsafe slot.pointee.generation == generation,
      unsafe !slot.pointee.isClosing
    else { return LoopResult.closed }
    let flags = MessageFlags.noSignal.union(.doNotWait).rawValue
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe Syscall.send(descriptor, bytes, flags: flags)
    }
  }

  /// Limits how long operations may wait and how long the socket may be used; on the loop's thread.
  func limit(idle: Duration?, total: Duration?) {
    guard idle != nil || total != nil else { return }
    unsafe slot.pointee.hasLimits = true
    unsafe slot.pointee.idleLimit = idle
    let last = total.map(Deadline.after) ?? .never
    unsafe slot.pointee.lastInstant = last
    lastNanoseconds.store(last.nanoseconds, ordering: .relaxed)
  }

  /// When every operation on the socket has to be over.
  var lastInstant: Deadline { Deadline(nanoseconds: lastNanoseconds.load(ordering: .relaxed)) }

  /// Whether something may still be attempted: zero, or that the task is cancelled, or that the socket has been used for as long
  /// as it may be.
  var permission: Int {
    if cs_is_cancelled() { return LoopResult.cancelled }
    return lastInstant.hasPassed ? LoopResult.deadlinePassed : 0
  }

  // MARK: Calls that do not wait

  /// Lends the descriptor, which stays open meanwhile.
  ///
  /// - Parameters:
  ///   - operation: what is done with it, for the error.
  ///   - body: is handed it as an owner that it must release.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw; cause `closed`.
  package func lend<R>(
    _ operation: SocketError.Operation, _ body: (consuming OwnedDescriptor) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    var answer = Result<R, SocketError>.failure(SocketError(operation, .closed))
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      let owned = OwnedDescriptor(owning: descriptor, family: family, type: type)
      do throws(SocketError) { answer = .success(try body(owned)) } catch {
        answer = .failure(error)
      }
    }
    return try answer.get()
  }

  /// Lends the socket as an owner of one of the core's types.
  ///
  /// - Parameters:
  ///   - operation: what is done with it, for the error.
  ///   - make: makes the owner.
  ///   - body: is lent the owner; it must not wait.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw; cause `closed`.
  package func withOwner<Owner: SocketOwner & ~Copyable, R>(
    _ operation: SocketError.Operation,
    _ make: (consuming OwnedDescriptor) -> Owner,
    _ body: (borrowing Owner) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    try lend(operation) { owned throws(SocketError) in
      let owner = make(owned)
      do throws(SocketError) {
        let result = try body(owner)
        _ = owner.release()
        return result
      } catch {
        _ = owner.release()
        throw error
      }
    }
  }

  /// A read has found the end of the stream.
  package func noteEnd() { end.store(true, ordering: .relaxed) }

  /// Whether a read has found the end of the stream.
  package var hasEnded: Bool { end.load(ordering: .relaxed) }

  // MARK: Closing

  /// Closes the socket: whatever waits on it ends with cause `closed`.
  ///
  /// A second time does nothing.
  ///
  /// - Returns: what `close` answered; zero when it was interrupted, because it is closed all the same (close(2)).
  nonisolated(nonsending) package func close() async -> Int {
    let result = await closeOnce()
    return result == -Int(Errno.interrupted.rawValue) ? 0 : result
  }

  nonisolated(nonsending) private func closeOnce() async -> Int {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    guard wasOpen else { return 0 }
    if loop.isCurrent {
      if let result = unsafe loop.beginClosing(slot) { return result }
      let waiter = unsafe loop.beginTimer(.never)
      unsafe slot.pointee.afterLast = waiter
      return await unsafe loop.finish(waiter)
    }
    let token = token
    let loop = loop
    return await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Int, Never>) in
      loop.post(
        .perform {
          unsafe loop.closeRemotely(token, unsafe continuation)
        })
    }
  }

  /// Takes the socket back from the loop; whatever waits on it ends with cause `closed`.
  nonisolated(nonsending) package func release() async throws(SocketError) -> OwnedDescriptor {
    // The loop closes its own descriptor; this is another of the same socket.
    let duplicate = try lend(.duplicate) { owned throws(SocketError) in
      let number = owned.release()
      let duplicate = Syscall.fcntl(
        number, command: Constants.duplicateCloseOnExec, argument: 0)
      guard duplicate >= 0 else { throw SocketError(.duplicate, result: duplicate) }
      return Int32(truncatingIfNeeded: duplicate)
    }
    _ = await close()
    return OwnedDescriptor(owning: duplicate, family: family, type: type)
  }

  // MARK: Scopes

  /// Runs a body whose task's cancellation ends whatever waits on this socket.
  ///
  /// One watcher for the whole body instead of one for each operation that waits.
  nonisolated(nonsending) package func withCancellationWatched<R>(
    _ body: () async throws -> R
  ) async rethrows -> R {
    guard beginScope(of: nil) else { return try await body() }
    defer { endScope() }
    let token = token
    let loop = loop
    return try await withTaskCancellationHandler {
      try await body()
    } onCancel: {
      loop.post(.cancelScope(token: token))
    }
  }

  /// From now on somebody else sees to it that the running task's cancellation ends whatever waits on this socket.
  ///
  /// - Parameter owner: by whose name ``EventLoop/cancelScopes(of:)`` finds the scope.
  /// - Returns: whether there is such a scope now: not elsewhere than on the loop, and not within another one.
  func beginScope(of owner: ObjectIdentifier?) -> Bool {
    guard loop.isCurrent, unsafe slot.pointee.generation == generation,
      unsafe slot.pointee.scopeTask == 0
    else { return false }
    unsafe slot.pointee.scopeTask = Self.currentTask
    unsafe slot.pointee.scopeOwner = owner
    return true
  }

  /// Ends a scope that was begun; the slot may be another socket's by now.
  func endScope() {
    if loop.isCurrent { loop.endScope(token) } else { loop.post(.endScope(token: token)) }
  }
}

extension OwnedDescriptor {
  /// Whether the socket carries a stream of TCP, by the kernel's word; what it does not say counts as no.
  fileprivate var isTCP: Bool {
    guard type == .stream, family == .ipv4 || family == .ipv6 else { return false }
    return Syscall.protocolNumber(number) == Int(ProtocolNumber.tcp.rawValue)
  }
}

extension EventLoop {
  /// A slot for a socket; on the loop's thread.
  fileprivate func makeSlot(
    _ descriptor: Int32, _ family: AddressFamily, _ type: SocketType, isTCP: Bool
  ) -> SocketPointer {
    let slot = unsafe table.makeSlot(descriptor, family)
    // A sender of Unix datagrams counts as writable though its receiver is full: only changes mean anything there.
    unsafe slot.pointee.isLevelTriggered = family == .unix && type != .datagram
    // Of those that tell of changes alone, only TCP's short reads prove anything: one of SCTP ends with its message.
    if !isTCP { unsafe slot.pointee.readiness.insert(.shortReadsProveNothing) }
    return unsafe slot
  }

  /// Closes for a task that waits elsewhere.
  func closeRemotely(_ token: UInt64, _ continuation: UnsafeContinuation<Int, Never>) {
    guard let slot = unsafe table.slot(of: token) else {
      return unsafe continuation.resume(returning: 0)
    }
    if let result = unsafe beginClosing(slot) {
      return unsafe continuation.resume(returning: result)
    }
    let request = unsafe RemoteRequest(
      .timer, token: token, buffer: nil, byteCount: 0, flags: 0, deadline: .never)
    unsafe request.continuation = continuation
    let waiter = unsafe beginTimer(.never)
    unsafe waiter.pointee.request = request
    unsafe slot.pointee.afterLast = waiter
  }

  func endScope(_ token: UInt64) {
    if let slot = unsafe table.slot(of: token) { unsafe slot.pointee.scopeTask = 0 }
  }
}
