// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the two mappings are as large as the kernel said when it made the ring, and stay until `deinit`. Every index
// into them is masked with the ring's own mask. Head and tail are shared with the kernel and accessed as atomics: what
// one side publishes by a release store, the other sees by an acquire load (io_uring(7)).

internal import CSockets
internal import Sockets
internal import Synchronization
internal import SystemPackage

/// How our rings are made.
enum UringSetup {
  private static let sizedCompletions: UInt32 = 1 << 3
  private static let startsDisabled: UInt32 = 1 << 6
  private static let submitAll: UInt32 = 1 << 7
  private static let cooperativeTasks: UInt32 = 1 << 8
  private static let tasksFlag: UInt32 = 1 << 9
  private static let singleIssuer: UInt32 = 1 << 12
  private static let deferredTasks: UInt32 = 1 << 13

  /// Makes a ring that is used by one thread, whose completions are worked out when that thread asks for them.
  ///
  /// - Returns: the ring's descriptor or an errno negated, and what the kernel says of its layout.
  static func make(entries: UInt32) -> (descriptor: Int, parameters: cs_ring_parameters) {
    var parameters = cs_ring_parameters()
    parameters.flags =
      sizedCompletions | startsDisabled | submitAll | cooperativeTasks | tasksFlag | singleIssuer
      | deferredTasks
    parameters.completion_entries = entries * 4
    let descriptor = Syscall.ringSetup(entries: entries, &parameters)
    return (descriptor, parameters)
  }
}

/// The two queues of one io_uring: ours to submit, the kernel's to complete.
@safe struct Ring: ~Copyable {
  private static let submissionsOffset = 0x1000_0000
  private static let getEvents: UInt32 = 1
  private static let extendedArgument: UInt32 = 8
  private static let overflowFlag: UInt32 = 2
  private static let taskFlag: UInt32 = 4
  private static let enableRings: UInt32 = 12

  private let descriptor: Int32
  private let rings: UnsafeMutableRawPointer
  private let ringsByteCount: Int
  private let entries: UnsafeMutablePointer<cs_sqe>
  private let entriesByteCount: Int

  private let submissionHead: UnsafeMutablePointer<Atomic<UInt32>>
  private let submissionTail: UnsafeMutablePointer<Atomic<UInt32>>
  private let submissionFlags: UnsafeMutablePointer<Atomic<UInt32>>
  private let submissionMask: UInt32
  private let completionHead: UnsafeMutablePointer<Atomic<UInt32>>
  private let completionTail: UnsafeMutablePointer<Atomic<UInt32>>
  private let completions: UnsafeMutablePointer<cs_cqe>
  private let completionMask: UInt32

  /// The tail of submissions that are written but not yet published.
  private var localTail: UInt32 = 0
  /// How many entries were written since the last enter.
  private var unsubmitted: UInt32 = 0
  /// Entries for which there is no room because the kernel takes none at the moment, in their order; empty otherwise.
  private var backlog: [UnsafeMutablePointer<cs_sqe>] = unsafe []
  /// How often the kernel was found to keep completions for which there was no room.
  private(set) var overflows = 0

  /// Makes a ring.
  ///
  /// - Parameter count: how many entries may wait to be submitted, a power of two.
  /// - Returns: the ring, disabled until its thread enables it.
  /// - Throws: `SocketError` of `io_uring_setup` or `mmap`.
  static func make(entries count: UInt32) throws(SocketError) -> Ring {
    let made = UringSetup.make(entries: count)
    guard made.descriptor >= 0 else { throw SocketError(.poll, result: made.descriptor) }
    let descriptor = Int32(truncatingIfNeeded: made.descriptor)
    let parameters = made.parameters
    let ringsByteCount = max(
      Int(parameters.submission.array) + Int(parameters.submission_entries) * 4,
      Int(parameters.completion.entries) + Int(parameters.completion_entries)
        * MemoryLayout<cs_cqe>.stride)
    let entriesByteCount = Int(parameters.submission_entries) * MemoryLayout<cs_sqe>.stride
    guard
      let rings = unsafe Syscall.mapRing(descriptor, byteCount: ringsByteCount, offset: 0)
    else {
      _ = Syscall.close(descriptor)
      throw SocketError(.poll, .system(.noMemory))
    }
    guard
      let mapped = unsafe Syscall.mapRing(
        descriptor, byteCount: entriesByteCount, offset: submissionsOffset)
    else {
      unsafe Syscall.unmapRing(rings, byteCount: ringsByteCount)
      _ = Syscall.close(descriptor)
      throw SocketError(.poll, .system(.noMemory))
    }
    return unsafe Ring(
      descriptor, parameters, rings: rings, ringsByteCount: ringsByteCount, entries: mapped,
      entriesByteCount: entriesByteCount)
  }

  private init(
    _ descriptor: Int32, _ parameters: cs_ring_parameters, rings: UnsafeMutableRawPointer,
    ringsByteCount: Int, entries mapped: UnsafeMutableRawPointer, entriesByteCount: Int
  ) {
    self.descriptor = descriptor
    self.ringsByteCount = ringsByteCount
    self.entriesByteCount = entriesByteCount
    unsafe self.rings = rings
    unsafe entries = mapped.assumingMemoryBound(to: cs_sqe.self)
    func word(_ offset: UInt32) -> UnsafeMutablePointer<Atomic<UInt32>> {
      unsafe (rings + Int(offset)).assumingMemoryBound(to: Atomic<UInt32>.self)
    }
    unsafe submissionHead = word(parameters.submission.head)
    unsafe submissionTail = word(parameters.submission.tail)
    unsafe submissionFlags = word(parameters.submission.flags)
    unsafe completionHead = word(parameters.completion.head)
    unsafe completionTail = word(parameters.completion.tail)
    unsafe submissionMask = word(parameters.submission.ring_mask).pointee.load(ordering: .relaxed)
    unsafe completionMask = word(parameters.completion.ring_mask).pointee.load(ordering: .relaxed)
    unsafe completions = (rings + Int(parameters.completion.entries))
      .assumingMemoryBound(to: cs_cqe.self)
    // The order of submission is that of the entries, always.
    let array = unsafe (rings + Int(parameters.submission.array))
      .assumingMemoryBound(to: UInt32.self)
    for index in 0..<parameters.submission_entries { unsafe array[Int(index)] = index }
  }

