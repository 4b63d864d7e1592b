// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are the table's, see SocketSlot+Unsafe.swift; all here runs on the loop's thread.

internal import CSockets
package import Sockets
internal import Synchronization

extension EventLoop {
  /// Begins an operation for the running job, or for a request.
  ///
  /// - Returns: the result when there is one already, or the operation that will have it.
  @inline(never)
  package func begin(
    _ kind: Operation.Kind, _ slot: SocketPointer, generation: UInt32,
    buffer: UnsafeMutableRawPointer?, byteCount: Int, flags: Int32, deadline: Deadline
  ) -> (result: Int, operation: OperationPointer?) {
    guard unsafe slot.pointee.generation == generation, unsafe !slot.pointee.isClosing else {
      return (LoopResult.closed, nil)
    }
    if unsafe slot.pointee.hasLimits, unsafe slot.pointee.lastInstant.hasPassed {
      return (LoopResult.deadlinePassed, nil)
    }
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
  func limit(of slot: SocketPointer, _ deadline: Deadline) -> Deadline {
    let idle = unsafe slot.pointee.idleLimit.map(Deadline.after) ?? .never
    let nearest = unsafe min(
      deadline.nanoseconds, idle.nanoseconds, slot.pointee.lastInstant.nanoseconds)
    return Deadline(nanoseconds: nearest)
  }

  /// Begins what a task of another executor asks for.
  func begin(_ request: RemoteRequest) {
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
    let socket = unsafe operation.pointee.socket
    let generation = unsafe socket?.pointee.generation
    if unsafe isHoldingBack {
      unsafe operation.pointee.isReady = true
      unsafe ready.append(operation)
    } else {
      unsafe resume(operation)
    }
    // The task that went on may have closed the socket, and another may have its slot.
    if let socket = unsafe socket, unsafe socket.pointee.generation == generation,
      unsafe socket.pointee.isClosing
    {
      unsafe finishClosing(socket)
    }
  }

  /// Lets the task go on that waits for an operation, right here.
  func resume(_ operation: OperationPointer) {
    unsafe operation.pointee.isReady = false
    if let job = unsafe operation.pointee.job {
      unsafe operation.pointee.job = nil
      unsafe resumedResult = operation.pointee.result
      unsafe table.free(operation)
      unsafe budget = operationsPerTurn
      unsafe isHoldingBack = true
      // As if it were the loop's own: behind the hop there is nothing to switch back from.
      unsafe job.runSynchronously(on: ownTaskExecutor)
      unsafe isHoldingBack = false
    } else if let request = unsafe operation.pointee.request {
      unsafe operation.pointee.request = nil
      let result = unsafe operation.pointee.result
      unsafe table.free(operation)
      request.finish(result)
    }
  }

  // MARK: Closing

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
  func finishClosing(_ slot: SocketPointer) -> Int? {
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

  func cancelScope(_ token: UInt64) {
    guard let slot = unsafe table.slot(of: token) else { return }
    unsafe endOperations(slot, .cancelled)
  }

  /// Ends whatever waits in the scopes of an owner that has just cancelled their tasks; on the loop's thread.
  ///
  /// What these tasks begin afterwards ends by itself: a cancelled task begins nothing.
  func cancelScopes(of owner: ObjectIdentifier) {
    for place in unsafe 0..<table.slotCount {
      let slot = unsafe table.slot(at: place)
      if unsafe slot.pointee.scopeTask != 0, unsafe slot.pointee.scopeOwner == owner {
        unsafe endOperations(slot, .cancelled)
      }
    }
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
