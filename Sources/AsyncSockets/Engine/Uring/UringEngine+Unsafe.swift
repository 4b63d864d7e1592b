// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are the loop's, see SocketSlot+Unsafe.swift. The user data of an entry is the address of its
// operation, which the loop does not use for anything else before the last completion has come; the buffer is lent by a
// call that waits for that too. The loop outlives its engine, and the word that the waker is read into outlives the ring.
//
// Completions by io_uring(7): a ring that is used by one thread only and works its completions out when that thread asks for
// them (Linux 6.1). One system call submits all that was begun since the last one and waits. Deadlines are the loop's,
// never linked timeouts, which cost more than the operation. A cancelled operation is over when its own completion has
// come, so nothing of the caller's is touched after its call returned.
//
// A socket that goes on being used is put into the ring's table of files, so that the kernel need not look it up and count its
// users for each entry: two to nine per cent of a small message. That costs a call, and one more to take it out before it is
// closed; so a connection of one round trip is not put there. Before Linux 6.13 a file that is taken out stays open
// until everything has ended that was under way at that time, whatever socket it was for: there nothing is put in.

internal import CSockets
internal import Sockets
internal import SystemPackage

/// The engine of `io_uring(7)`.
@safe final class UringEngine: Engine {
  private static let pollAdd: UInt8 = 6
  private static let accept: UInt8 = 13
  private static let asyncCancel: UInt8 = 14
  private static let read: UInt8 = 22
  private static let send: UInt8 = 26
  private static let receive: UInt8 = 27
  private static let nothing: UInt8 = 0
  // Operations are aligned: the lowest bits of an entry's user data say what it is if it is not the operation itself.
  private static let wakeTag: UInt64 = 1
  private static let cancelTag: UInt64 = 2
  private static let answeredTag: UInt64 = 4
  private static let allTags: UInt64 = 7
  /// The entry's descriptor is a place in the table of files: `IOSQE_FIXED_FILE`.
  private static let fixedFile: UInt8 = 1
  /// How many operations a socket has had before it is put into the table of files.
  private static let operationsBeforeTable: UInt32 = 16

  var kind: EngineKind { .ioUring }

  private unowned(unsafe) var loop: EventLoop?
  @exclusivity(unchecked) private var ring: Ring
  private let waker: Int32
  /// How many places the table of files has.
  private var filePlaces: UInt32 = 0
  private let wakeWord: UnsafeMutablePointer<UInt64>
  /// Whether the waker is polled, because a read of it has failed.
  private var isPollingWaker = false
  /// What an observer has answered to entries that are under way, by their user data.
  private var answers: [UInt64: RingAnswer] = [:]

  /// Makes a ring and what wakes it.
  ///
  /// - Parameter entryCount: how many entries may wait to be submitted, a power of two.
  /// - Throws: `SocketError` when the system has no room for it, or when it does not work here.
  init(entryCount: UInt32) throws(SocketError) {
    let waker = Syscall.eventDescriptor()
    guard waker >= 0 else { throw SocketError(.poll, result: waker) }
    do {
      unsafe ring = try Ring.make(entries: entryCount)
    } catch {
      _ = Syscall.close(Int32(truncatingIfNeeded: waker))
      throw error
    }
    self.waker = Int32(truncatingIfNeeded: waker)
    unsafe wakeWord = .allocate(capacity: 1)
    unsafe wakeWord.initialize(to: 0)
  }

  deinit {
    _ = Syscall.close(waker)
    unsafe wakeWord.deallocate()
  }

  func start(_ loop: EventLoop) {
    unsafe self.loop = loop
    unsafe ring.enable()
    if Syscall.kernelIsAtLeast(6, 13) { filePlaces = unsafe ring.reserveFiles() }
    listenForWaker()
  }

  func wake() { _ = Syscall.signal(waker) }

  func shutDown() {
    // The read of the waker ends with the ring, whose end waits for it.
    _ = Syscall.signal(waker)
    unsafe ring.enter(complete: 1, nanoseconds: 1_000_000_000)
  }

  /// How often the kernel had no room for completions and kept them.
  var overflows: Int { unsafe ring.overflows }

  private func listenForWaker() {
    let entry = unsafe ring.nextEntry()
    unsafe entry.pointee = cs_sqe()
    unsafe entry.pointee.descriptor = waker
    unsafe entry.pointee.user_data = Self.wakeTag
    if isPollingWaker {
      unsafe entry.pointee.operation = Self.pollAdd
      unsafe entry.pointee.operation_flags = 0x1
    } else {
      unsafe entry.pointee.operation = Self.read
      unsafe entry.pointee.address = UInt64(UInt(bitPattern: wakeWord))
      unsafe entry.pointee.count = 8
    }
    if _slowPath(cs_observing() != 0) { unsafe observe(entry, waker) }
  }

