// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are the loop's, see SocketSlot+Unsafe.swift. The events are one allocation of this engine.
// The loop outlives its engine.
//
// Readiness by epoll(7). Each operation is tried first. Only when it would block is the socket registered,
// once for all that can happen to it, and its operation waits for an edge. So a connection that is served at once is never
// registered, and one that lives long is registered once.
//
// Sockets are edge-triggered, but for Unix streams. A read that got less than it had room for has emptied the socket (epoll(7),
// Q9), so the next one need not be tried: it waits for the edge. That is not so once an end, an error or urgent data was
// announced, because no further edge comes for these.
//
// Unix streams are level-triggered, and registered for what is waited for alone. A read of theirs also ends at passed
// descriptors, which no edge tells; and they have an edge for room whenever the peer has read. What is told and nobody
// waits for is asked for no more.

internal import CSockets
internal import Sockets
internal import SystemPackage

/// The engine of `epoll(7)`.
@safe final class EpollEngine: Engine {
  private static let input: UInt32 = 0x1
  private static let urgent: UInt32 = 0x2
  private static let output: UInt32 = 0x4
  private static let failed: UInt32 = 0x8
  private static let hungUp: UInt32 = 0x10
  private static let peerHungUp: UInt32 = 0x2000
  private static let edges: UInt32 = 1 << 31
  private static let everything = input | urgent | output | peerHungUp | edges
  /// The token of the descriptor that wakes: generation zero is no socket's.
  private static let wakeToken: UInt64 = 0
  private static let eventCapacity = 256
  // The calls of epoll_ctl.
  private static let add: Int32 = 1
  private static let remove: Int32 = 2
  private static let modify: Int32 = 3

  var kind: EngineKind { .epoll }

  private unowned(unsafe) var loop: EventLoop?
  private let set: Int32
  private let waker: Int32
  private let events: UnsafeMutableBufferPointer<cs_epoll_event>

  init() throws(SocketError) {
    let set = Syscall.epollCreate()
    guard set >= 0 else { throw SocketError(.poll, result: set) }
    let waker = Syscall.eventDescriptor()
    guard waker >= 0 else {
      _ = Syscall.close(Int32(truncatingIfNeeded: set))
      throw SocketError(.poll, result: waker)
    }
    self.set = Int32(truncatingIfNeeded: set)
    self.waker = Int32(truncatingIfNeeded: waker)
    unsafe events = .allocate(capacity: Self.eventCapacity)
    unsafe events.initialize(repeating: cs_epoll_event())
    let added = Syscall.epollControl(
      self.set, operation: Self.add, self.waker, events: Self.input | Self.edges,
      data: Self.wakeToken)
    guard added >= 0 else { throw SocketError(.poll, result: added) }
  }

  deinit {
    _ = Syscall.close(set)
    _ = Syscall.close(waker)
    unsafe events.deallocate()
  }

  func start(_ loop: EventLoop) { unsafe self.loop = loop }

  func shutDown() {}

  func wake() { _ = Syscall.signal(waker) }

  func detach(_ socket: SocketPointer) {
    // Closing ends the registration only with the last descriptor (epoll(7), Q6), and others may have been passed on.
    if unsafe socket.pointee.isRegistered { _ = unsafe control(Self.remove, socket, 0) }
    unsafe socket.pointee.isRegistered = false
    unsafe socket.pointee.interest = 0
  }

  // MARK: Operations

