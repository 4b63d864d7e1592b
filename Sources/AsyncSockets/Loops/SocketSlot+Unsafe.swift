// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: slots and operations are parts of chunks that are never given back before the table ends, and are touched by
// the loop's thread alone. So a pointer to one stays valid; its generation or serial number says whether it is still
// about the same socket or operation.

package import Sockets

/// A pointer to a socket's slot in its loop's memory.
package typealias SocketPointer = UnsafeMutablePointer<SocketSlot>

/// What a loop knows of one socket.
@safe package struct SocketSlot {
  /// What the engine has learnt about a socket from its last events and calls.
  package struct Readiness: OptionSet {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Reading may succeed.
    package static let readable = Readiness(rawValue: 1)
    /// Writing may succeed.
    package static let writable = Readiness(rawValue: 2)
    /// A short read does not mean that there is no more: an end, an error or urgent data was seen, or the
    /// socket is of a kind of which it never means that.
    package static let shortReadsProveNothing = Readiness(rawValue: 4)
  }

  package var descriptor: Int32 = -1
  /// Where it is in the table.
  package let index: UInt32
  /// Which socket of all that have had this slot it is; grows by one when the slot is freed.
  package var generation: UInt32 = 1
  package var readiness: Readiness = []
  /// Whether the engine has told its kernel of the socket.
  package var isRegistered = false
  /// What the engine has asked its kernel to be told of; the engine's own.
  package var interest: UInt32 = 0
  /// Whether the kernel is to tell of what is so, and not of what becomes so.
  package var isLevelTriggered = false
  /// Whether it is being closed: nothing new is begun.
  package var isClosing = false
  /// Whether its operations are just being told to end.
  package var isEnding = false
  /// Whether operations have other deadlines than their own.
  package var hasLimits = false
  /// How long an operation may wait.
  package var idleLimit: Duration?
  /// When every operation has to be over.
  package var lastInstant = Deadline.never
  package var family: AddressFamily = .unspecified
  /// The task whose cancellation ends what waits on the socket, without its operations' doing, or 0.
  package var scopeTask: UInt = 0
  /// Who cancels that task, and ends what waits; `nil` when the task watches by itself.
  package var scopeOwner: ObjectIdentifier?
  /// The operations that wait for input, and those that wait for room.
  package var readers = OperationQueue()
  package var writers = OperationQueue()
  /// Called when the last operation of a closing socket has ended.
  package var afterLast: OperationPointer?
  /// The next free slot.
  package var nextFree: SocketPointer?

  package init(index: UInt32) { self.index = index }

  /// What an engine hands to its kernel to be told again: the place and the generation.
  package var token: UInt64 { Self.token(generation: generation, index: index) }

  package static func token(generation: UInt32, index: UInt32) -> UInt64 {
    UInt64(generation) << 32 | UInt64(index)
  }
}

/// Operations in the order in which they came.
@safe package struct OperationQueue {
  package private(set) var first: OperationPointer?
  private var last: OperationPointer?

  package init() {}

  package var isEmpty: Bool { unsafe first == nil }

  /// Whether there are more than one.
  package var hasSeveral: Bool { unsafe first != last }

  package mutating func append(_ operation: OperationPointer) {
    unsafe operation.pointee.next = nil
    if let last = unsafe last {
      unsafe last.pointee.next = operation
    } else {
      unsafe first = operation
    }
    unsafe last = operation
  }

  package mutating func takeFirst() -> OperationPointer? {
    guard let operation = unsafe first else { return nil }
    unsafe first = operation.pointee.next
    if unsafe first == nil { unsafe last = nil }
    unsafe operation.pointee.next = nil
    return unsafe operation
  }

  /// Takes out an operation wherever it stands.
  ///
  /// - Returns: whether it was there.
  package mutating func remove(_ operation: OperationPointer) -> Bool {
    var previous: OperationPointer?
    var present = unsafe first
    while let candidate = unsafe present {
      if unsafe candidate == operation {
        if let previous = unsafe previous {
          unsafe previous.pointee.next = operation.pointee.next
        } else {
          unsafe first = operation.pointee.next
        }
        if unsafe last == operation { unsafe last = previous }
        unsafe operation.pointee.next = nil
        return true
      }
      unsafe previous = candidate
      unsafe present = candidate.pointee.next
    }
    return false
  }
}