  /// Somebody has woken the loop, or the read that waits for that has failed: then it is tried again when there is something to
  /// read.
  private func wasWoken(_ result: Int) {
    isPollingWaker =
      !isPollingWaker && result < 0 && result != -Int(Errno.interrupted.rawValue)
    listenForWaker()
  }

  func detach(_ socket: SocketPointer) {
    guard unsafe socket.pointee.isRegistered else { return }
    unsafe socket.pointee.isRegistered = false
    _ = unsafe ring.setFile(socket.pointee.index, -1)
  }

  /// Counts an operation of a socket, and puts the socket into the table of files when it has had enough of them.
  private func count(_ socket: SocketPointer) {
    guard unsafe socket.pointee.interest < Self.operationsBeforeTable else { return }
    unsafe socket.pointee.interest += 1
    guard unsafe socket.pointee.interest == Self.operationsBeforeTable,
      unsafe socket.pointee.index < filePlaces
    else { return }
    unsafe socket.pointee.isRegistered = ring.setFile(
      socket.pointee.index, socket.pointee.descriptor)
  }

  // MARK: Operations

  func submit(_ operation: OperationPointer) -> Int {
    guard let socket = unsafe operation.pointee.socket else { return Operation.pending }
    unsafe count(socket)
    unsafe enqueue(operation, socket)
    unsafe write(operation, socket)
    return Operation.pending
  }

  /// Notes on its socket that the operation is under way.
  private func enqueue(_ operation: OperationPointer, _ socket: SocketPointer) {
    if unsafe operation.pointee.kind.isInput {
      unsafe socket.pointee.readers.append(operation)
    } else {
      unsafe socket.pointee.writers.append(operation)
    }
  }

  private func write(_ operation: OperationPointer, _ socket: SocketPointer) {
    let entry = unsafe ring.nextEntry()
    unsafe fill(entry, operation, socket)
    if _slowPath(cs_observing() != 0) { unsafe observe(entry, socket.pointee.descriptor) }
  }

  @inline(__always)
  private func fill(
    _ entry: UnsafeMutablePointer<cs_sqe>, _ operation: OperationPointer, _ socket: SocketPointer
  ) {
    unsafe entry.pointee = cs_sqe()
    if unsafe socket.pointee.isRegistered {
      unsafe entry.pointee.flags = Self.fixedFile
      unsafe entry.pointee.descriptor = Int32(bitPattern: socket.pointee.index)
    } else {
      unsafe entry.pointee.descriptor = socket.pointee.descriptor
    }
    unsafe entry.pointee.user_data = UInt64(UInt(bitPattern: operation))
    guard unsafe !operation.pointee.isPolling else {
      unsafe entry.pointee.operation = Self.pollAdd
      unsafe entry.pointee.operation_flags = operation.pointee.kind.isInput ? 0x1 | 0x2000 : 0x4
      return
    }
    switch unsafe operation.pointee.kind {
    case .receive, .send:
      unsafe entry.pointee.operation =
        operation.pointee.kind == .receive ? Self.receive : Self.send
      unsafe entry.pointee.address = UInt64(UInt(bitPattern: operation.pointee.buffer))
      unsafe entry.pointee.count = UInt32(clamping: min(operation.pointee.byteCount, 1 << 30))
      unsafe entry.pointee.operation_flags = UInt32(bitPattern: operation.pointee.flags)
    case .accept:
      unsafe entry.pointee.operation = Self.accept
      unsafe entry.pointee.operation_flags = 0o2000000
    case .readable, .writable, .timer:
      unsafe entry.pointee.operation = Self.pollAdd
      unsafe entry.pointee.operation_flags =
        operation.pointee.kind == .readable ? 0x1 | 0x2000 : 0x4
    }
  }

  func cancel(_ operation: OperationPointer) {
    let entry = unsafe ring.nextEntry()
    unsafe entry.pointee = cs_sqe()
    unsafe entry.pointee.operation = Self.asyncCancel
    unsafe entry.pointee.descriptor = -1
    unsafe entry.pointee.address = UInt64(UInt(bitPattern: operation))
    unsafe entry.pointee.user_data = UInt64(UInt(bitPattern: operation)) | Self.cancelTag
    // An operation that was answered is known to the kernel by its tagged name, whoever still observes.
    if !answers.isEmpty, unsafe answers[entry.pointee.address] != nil {
      unsafe entry.pointee.address |= Self.answeredTag
    }
    if _slowPath(cs_observing() != 0) { unsafe observe(entry, -1) }
  }

  /// The kernel has dealt with a cancellation.
  private func cancelled(_ operation: OperationPointer, _ result: Int) {
    // Cancelled, not to be found because it has ended, or just ending (io_uring_cancelation(7)).
    if result >= 0 || result == -Int(Errno.noSuchFileOrDirectory.rawValue)
      || result == -Int(Errno.alreadyInProcess.rawValue)
    {
      return
    }
    // Not done: whoever has the operation's memory by now, it is to end if anybody has asked for that.
    guard unsafe operation.pointee.isSubmitted, unsafe operation.pointee.ending != .normal else {
      return
    }
    unsafe cancel(operation)
  }

