// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// Lookups that hang, on threads that are bounded and counted.
@Suite struct LookupDeadlineTests {
  /// Waits until the threads say what is expected; a test has ten seconds for it.
  private func expect(
    _ threads: LookupThreads,
    running: Int,
    waiting: Int,
    abandoned: Int,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let expected = LookupThreads.Statistics(
      running: running,
      waiting: waiting,
      abandoned: abandoned
    )
    let deadline = Deadline.patience
    while threads.statistics != expected, !deadline.hasPassed {
      _ = Pending<Int>().wait(until: .milliseconds(1))
    }
    #expect(threads.statistics == expected, sourceLocation: location)
  }

  @Test(.timeLimit(.minutes(5))) func aDeadlineEndsTheWaitAndLeavesTheLookup() throws {
    let service = ScriptedNameService(["slow.example": .hangs])
    let threads = LookupThreads(maximumCount: 2)
    let resolver = Resolver(nameService: service, threads: threads)
    var error: ResolutionError?
    // On a machine with much to do a deadline may pass before the lookup was begun.
    repeat {
      error = #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: "slow.example", service: "80", deadline: .milliseconds(20))
      }
    } while threads.statistics.abandoned == 0
    #expect(error?.cause == .deadlinePassed && error?.isTemporary == true)
    #expect(error?.description == "resolve slow.example:80: the deadline passed")
    expect(threads, running: 0, waiting: 0, abandoned: 1)
    #expect(service.ended == 0)

    service.release()
    expect(threads, running: 0, waiting: 0, abandoned: 0)
    #expect(service.ended == 1)
  }

  @Test func aReverseLookupHasADeadlineToo() throws {
    let address = SocketAddress.ipv4(.loopback, port: 80)
    let service = ScriptedNameService(["\(address)": .hangs])
    let threads = LookupThreads(maximumCount: 1)
    let resolver = Resolver(nameService: service, threads: threads)
    #expect(throws: ResolutionError(.deadlinePassed, .name(address))) {
      try resolver.name(of: address, deadline: .milliseconds(5))
    }
    service.release()
    expect(threads, running: 0, waiting: 0, abandoned: 0)
  }

  @Test(.timeLimit(.minutes(5)))
  func noMoreThanTheMaximumRunAndTheOthersWaitInOrder() throws {
    let service = ScriptedNameService([
      "hang.example": .hangs, "ok.example": .addresses([.ipv4(.loopback, port: 1)]),
    ])
    let threads = LookupThreads(maximumCount: 2)
    let resolver = Resolver(nameService: service, threads: threads)
    // On a machine with much to do a deadline may pass before a lookup was begun.
    while threads.statistics.abandoned < 2 {
      #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: "hang.example", deadline: .milliseconds(5))
      }
    }
    expect(threads, running: 0, waiting: 0, abandoned: 2)
    #expect(settles { service.asked.count == 2 })

    // Every thread is held: a lookup waits, gives up at its deadline, and is never begun.
    #expect(throws: ResolutionError.self) {
      try resolver.addresses(of: "late.example", deadline: .milliseconds(5))
    }
    expect(threads, running: 0, waiting: 0, abandoned: 2)

    // On a thread of its own at once: the threads of the pool may be busy with other tests.
    let answer = BackgroundResult {
      try resolver.addresses(of: "ok.example", deadline: .patience)
    }
    expect(threads, running: 0, waiting: 1, abandoned: 2)
    service.release()
    #expect(try answer.value.addresses.map(\.address) == [.ipv4(.loopback, port: 1)])
    expect(threads, running: 0, waiting: 0, abandoned: 0)
    #expect(service.asked == ["hang.example", "hang.example", "ok.example"])
  }

  @Test func anAnswerInTimeIsTheAnswer() throws {
    let addresses = [SocketAddress.ipv6(.loopback, port: 2), .ipv4(.loopback, port: 1)]
    let service = ScriptedNameService([
      "two.example": .addresses(addresses),
      "later.example": .fails(.resolver(.tryAgain)),
      "broken.example": .fails(.system(.connectionRefused)),
    ])
    let resolver = Resolver(nameService: service, threads: LookupThreads(maximumCount: 1))
    for deadline in [Deadline.never, .patience] {
      let answer = try resolver.addresses(of: "two.example", deadline: deadline)
      #expect(answer.addresses.map(\.address) == addresses)
      let later = #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: "later.example", deadline: deadline)
      }
      #expect(later?.code == .tryAgain && later?.isTemporary == true)
      let none = #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: "none.example", deadline: deadline)
      }
      #expect(none?.code == .nameNotFound && none?.isTemporary == false)
      let broken = #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: "broken.example", deadline: deadline)
      }
      #expect(broken?.errno == .connectionRefused && broken?.code == nil)
    }
  }

  @Test func aDeadlineThatHasPassedAsksNobody() throws {
    let service = ScriptedNameService([:])
    let resolver = Resolver(nameService: service, threads: LookupThreads(maximumCount: 1))
    #expect(throws: ResolutionError.self) {
      try resolver.addresses(of: "a.example", deadline: .now)
    }
    #expect(service.asked.isEmpty)
  }

  @Test func manyLookupsAtOnceAllEnd() async throws {
    let address = SocketAddress.ipv4(.loopback, port: 7)
    let service = ScriptedNameService(["a.example": .addresses([address])])
    let threads = LookupThreads(maximumCount: 3)
    let resolver = Resolver(nameService: service, threads: threads)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await BackgroundThread.run {
            for _ in 0..<50 {
              let answer = try resolver.addresses(of: "a.example", deadline: .patience)
              guard answer.addresses.first?.address == address else { return false }
            }
            return true
          }
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    expect(threads, running: 0, waiting: 0, abandoned: 0)
    #expect(service.ended == 400)
  }
}