  func submit(_ operation: OperationPointer) -> Int {
    guard let socket = unsafe operation.pointee.socket else { return Operation.pending }
    switch unsafe operation.pointee.kind {
    case .receive, .accept:
      if unsafe socket.pointee.readiness.contains(.readable), unsafe socket.pointee.readers.isEmpty
      {
        let result = unsafe tryInput(operation, socket)
        if result != LoopResult.wouldBlock { return result }
      }
      return unsafe waitForInput(operation, socket)
    case .send:
      if unsafe socket.pointee.readiness.contains(.writable), unsafe socket.pointee.writers.isEmpty
      {
        let result = unsafe trySend(operation, socket)
        if result != LoopResult.wouldBlock { return result }
      }
      return unsafe waitForRoom(operation, socket)
    case .readable:
      if unsafe mayBeReady(operation, .readable),
        unsafe Wait.isReady(0x1, socket.pointee.descriptor)
      {
        return 0
      }
      unsafe socket.pointee.readiness.remove(.readable)
      return unsafe waitForInput(operation, socket)
    case .writable:
      if unsafe mayBeReady(operation, .writable),
        unsafe Wait.isReady(0x4, socket.pointee.descriptor)
      {
        return 0
      }
      unsafe socket.pointee.readiness.remove(.writable)
      return unsafe waitForRoom(operation, socket)
    case .timer: return Operation.pending
    }
  }

  /// Whether a wait for readiness has to look before it waits: an edge may have come already.
  private func mayBeReady(
    _ operation: OperationPointer, _ readiness: SocketSlot.Readiness
  ) -> Bool {
    unsafe operation.pointee.flags == Operation.looksFirst
      && operation.pointee.socket?.pointee.readiness.contains(readiness) == true
  }

  private func waitForInput(_ operation: OperationPointer, _ socket: SocketPointer) -> Int {
    let status = unsafe register(socket, for: Self.input | Self.peerHungUp)
    guard status >= 0 else { return status }
    unsafe socket.pointee.readers.append(operation)
    return Operation.pending
  }

  private func waitForRoom(_ operation: OperationPointer, _ socket: SocketPointer) -> Int {
    let status = unsafe register(socket, for: Self.output)
    guard status >= 0 else { return status }
    unsafe socket.pointee.writers.append(operation)
    return Operation.pending
  }

  /// Tells the kernel of the socket, if it does not know it yet; what is ready by now is reported then.
  private func register(_ socket: SocketPointer, for events: UInt32) -> Int {
    let isRegistered = unsafe socket.pointee.isRegistered
    if unsafe !socket.pointee.isLevelTriggered {
      return unsafe isRegistered ? 0 : control(Self.add, socket, Self.everything)
    }
    let present = unsafe socket.pointee.interest
    guard present & events != events else { return 0 }
    return unsafe control(isRegistered ? Self.modify : Self.add, socket, present | events)
  }

  private func control(_ call: Int32, _ socket: SocketPointer, _ events: UInt32) -> Int {
    let status = unsafe Syscall.epollControl(
      set, operation: call, socket.pointee.descriptor, events: events,
      data: socket.pointee.token)
    if status >= 0 {
      unsafe socket.pointee.isRegistered = call != Self.remove
      unsafe socket.pointee.interest = events
    }
    return status
  }

  /// Asks no more for what was told of a level-triggered socket while nobody waited for it.
  private func ignore(_ bits: UInt32, _ socket: SocketPointer) {
    let needless =
      unsafe (socket.pointee.readers.isEmpty ? Self.input | Self.peerHungUp : 0)
      | (socket.pointee.writers.isEmpty ? Self.output : 0)
    let present = unsafe socket.pointee.interest
    let wanted = present & ~(bits & needless)
    // An end or an error is told whether asked for or not.
    let isOver =
      unsafe bits & (Self.hungUp | Self.failed) != 0 && socket.pointee.readers.isEmpty
      && socket.pointee.writers.isEmpty
    if isOver {
      _ = unsafe control(Self.remove, socket, 0)
    } else if wanted != present {
      _ = unsafe control(Self.modify, socket, wanted)
    }
  }

