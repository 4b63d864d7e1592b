// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are the loop's, see SocketSlot+Unsafe.swift. The loop outlives its engine.
//
// Readiness by poll(2): each operation is tried, and what would block waits in a list that is handed to the kernel anew at
// each wait. Every system has it. It costs more the more sockets wait, and is here to be read by who ports this package,
// and to hold the other engines against. A socket whose error queue nobody reads is told of by each wait, so that the loop does
// not sleep while something waits on it.

internal import CSockets
internal import Sockets
internal import SystemPackage

/// The engine of `poll(2)`.
final class PollEngine: Engine {
  var kind: EngineKind { .poll }

  private unowned(unsafe) var loop: EventLoop?
  private let waker: Int32
  /// The sockets for which something waits, by token.
  private var waiting: [UInt64] = []
  private var items: [cs_pollfd] = []

  init() throws(SocketError) {
    let waker = Syscall.eventDescriptor()
    guard waker >= 0 else { throw SocketError(.poll, result: waker) }
    self.waker = Int32(truncatingIfNeeded: waker)
  }

  deinit { _ = Syscall.close(waker) }

  func start(_ loop: EventLoop) { unsafe self.loop = loop }

  func shutDown() {}

  func wake() { _ = Syscall.signal(waker) }

  func detach(_ socket: SocketPointer) {}

  func submit(_ operation: OperationPointer) -> Int {
    guard let socket = unsafe operation.pointee.socket else { return Operation.pending }
    let isInput = unsafe operation.pointee.kind.isInput
    let isFirst =
      unsafe isInput ? socket.pointee.readers.isEmpty : socket.pointee.writers.isEmpty
    if isFirst {
      let result = unsafe attempt(operation, socket.pointee.descriptor)
      if result != LoopResult.wouldBlock { return result }
    }
    if unsafe !socket.pointee.isRegistered {
      unsafe socket.pointee.isRegistered = true
      unsafe waiting.append(socket.pointee.token)
    }
    if isInput {
      unsafe socket.pointee.readers.append(operation)
    } else {
      unsafe socket.pointee.writers.append(operation)
    }
    return Operation.pending
  }

  private func attempt(_ operation: OperationPointer, _ descriptor: Int32) -> Int {
    switch unsafe operation.pointee.kind {
    case .receive: unsafe Attempt.receive(operation, descriptor)
    case .send: unsafe Attempt.send(operation, descriptor)
    case .accept: Attempt.accept(descriptor)
    case .readable:
      Wait.isReady(Constants.pollIn, descriptor) ? 0 : LoopResult.wouldBlock
    case .writable:
      Wait.isReady(Constants.pollOut, descriptor) ? 0 : LoopResult.wouldBlock
    case .timer: LoopResult.wouldBlock
    }
  }

  func cancel(_ operation: OperationPointer) {
    guard let socket = unsafe operation.pointee.socket else { return }
    if unsafe operation.pointee.kind.isInput {
      _ = unsafe socket.pointee.readers.remove(operation)
    } else {
      _ = unsafe socket.pointee.writers.remove(operation)
    }
    unsafe loop?.complete(operation, LoopResult.canceled)
  }

  func wait(nanoseconds: Int64) {
    guard let loop = unsafe loop else { return }
    collect(loop)
    let tokens = waiting
    let count = unsafe items.withUnsafeMutableBufferPointer {
      unsafe Syscall.pollItems($0, nanoseconds: nanoseconds)
    }
    guard count > 0 else { return }
    let events = items
    if events[0].returned_events != 0 { _ = Syscall.drain(waker) }
    for (token, event) in zip(tokens, events.dropFirst()) where event.returned_events != 0 {
      handle(event.returned_events, token, loop)
    }
  }

  /// The list for the kernel: the waker, and each socket for which something still waits.
  private func collect(_ loop: EventLoop) {
    items.removeAll(keepingCapacity: true)
    items.append(cs_pollfd(descriptor: waker, events: Constants.pollIn, returned_events: 0))
    waiting.removeAll { token in
      guard let socket = unsafe loop.table.slot(of: token) else { return true }
      var events: Int16 = 0
      if unsafe !socket.pointee.readers.isEmpty { events |= Constants.pollIn }
      if unsafe !socket.pointee.writers.isEmpty { events |= Constants.pollOut }
      unsafe socket.pointee.isRegistered = events != 0
      guard events != 0 else { return true }
      items.append(
        cs_pollfd(
          descriptor: unsafe socket.pointee.descriptor, events: events, returned_events: 0))
      return false
    }
  }

  private func handle(_ bits: Int16, _ token: UInt64, _ loop: EventLoop) {
    if bits & ~Constants.pollOut != 0 {
      while let socket = unsafe loop.table.slot(of: token),
        let operation = unsafe socket.pointee.readers.first
      {
        let result =
          unsafe operation.pointee.kind == .readable
          ? 0 : attempt(operation, socket.pointee.descriptor)
        if result == LoopResult.wouldBlock { break }
        let isAttempt = unsafe operation.pointee.kind == .readable
        _ = unsafe socket.pointee.readers.takeFirst()
        unsafe loop.complete(operation, result)
        // It may be waiting again by now, for what the kernel has to tell anew.
        if isAttempt { break }
      }
    }
    if bits & ~Constants.pollIn != 0 {
      while let socket = unsafe loop.table.slot(of: token),
        let operation = unsafe socket.pointee.writers.first
      {
        let result =
          unsafe operation.pointee.kind == .writable
          ? 0 : attempt(operation, socket.pointee.descriptor)
        if result == LoopResult.wouldBlock { break }
        let isAttempt = unsafe operation.pointee.kind == .writable
        _ = unsafe socket.pointee.writers.takeFirst()
        unsafe loop.complete(operation, result)
        if isAttempt { break }
      }
    }
  }
}

extension Operation.Kind {
  /// Whether it waits for something to come in.
  var isInput: Bool {
    switch self {
    case .receive, .accept, .readable: true
    case .send, .writable, .timer: false
    }
  }
}