  // MARK: Completions

  func wait(nanoseconds: Int64) {
    let complete: UInt32 = unsafe nanoseconds == 0 || ring.hasCompletion ? 0 : 1
    unsafe ring.enter(complete: complete, nanoseconds: complete == 0 ? 0 : nanoseconds)
    guard let loop = unsafe loop else { return }
    // What comes meanwhile is for the next time: tasks that go on here begin operations, which may be complete at once, and
    // jobs and timers wait for their turn.
    var left = unsafe ring.completionCount
    while left > 0, let completion = unsafe ring.takeCompletion() {
      left -= 1
      if completion.user_data & Self.allTags == 0,
        let operation = unsafe OperationPointer(bitPattern: UInt(completion.user_data))
      {
        unsafe finish(operation, Int(completion.result), loop)
      } else {
        finishOther(completion.user_data, Int(completion.result), loop)
      }
    }
  }

  /// The end of what is no operation, or of what an observer has answered.
  @inline(never)
  private func finishOther(_ tagged: UInt64, _ result: Int, _ loop: EventLoop) {
    let data = tagged & ~Self.answeredTag
    var result = result
    if tagged != data {
      switch answers.removeValue(forKey: data) {
      case .instead(let answer)?: result = answer
      case .insteadOfFailure(let answer)?: result = result < 0 ? answer : result
      case nil: break
      }
    }
    if data == Self.wakeTag { return wasWoken(result) }
    let place = UInt(data & ~Self.allTags)
    guard let operation = unsafe OperationPointer(bitPattern: place) else { return }
    if data & Self.cancelTag != 0 {
      unsafe cancelled(operation, result)
    } else {
      unsafe finish(operation, result, loop)
    }
  }

  private func finish(_ operation: OperationPointer, _ result: Int, _ loop: EventLoop) {
    guard let socket = unsafe operation.pointee.socket else { return }
    let wasPolling = unsafe operation.pointee.isPolling
    var result = result
    if unsafe operation.pointee.ending == .normal {
      // Interrupted before anything was done: again.
      if result == -Int(Errno.interrupted.rawValue) { return unsafe write(operation, socket) }
      // The socket is one that never waits: wait for it, then try again. A wait that has failed would fail for ever.
      if wasPolling ? result >= 0 : result == LoopResult.wouldBlock {
        unsafe operation.pointee.isPolling = !wasPolling
        return unsafe write(operation, socket)
      }
    } else if wasPolling || result == LoopResult.wouldBlock
      || result == -Int(Errno.interrupted.rawValue)
    {
      // It was told to end and has moved nothing: a cancellation can look like an interruption.
      result = LoopResult.canceled
    }
    unsafe operation.pointee.isPolling = false
    if unsafe operation.pointee.kind.isInput {
      _ = unsafe socket.pointee.readers.remove(operation)
    } else {
      _ = unsafe socket.pointee.writers.remove(operation)
    }
    // A poll answers with the events.
    let kind = unsafe operation.pointee.kind
    let isPoll = kind == .readable || kind == .writable
    unsafe loop.complete(operation, isPoll ? min(result, 0) : result)
  }

  // MARK: Observers

  /// Lets an observer of the loop's thread answer an entry, or have it move less.
  ///
  /// What is answered the kernel is not asked for: an entry that does nothing takes the place, so nothing has happened that the
  /// answer would hide.
  @inline(never)
  private func observe(_ entry: UnsafeMutablePointer<cs_sqe>, _ descriptor: Int32) {
    let call = unsafe Self.call(entry.pointee.operation)
    var count = unsafe Int(entry.pointee.count)
    guard let answer = Syscall.willSubmit(call, descriptor: descriptor, count: &count) else {
      unsafe entry.pointee.count = UInt32(clamping: count)
      return
    }
    let data = unsafe entry.pointee.user_data
    answers[data] = answer
    // That there is nothing to cancel can only be said of an operation that has ended.
    if case .instead = answer, !Self.isDone(call, answer) {
      unsafe entry.pointee = cs_sqe()
      unsafe entry.pointee.operation = Self.nothing
      unsafe entry.pointee.descriptor = -1
    }
    unsafe entry.pointee.user_data = data | Self.answeredTag
  }

  /// Whether the kernel must do an operation for an answer to be possible.
  private static func isDone(_ call: SystemCall, _ answer: RingAnswer) -> Bool {
    guard call == .ringCancel, case .instead(let result) = answer else { return false }
    return result == -Int(Errno.noSuchFileOrDirectory.rawValue)
      || result == -Int(Errno.alreadyInProcess.rawValue)
  }

  private static func call(_ operation: UInt8) -> SystemCall {
    switch operation {
    case accept: .ringAccept
    case asyncCancel: .ringCancel
    case read: .ringRead
    case send: .ringSend
    case receive: .ringReceive
    default: .ringPoll
    }
  }
}
