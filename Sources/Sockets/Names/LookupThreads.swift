// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import SystemPackage

/// The threads on which lookups with a deadline run, never more than so many.
///
/// The C library's lookup cannot be interrupted. So it runs on a thread here, and who asked stops
/// waiting when the deadline passes: the lookup is *abandoned*, goes on to its own end, and its
/// answer is dropped. Until then it holds one of the threads. When all are held, further lookups
/// wait in the order in which they came, for as long as their deadlines allow. A thread that finds
/// no lookup to do ends.
///
/// The object is for use by any number of threads at once.
public final class LookupThreads: Sendable {
  /// The threads that resolvers share unless they are given others: at most 16.
  public static let shared = LookupThreads(maximumCount: 16)

  /// The largest number of threads at once.
  public let maximumCount: Int

  private let state = Guarded(State())

  /// Makes an empty set of threads; each starts when there is something to do.
  ///
  /// - Parameter maximumCount: the largest number of threads at once, at least 1.
  public init(maximumCount: Int) {
    precondition(maximumCount >= 1, "lookups need at least one thread")
    self.maximumCount = maximumCount
  }

  /// What the threads are doing at one instant.
  public struct Statistics: Hashable, Sendable {
    /// Lookups that run and are waited for.
    public var running: Int
    /// Lookups that wait for a thread.
    public var waiting: Int
    /// Lookups that run although nobody waits for them any more.
    public var abandoned: Int

    /// Puts numbers together.
    public init(running: Int, waiting: Int, abandoned: Int) {
      self.running = running
      self.waiting = waiting
      self.abandoned = abandoned
    }
  }

  /// What the threads are doing now.
  public var statistics: Statistics {
    state.withLock { state in
      let abandoned = state.running.count { !$0.value }
      return Statistics(
        running: state.running.count - abandoned,
        waiting: state.waiting.count,
        abandoned: abandoned
      )
    }
  }

  /// Identifies one lookup among all of these threads.
  package struct Ticket: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  private struct State {
    /// How many threads there are; each has a lookup or is about to look for one.
    var threadCount = 0
    var nextNumber: UInt64 = 0
    var waiting: [(ticket: Ticket, work: @Sendable () -> Void)] = []
    /// The lookups on a thread, and whether each is still wanted.
    var running: [Ticket: Bool] = [:]

    /// Takes a lookup out of the queue; `false` when it is not there.
    mutating func removeWaiting(_ ticket: Ticket) -> Bool {
      guard let place = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
      waiting.remove(at: place)
      return true
    }
  }

  /// Has some work done on one of the threads, and waits for its result.
  ///
  /// - Parameters:
  ///   - deadline: when to stop waiting; the work goes on by itself then, or is never begun.
  ///   - work: what to do.
  /// - Returns: the result, or `nil` when the deadline passed first.
  /// - Throws: `EAGAIN` when there can be no thread.
  package func run<R: Sendable>(
    until deadline: Deadline,
    _ work: @escaping @Sendable () -> R
  ) throws(Errno) -> R? {
    let pending = Pending<R>()
    let ticket = try start { pending.complete(work()) }
    if let result = pending.wait(until: deadline) { return result }
    abandon(ticket)
    // It may have ended just now.
    return pending.wait(until: Deadline(nanoseconds: 0))
  }

  /// Has some work done on one of the threads, as soon as one is free.
  ///
  /// - Parameter work: what to do.
  /// - Returns: a ticket for ``abandon(_:)``.
  /// - Throws: `EAGAIN` when there can be no thread; the work is dropped then.
  package func start(_ work: @escaping @Sendable () -> Void) throws(Errno) -> Ticket {
    let (ticket, needsThread) = state.withLock { state in
      let ticket = Ticket(number: state.nextNumber)
      state.nextNumber += 1
      state.waiting.append((ticket, work))
      let needsThread = state.threadCount < maximumCount
      if needsThread { state.threadCount += 1 }
      return (ticket, needsThread)
    }
    guard needsThread else { return ticket }
    let status = Thread.start(named: "name-lookup") { self.work() }
    guard status < 0 else { return ticket }
    // Without this thread the work is still done if there are others; they may even have begun it.
    let isLost = state.withLock { state in
      state.threadCount -= 1
      guard state.threadCount == 0 else { return false }
      return state.removeWaiting(ticket)
    }
    guard !isLost else { throw Errno(rawValue: CInt(truncatingIfNeeded: -status)) }
    return ticket
  }

  /// Says that nobody waits for a lookup any more: it is not begun, or left to end by itself.
  ///
  /// - Parameter ticket: which lookup; one that has ended is nothing to abandon.
  package func abandon(_ ticket: Ticket) {
    state.withLock { state in
      if state.removeWaiting(ticket) { return }
      if state.running[ticket] != nil { state.running[ticket] = false }
    }
  }

  /// What each thread does: one lookup after another, until there is none.
  private func work() {
    while true {
      let next = state.withLock { state -> (ticket: Ticket, work: @Sendable () -> Void)? in
        guard !state.waiting.isEmpty else {
          state.threadCount -= 1
          return nil
        }
        let next = state.waiting.removeFirst()
        state.running[next.ticket] = true
        return next
      }
      guard let next else { return }
      next.work()
      state.withLock { _ = $0.running.removeValue(forKey: next.ticket) }
    }
  }
}