  deinit {
    for index in unsafe backlog.indices { unsafe backlog[index].deallocate() }
    unsafe Syscall.unmapRing(entries, byteCount: entriesByteCount)
    unsafe Syscall.unmapRing(rings, byteCount: ringsByteCount)
    _ = Syscall.close(descriptor)
  }

  /// From now on the calling thread is the one that uses the ring.
  func enable() { _ = Syscall.ringRegister(descriptor, operation: Self.enableRings) }

  /// Makes a table for files that need not be looked up for each entry.
  ///
  /// - Returns: how many places it has; none when the system does not allow it.
  func reserveFiles() -> UInt32 {
    var count: UInt32 = 16384
    // No more than the process may have descriptors.
    while count >= 64 {
      if Syscall.ringReserveFiles(descriptor, count: count) >= 0 { return count }
      count /= 4
    }
    return 0
  }

  /// Puts a descriptor into a place of the table, or nothing with -1.
  ///
  /// - Returns: whether it is there.
  func setFile(_ place: UInt32, _ file: Int32) -> Bool {
    Syscall.ringSetFile(descriptor, place: place, file) >= 0
  }

  /// The next entry to fill; entries are submitted by the next ``enter(complete:nanoseconds:)``.
  mutating func nextEntry() -> UnsafeMutablePointer<cs_sqe> {
    if isFull { return unsafe nextEntryWhenFull() }
    let entry = unsafe entries + Int(localTail & submissionMask)
    localTail &+= 1
    unsubmitted &+= 1
    return unsafe entry
  }

  /// Whether all entries are waiting to be submitted.
  private var isFull: Bool {
    unsafe localTail &- submissionHead.pointee.load(ordering: .acquiring) > submissionMask
  }

  @inline(never)
  private mutating func nextEntryWhenFull() -> UnsafeMutablePointer<cs_sqe> {
    enter(complete: 0, nanoseconds: 0)
    if unsafe submissionFlags.pointee.load(ordering: .relaxed) & Self.overflowFlag != 0 {
      overflows += 1
    }
    if !isFull { return unsafe nextEntry() }
    // The kernel takes nothing, for want of memory or because of a signal. What is already there must not be written over.
    let entry = UnsafeMutablePointer<cs_sqe>.allocate(capacity: 1)
    unsafe entry.initialize(to: cs_sqe())
    unsafe backlog.append(entry)
    return unsafe entry
  }

  /// Moves entries that have waited for room into the queue.
  @inline(never)
  private mutating func takeBacklog() {
    var taken = 0
    while unsafe taken < backlog.count, !isFull {
      let entry = unsafe backlog[taken]
      unsafe (entries + Int(localTail & submissionMask)).pointee = entry.pointee
      unsafe entry.deallocate()
      localTail &+= 1
      unsubmitted &+= 1
      taken += 1
    }
    unsafe backlog.removeFirst(taken)
  }

  /// Submits what was written, and waits until as many completions are there, or the time is over.
  mutating func enter(complete: UInt32, nanoseconds: Int64) {
    unsafe submissionTail.pointee.store(localTail, ordering: .releasing)
    if complete == 0, unsubmitted == 0, !hasWork { return }
    // What has had no room may be what ends the wait.
    let complete = unsafe backlog.isEmpty ? complete : 0
    let result = Syscall.ringEnter(
      descriptor, submit: unsubmitted, complete: complete,
      flags: Self.getEvents | Self.extendedArgument, nanoseconds: nanoseconds)
    // The kernel's head tells what it has taken: with a time-out the result does not.
    _ = result
    unsubmitted = unsafe localTail &- submissionHead.pointee.load(ordering: .acquiring)
    if unsafe !backlog.isEmpty { takeBacklog() }
  }

  /// Whether the kernel has something that it hands over only when it is asked.
  private var hasWork: Bool {
    unsafe submissionFlags.pointee.load(ordering: .relaxed) & (Self.taskFlag | Self.overflowFlag)
      != 0
  }

  /// Whether a completion is there.
  var hasCompletion: Bool {
    unsafe completionHead.pointee.load(ordering: .relaxed)
      != completionTail.pointee.load(ordering: .acquiring)
  }

  /// How many completions are there.
  var completionCount: UInt32 {
    unsafe completionTail.pointee.load(ordering: .acquiring)
      &- completionHead.pointee.load(ordering: .relaxed)
  }

  /// Takes the next completion, if there is one.
  mutating func takeCompletion() -> cs_cqe? {
    let head = unsafe completionHead.pointee.load(ordering: .relaxed)
    guard unsafe head != completionTail.pointee.load(ordering: .acquiring) else { return nil }
    let completion = unsafe completions[Int(head & completionMask)]
    unsafe completionHead.pointee.store(head &+ 1, ordering: .releasing)
    return completion
  }
}
