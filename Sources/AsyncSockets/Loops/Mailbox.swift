// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Sockets
internal import Synchronization

/// What other threads say to a loop, in the order in which they said it.
///
/// Words are collected under a lock and taken all at once; the two arrays are used in turn, so that nothing is allocated
/// in a steady state.
struct Mailbox: ~Copyable {
  /// One word to the loop.
  enum Message {
    /// Run a job; whether it belongs to the serial executor.
    case job(UnownedJob, isSerial: Bool)
    /// Begin an operation for a task that waits elsewhere.
    case begin(RemoteRequest)
    /// That task was cancelled.
    case cancelRequest(RemoteRequest)
    /// The task was cancelled that waits for this operation.
    case cancelOperation(OperationReference)
    /// The scope of a socket was cancelled.
    case cancelScope(token: UInt64)
    /// The last reference to a socket went away without closing it.
    case abandon(token: UInt64)
    /// The scope of a socket has ended.
    case endScope(token: UInt64)
    /// Do something on the loop's thread.
    case perform(@Sendable () -> Void)
  }

  private let messages = Guarded<[Message]>([])
  private let hasMessages = Atomic<Bool>(false)
  private let closed = Atomic<Bool>(false)
  /// Whether the loop waits in its engine, or is about to, and so must be woken.
  private let isSleeping = Atomic<Bool>(false)

  /// Whether there is something to take.
  var isEmpty: Bool { !hasMessages.load(ordering: .acquiring) }

  /// Whether nobody reads any more.
  var isClosed: Bool { closed.load(ordering: .acquiring) }

  /// From now on nobody reads.
  func close() { closed.store(true, ordering: .releasing) }

  /// Leaves a message.
  ///
  /// - Returns: whether the loop must be woken: once for any number of messages.
  func post(_ message: Message) -> Bool {
    messages.withLock { $0.append(message) }
    hasMessages.store(true, ordering: .sequentiallyConsistent)
    guard isSleeping.load(ordering: .sequentiallyConsistent) else { return false }
    return isSleeping.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// Takes all messages; the array that is given is used for the next ones.
  func takeAll(into taken: inout [Message]) {
    hasMessages.store(false, ordering: .sequentiallyConsistent)
    messages.withLock { swap(&$0, &taken) }
  }

  /// The loop is about to wait: from here on it must be woken.
  ///
  /// - Returns: whether it may; `false` when there is a message already.
  func beginSleeping() -> Bool {
    isSleeping.store(true, ordering: .sequentiallyConsistent)
    guard hasMessages.load(ordering: .sequentiallyConsistent) else { return true }
    endSleeping()
    return false
  }

  /// The loop is awake.
  func endSleeping() { isSleeping.store(false, ordering: .relaxed) }
}