  private func tryInput(_ operation: OperationPointer, _ socket: SocketPointer) -> Int {
    guard unsafe operation.pointee.kind == .receive else {
      let result = unsafe Attempt.accept(socket.pointee.descriptor)
      if result == LoopResult.wouldBlock { unsafe socket.pointee.readiness.remove(.readable) }
      return result
    }
    let result = unsafe Attempt.receive(operation, socket.pointee.descriptor)
    let isShort = unsafe result > 0 && result < operation.pointee.byteCount
    let provesNothing =
      unsafe !socket.pointee.isLevelTriggered
      && socket.pointee.readiness.contains(.shortReadsProveNothing)
    if result == LoopResult.wouldBlock || isShort && !provesNothing {
      unsafe socket.pointee.readiness.remove(.readable)
    }
    return result
  }

  private func trySend(_ operation: OperationPointer, _ socket: SocketPointer) -> Int {
    let result = unsafe Attempt.send(operation, socket.pointee.descriptor)
    if result == LoopResult.wouldBlock { unsafe socket.pointee.readiness.remove(.writable) }
    return result
  }

  func cancel(_ operation: OperationPointer) {
    guard let socket = unsafe operation.pointee.socket else { return }
    switch unsafe operation.pointee.kind {
    case .send, .writable: _ = unsafe socket.pointee.writers.remove(operation)
    case .receive, .accept, .readable: _ = unsafe socket.pointee.readers.remove(operation)
    case .timer: return
    }
    unsafe loop?.complete(operation, LoopResult.canceled)
  }

  // MARK: Events

  func wait(nanoseconds: Int64) {
    let count = unsafe Syscall.epollWait(set, into: events, nanoseconds: nanoseconds)
    guard count > 0, let loop = unsafe loop else { return }
    for index in 0..<count {
      let event = unsafe events[index]
      guard event.data != Self.wakeToken else { continue }
      guard let socket = unsafe loop.table.slot(of: event.data) else {
        unsafe loop.counters.staleEvents &+= 1
        continue
      }
      unsafe handle(event.events, socket, event.data, loop)
    }
  }

  /// Lets go on what one event is for.
  ///
  /// A task that goes on may close the socket, and another may get its slot. When several wait, none goes on before all have
  /// been told: the first might wait again, and by that end what the event told the others.
  private func handle(
    _ bits: UInt32, _ socket: SocketPointer, _ token: UInt64, _ loop: EventLoop
  ) {
    let wasHolding = unsafe loop.isHoldingBack
    if unsafe socket.pointee.readers.hasSeveral || socket.pointee.writers.hasSeveral {
      unsafe loop.isHoldingBack = true
    }
    defer { unsafe loop.isHoldingBack = wasHolding }
    if unsafe socket.pointee.isLevelTriggered { unsafe ignore(bits, socket) }
    let ended = bits & (Self.peerHungUp | Self.hungUp | Self.failed | Self.urgent) != 0
    if ended, unsafe !socket.pointee.isLevelTriggered {
      unsafe socket.pointee.readiness.insert(.shortReadsProveNothing)
    }
    if bits & Self.input != 0 || ended {
      unsafe socket.pointee.readiness.insert(.readable)
      while unsafe socket.pointee.readiness.contains(.readable),
        let operation = unsafe socket.pointee.readers.first
      {
        let result =
          unsafe operation.pointee.kind == .readable ? 0 : tryInput(operation, socket)
        if result == LoopResult.wouldBlock { break }
        _ = unsafe socket.pointee.readers.takeFirst()
        unsafe loop.complete(operation, result)
        guard unsafe loop.table.slot(of: token) == socket else { return }
      }
    }
    if bits & (Self.output | Self.hungUp | Self.failed) != 0 {
      unsafe socket.pointee.readiness.insert(.writable)
      while unsafe socket.pointee.readiness.contains(.writable),
        let operation = unsafe socket.pointee.writers.first
      {
        let result = unsafe operation.pointee.kind == .writable ? 0 : trySend(operation, socket)
        if result == LoopResult.wouldBlock { break }
        _ = unsafe socket.pointee.writers.takeFirst()
        unsafe loop.complete(operation, result)
        guard unsafe loop.table.slot(of: token) == socket else { return }
      }
    }
  }
}
