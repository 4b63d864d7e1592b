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

    /// Whether nobody is left waiting when it comes after the loop's end.
    var isLate: Bool {
      switch self {
      case .job, .begin, .perform: false
      case .cancelRequest, .cancelOperation, .cancelScope, .endScope, .abandon: true
      }
    }
  }

  /// What leaving a message found.
  enum Posted {
    /// The loop will read it by itself.
    case isAwake
    /// The loop waits, and must be woken: once for any number of messages.
    case mustBeWoken
    /// Nobody reads any more; the message was not left.
    case isClosed
  }

  private let messages = Guarded<(waiting: [Message], isClosed: Bool)>(([], false))
  private let hasMessages = Atomic<Bool>(false)
  /// Whether the loop waits in its engine, or is about to, and so must be woken.
  private let isSleeping = Atomic<Bool>(false)

  /// Whether there is something to take.
  var isEmpty: Bool { !hasMessages.load(ordering: .acquiring) }

  /// From now on nobody reads, unless there is something to read.
  ///
  /// - Returns: whether it is closed.
  func closeIfEmpty() -> Bool {
    messages.withLock { messages in
      messages.isClosed = messages.waiting.isEmpty
      return messages.isClosed
    }
  }

  /// Leaves a message.
  func post(_ message: Message) -> Posted {
    let isClosed = messages.withLock { messages in
      if !messages.isClosed { messages.waiting.append(message) }
      return messages.isClosed
    }
    if isClosed { return .isClosed }
    hasMessages.store(true, ordering: .sequentiallyConsistent)
    guard isSleeping.load(ordering: .sequentiallyConsistent),
      isSleeping.exchange(false, ordering: .sequentiallyConsistent)
    else { return .isAwake }
    return .mustBeWoken
  }

  /// Takes all messages; the array that is given is used for the next ones.
  func takeAll(into taken: inout [Message]) {
    hasMessages.store(false, ordering: .sequentiallyConsistent)
    messages.withLock { swap(&$0.waiting, &taken) }
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
