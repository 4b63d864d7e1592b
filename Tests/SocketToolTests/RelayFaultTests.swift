// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import Testing

@testable import SocketTool

/// What faults decide, without a socket: bytes in, steps out, at times that the test chooses.
@Suite struct RelayFaultTests {
  private static let sample = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }

  /// What comes out of a stream in the end, and where it was cut.
  private func result(
    _ settings: FaultSettings, seed: UInt64 = 1, number: Int = 1,
    _ direction: RelayDirection = .toTarget, cutInto size: Int = 20_000,
    _ bytes: [UInt8] = RelayFaultTests.sample
  ) -> (bytes: [UInt8], borders: [Int], isReset: Bool, tally: FaultTally) {
    var faults = StreamFaults(seed: seed, number: number, direction: direction)
    var all: [UInt8] = []
    var borders: [Int] = []
    var now: Int64 = 1000
    func drain() -> Bool {
      while true {
        switch faults.next(at: now) {
        case .write(let piece):
          all += piece
          borders.append(all.count)
        case .wait(let due): now = due
        case .reset: return true
        case .idle: return false
        }
      }
    }
    var isReset = false
    for start in stride(from: 0, to: bytes.count, by: size) where !isReset {
      faults.take(Array(bytes[start..<min(start + size, bytes.count)]), at: now, settings)
      isReset = drain()
    }
    return (all, borders, isReset, faults.takeTally())
  }

  @Test func withoutFaultsBytesPassAsTheyAre() {
    let result = result(FaultSettings())
    #expect(result.bytes == Self.sample)
    #expect(result.borders == [Self.sample.count])
    #expect(result.tally == FaultTally())
  }

  @Test func corruptionFollowsFromTheSeedAndThePlaceAlone() {
    let settings = FaultSettings(corrupt: 0.01)
    let whole = result(settings)
    let pieces = result(settings, cutInto: 7)
    #expect(whole.bytes == pieces.bytes)
    let changed = zip(whole.bytes, Self.sample).count { $0 != $1 }
    #expect(changed == whole.tally.corruptedBytes)
    #expect((120...290).contains(changed))
    #expect(result(settings, seed: 2).bytes != whole.bytes)
    #expect(result(settings, number: 2).bytes != whole.bytes)
    #expect(result(settings, .toClient).bytes != whole.bytes)
    // What other faults draw changes nothing.
    let late = FaultSettings(jitter: .seconds(1), corrupt: 0.01, hasShortWrites: true)
    #expect(result(late).bytes == whole.bytes)
    let all = result(FaultSettings(corrupt: 1))
    #expect(zip(all.bytes, Self.sample).allSatisfy { $0 != $1 })
    #expect(all.tally.corruptedBytes == Self.sample.count)
  }

  @Test func shortWritesCutAtTheSamePlaces() {
    let settings = FaultSettings(hasShortWrites: true)
    let whole = result(settings)
    #expect(whole.bytes == Self.sample)
    let sizes = zip(whole.borders, [0] + whole.borders).map { $0 - $1 }
    #expect(sizes.allSatisfy { (1...64).contains($0) })
    #expect(Set(sizes).count > 50)
    #expect(whole.tally.cuts == sizes.count - 1)
    // Pieces that end where reading ended are cut once more, and go on to the same border.
    #expect(Set(result(settings, cutInto: 1000).borders).isSuperset(of: whole.borders))
    #expect(result(settings, seed: 3).borders != whole.borders)
  }

  @Test func aResetComesBehindExactlySoManyBytes() {
    for limit in [0, 1, 999, 1000, 1001, 20_000] {
      let result = result(FaultSettings(resetAfter: limit), cutInto: 1000)
      #expect(result.bytes == Array(Self.sample.prefix(limit)))
      #expect(result.isReset && result.tally.resets == 1)
    }
    #expect(!result(FaultSettings(resetAfter: 20_001)).isReset)
  }

  @Test func aResetCountsWhatHasPassedBefore() {
    var faults = StreamFaults(seed: 1, number: 1, direction: .toTarget)
    faults.pass(500)
    faults.take([1, 2, 3], at: 0, FaultSettings(resetAfter: 502))
    #expect(faults.next(at: 0) == .write([1, 2]))
    #expect(faults.next(at: 0) == .reset)
    // More is not taken, and the reset stays.
    faults.take([4], at: 0, FaultSettings())
    #expect(faults.next(at: 0) == .reset)
  }

  @Test func aDelayHoldsBackAndKeepsTheOrder() {
    var faults = StreamFaults(seed: 1, number: 1, direction: .toTarget)
    let settings = FaultSettings(delay: .milliseconds(10))
    faults.take([1], at: 0, settings)
    faults.take([2], at: 4_000_000, settings)
    #expect(faults.next(at: 4_000_000) == .wait(until: 10_000_000))
    #expect(faults.next(at: 10_000_000) == .write([1]))
    #expect(faults.next(at: 10_000_000) == .wait(until: 14_000_000))
    #expect(faults.next(at: 20_000_000) == .write([2]))
    #expect(faults.next(at: 20_000_000) == .idle)
    #expect(faults.takeTally().delayed == 2)
  }

  @Test func jitterVariesTheDelayWithinItsBounds() {
    var schedule = FaultSchedule(seed: 1, number: 1, direction: .toTarget)
    let settings = FaultSettings(delay: .milliseconds(10), jitter: .milliseconds(4))
    let times = (0..<1000).map { _ in schedule.arrival(at: 0, settings) }
    #expect(times.allSatisfy { (6_000_000...14_000_000).contains($0) })
    #expect(Set(times).count > 900)
    var other = FaultSchedule(seed: 1, number: 1, direction: .toTarget)
    #expect(times == (0..<1000).map { _ in other.arrival(at: 0, settings) })
    let early = FaultSettings(jitter: .seconds(1))
    #expect((0..<100).allSatisfy { _ in schedule.arrival(at: 5, early) >= 5 })
  }

  @Test func timesEndAtTheEndOfTime() {
    var schedule = FaultSchedule(seed: 1, number: 1, direction: .toTarget)
    let settings = FaultSettings(delay: .seconds(1), rate: 1)
    var due: Int64 = 0
    for _ in 0..<200 { due = schedule.departure(1 << 30, from: due, settings) }
    #expect(due == .max)
    #expect(schedule.arrival(at: .max - 1, settings) == .max)
  }

  @Test func theBudgetOfQueuesIsKept() {
    let budget = QueueBudget(100)
    #expect(budget.take(60) && !budget.take(41) && !budget.isFull)
    budget.change(from: 0, to: 50)
    #expect(budget.isFull && !budget.take(1))
    budget.change(from: 110, to: 20)
    #expect(budget.take(80) && budget.isFull)
  }

  @Test func aRateIsKeptFromTheFirstByteOn() {
    var faults = StreamFaults(seed: 1, number: 1, direction: .toTarget)
    let settings = FaultSettings(rate: 1000)
    faults.take([UInt8](repeating: 1, count: 3000), at: 0, settings)
    var now: Int64 = 0
    var count = 0
    loop: while true {
      switch faults.next(at: now) {
      case .write(let bytes):
        count += bytes.count
        // Never more than so many by then, and no burst.
        #expect(Int64(count) <= now / 1_000_000)
        #expect(bytes.count <= 20)
      case .wait(let due): now = due
      default: break loop
      }
    }
    #expect(count == 3000)
    #expect(now == 3_000_000_000)
    #expect(StreamFaults.readLimit(settings) == 100)
    #expect(FaultSchedule.limit(settings) == 65_536)
  }

  @Test func whatWaitsIsDueWhenTheSettingsChange() {
    var faults = StreamFaults(seed: 1, number: 1, direction: .toTarget)
    faults.take([1], at: 0, FaultSettings(delay: .seconds(3600)))
    #expect(faults.next(at: 5) != .write([1]))
    faults.release(at: 5)
    faults.take([2], at: 5, FaultSettings())
    #expect(faults.next(at: 5) == .write([1]))
    #expect(faults.next(at: 5) == .write([2]))
  }

  @Test func aDroppedConnectionIsSilentBothWays() {
    let settings = FaultSettings(drop: 0.25)
    var silent = 0
    for number in 1...1000 {
      let forth = result(settings, number: number, cutInto: 10, [1, 2, 3])
      let back = result(settings, number: number, .toClient, [4, 5])
      #expect(forth.bytes.isEmpty == back.bytes.isEmpty)
      if forth.bytes.isEmpty { silent += 1 }
    }
    #expect((190...310).contains(silent))
    #expect(result(FaultSettings(drop: 1)).tally.droppedBytes == Self.sample.count)
  }

  @Test func theSameDatagramsAreLost() {
    let settings = FaultSettings(drop: 0.1)
    func lost(seed: UInt64, number: Int, _ direction: RelayDirection) -> [Int] {
      var faults = DatagramFaults(seed: seed, number: number, direction: direction)
      let lost = (0..<2000).filter { _ in faults.take([1], at: 0, settings) == nil }
      #expect(faults.takeTally().droppedDatagrams == lost.count)
      return lost
    }
    let first = lost(seed: 9, number: 1, .toTarget)
    #expect((140...260).contains(first.count))
    #expect(first == lost(seed: 9, number: 1, .toTarget))
    #expect(first != lost(seed: 9, number: 1, .toClient))
    #expect(first != lost(seed: 8, number: 1, .toTarget))
  }

  @Test func whatWaitsComesInTheOrderOfItsTimes() {
    var queue = DelayQueue<Int>()
    var random = FaultRandom(seed: 4, number: 1, direction: nil, .drop)
    let times = (0..<500).map { _ in Int64.random(in: 0...50, using: &random) }
    for (number, time) in times.enumerated() { queue.add(number, due: time) }
    var seen: [Int] = []
    for now in Int64(0)...50 {
      while let number = queue.takeDue(at: now) { seen.append(number) }
      #expect(queue.nextDue.map { $0 > now } ?? true)
    }
    #expect(seen == times.indices.sorted { (times[$0], $0) < (times[$1], $1) })
    for number in 0..<10 { queue.add(number, due: Int64(100 - number)) }
    queue.release(at: 3)
    #expect((0..<10).compactMap { _ in queue.takeDue(at: 3) } == (0..<10).reversed())
  }

  @Test func settingsAreReadAsTheCommandLineReadsThem() throws {
    var settings = FaultSettings()
    for (name, value) in [
      ("delay", "200ms"), ("jitter", "1"), ("rate", "64K"), ("drop", "5%"), ("reset-after", "1M"),
      ("corrupt", "0.001"), ("short-writes", "on"),
    ] { try settings.set(name, to: value) }
    #expect(
      settings
        == FaultSettings(
          delay: .milliseconds(200), jitter: .seconds(1), rate: 65_536, drop: 0.05,
          resetAfter: 1 << 20, corrupt: 0.001, hasShortWrites: true))
    for name in FaultSettings.names { try settings.set(name, to: "off") }
    #expect(settings.isQuiet)
    for (name, value) in [
      ("delay", "-1"), ("delay", "x"), ("rate", "0"), ("drop", "2"), ("drop", "nan"),
      ("reset-after", "1e3"), ("corrupt", ""), ("short-writes", "1"), ("nothing", "1"),
    ] {
      #expect(throws: (any Error).self) { try settings.set(name, to: value) }
    }
    #expect(settings.isQuiet)
  }

  @Test(arguments: [4, 16, 64, 256, 1024, 20_000, 1 << 20])
  func aRelayNeverTakesOnMoreThanItHasDescriptorsFor(_ limit: Int) {
    let streams = RelayCapacity(descriptors: limit, isDatagrams: false)
    #expect(streams.connections >= 1)
    if limit >= 16 { #expect(streams.connections * 2 + streams.pipes * 4 < limit) }
    #expect(RelayCapacity(descriptors: limit, isDatagrams: true).connections >= 4)
  }
}

#endif
