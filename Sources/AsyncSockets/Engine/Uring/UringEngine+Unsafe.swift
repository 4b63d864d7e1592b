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
  /// User data that is no operation's: operations are aligned.
  private static let wakeToken: UInt64 = 1
  private static let cancelToken: UInt64 = 2
  private static let entryCount: UInt32 = 1024
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

  init() throws(SocketError) {
    let waker = Syscall.eventDescriptor()
    guard waker >= 0 else { throw SocketError(.poll, result: waker) }
    do {
      unsafe ring = try Ring.make(entries: Self.entryCount)
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

  private func listenForWaker() {
    let entry = unsafe ring.nextEntry()
    unsafe entry.pointee = cs_sqe()
    unsafe entry.pointee.operation = Self.read
    unsafe entry.pointee.descriptor = waker
    unsafe entry.pointee.address = UInt64(UInt(bitPattern: wakeWord))
    unsafe entry.pointee.count = 8
    unsafe entry.pointee.user_data = Self.wakeToken
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
    unsafe entry.pointee.user_data = Self.cancelToken
  }

  // MARK: Completions

  func wait(nanoseconds: Int64) {
    let complete: UInt32 = unsafe nanoseconds == 0 || ring.hasCompletion ? 0 : 1
    unsafe ring.enter(complete: complete, nanoseconds: complete == 0 ? 0 : nanoseconds)
    guard let loop = unsafe loop else { return }
    while let completion = unsafe ring.takeCompletion() {
      switch completion.user_data {
      case Self.wakeToken: listenForWaker()
      case Self.cancelToken: continue
      default:
        guard
          let operation = unsafe OperationPointer(bitPattern: UInt(completion.user_data))
        else { continue }
        unsafe finish(operation, Int(completion.result), loop)
      }
    }
  }

  private func finish(_ operation: OperationPointer, _ result: Int, _ loop: EventLoop) {
    guard let socket = unsafe operation.pointee.socket else { return }
    // Interrupted before anything was done: again, unless somebody has asked for the end.
    if result == -Int(Errno.interrupted.rawValue), unsafe operation.pointee.ending == .normal {
      return unsafe write(operation, socket)
    }
    // The socket is one that never waits: wait for it, then try again.
    let wasPolling = unsafe operation.pointee.isPolling
    var result = result
    if wasPolling || result == LoopResult.wouldBlock {
      if unsafe operation.pointee.ending == .normal {
        unsafe operation.pointee.isPolling = !wasPolling
        return unsafe write(operation, socket)
      }
      // Nothing was moved, and it was told to end.
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
}