/// The slots and operations of one loop, in chunks that stay where they are.
@safe package struct SocketTable: ~Copyable {
  private static let chunkSize = 256
  private var slotChunks: [SocketPointer] = unsafe []
  private var operationChunks: [OperationPointer] = unsafe []
  private var freeSlots: SocketPointer?
  private var freeOperations: OperationPointer?
  /// How many sockets there are.
  package private(set) var socketCount = 0
  /// How many operations are in use.
  package private(set) var operationCount = 0

  package init() {}

  deinit {
    for index in unsafe slotChunks.indices {
      unsafe slotChunks[index].deinitialize(count: Self.chunkSize)
      unsafe slotChunks[index].deallocate()
    }
    for index in unsafe operationChunks.indices {
      unsafe operationChunks[index].deinitialize(count: Self.chunkSize)
      unsafe operationChunks[index].deallocate()
    }
  }

  /// A slot for a descriptor.
  package mutating func makeSlot(_ descriptor: Int32, _ family: AddressFamily) -> SocketPointer {
    if unsafe freeSlots == nil { addSlots() }
    // A chunk was just added when there was none.
    let slot = unsafe freeSlots.unsafelyUnwrapped
    unsafe freeSlots = slot.pointee.nextFree
    unsafe slot.pointee.descriptor = descriptor
    unsafe slot.pointee.family = family
    unsafe slot.pointee.readiness = [.readable, .writable]
    unsafe slot.pointee.isRegistered = false
    unsafe slot.pointee.interest = 0
    unsafe slot.pointee.isClosing = false
    unsafe slot.pointee.hasLimits = false
    unsafe slot.pointee.scopeTask = 0
    unsafe slot.pointee.afterLast = nil
    socketCount += 1
    return unsafe slot
  }

  /// The slot's socket is gone: whatever is still said of it is about another generation.
  package mutating func free(_ slot: SocketPointer) {
    // Generation zero is no socket's.
    unsafe slot.pointee.generation = max(1, slot.pointee.generation &+ 1)
    unsafe slot.pointee.descriptor = -1
    unsafe slot.pointee.nextFree = freeSlots
    unsafe freeSlots = slot
    socketCount -= 1
  }

  /// The slot that a token speaks of, unless that socket is gone.
  package func slot(of token: UInt64) -> SocketPointer? {
    let index = Int(truncatingIfNeeded: token & 0xffff_ffff)
    guard index < slotCount else { return nil }
    let slot = unsafe slot(at: index)
    return unsafe slot.pointee.generation == UInt32(truncatingIfNeeded: token >> 32) ? slot : nil
  }

  /// How many slots there are, in use or not.
  package var slotCount: Int { unsafe slotChunks.count * Self.chunkSize }

  /// The slot at a place below ``slotCount``.
  package func slot(at place: Int) -> SocketPointer {
    unsafe slotChunks[place / Self.chunkSize] + place % Self.chunkSize
  }

  /// A fresh operation.
  package mutating func makeOperation() -> OperationPointer {
    if unsafe freeOperations == nil { addOperations() }
    let operation = unsafe freeOperations.unsafelyUnwrapped
    unsafe freeOperations = operation.pointee.next
    unsafe operation.pointee.next = nil
    operationCount += 1
    return unsafe operation
  }

  /// The operation is over: a message about it finds another serial number.
  package mutating func free(_ operation: OperationPointer) {
    unsafe operation.pointee.serial &+= 1
    unsafe operation.pointee.ending = .normal
    unsafe operation.pointee.next = freeOperations
    unsafe freeOperations = operation
    operationCount -= 1
  }

  private mutating func addSlots() {
    let chunk = SocketPointer.allocate(capacity: Self.chunkSize)
    let base = unsafe slotChunks.count * Self.chunkSize
    for offset in (0..<Self.chunkSize).reversed() {
      unsafe (chunk + offset).initialize(
        to: SocketSlot(index: UInt32(truncatingIfNeeded: base + offset)))
      unsafe (chunk + offset).pointee.nextFree = freeSlots
      unsafe freeSlots = chunk + offset
    }
    unsafe slotChunks.append(chunk)
  }

  private mutating func addOperations() {
    let chunk = OperationPointer.allocate(capacity: Self.chunkSize)
    unsafe chunk.initialize(repeating: Operation(), count: Self.chunkSize)
    for offset in (0..<Self.chunkSize).reversed() {
      unsafe (chunk + offset).pointee.next = freeOperations
      unsafe freeOperations = chunk + offset
    }
    unsafe operationChunks.append(chunk)
  }
}
