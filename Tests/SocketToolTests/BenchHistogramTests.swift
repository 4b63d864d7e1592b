// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import AsyncSockets
import Sockets
import TestSupport
import Testing

@testable import SocketTool

/// The histogram against the sorted samples themselves, and the other pure parts of `sockets bench`.
@Suite struct BenchHistogramTests {
  /// Samples of many sizes: each of a random number of bits.
  private func samples(_ count: Int, seed: UInt64) -> [Int64] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let bits = Int64.random(in: 0...41, using: &generator)
      return Int64.random(in: 0...(Int64(1) << bits), using: &generator)
    }
  }

  @Test func theProgressOfASlowServerIsThatOfTheLastSecond() {
    var result = BenchResult(
      setting: BenchSetting(
        plan: LoadPlan(mode: .exchange), endpoint: "tcp://127.0.0.1:1", hasServer: false),
      endpoint: "tcp://127.0.0.1:1", engine: .epoll)
    var tally = LoadTally()
    // Ten answers a second, and a look every 50 ms: the last one finds none.
    for number in 0..<60 {
      let before = tally
      if number.isMultiple(of: 2) {
        tally.operations += 1
        tally.latencies.record(100_000_000)
      }
      result.intervals.append(
        BenchResult.Interval(start: Double(number) * 0.05, length: 0.05, from: before, to: tally))
    }
    let line = BenchReport.progress(result, .plain)
    #expect(line.contains("  10/s  p50 10") && line.contains(" ms  p99 "), "\(line)")
  }

  private func histogram(_ samples: some Sequence<Int64>) -> LatencyHistogram {
    var histogram = LatencyHistogram()
    for sample in samples { histogram.record(sample) }
    return histogram
  }

  @Test(arguments: [1, 2, 3, 10, 997, 20_000], [UInt64(1), 2, 3])
  func percentilesAreThoseOfTheSortedSamples(count: Int, seed: UInt64) {
    let samples = samples(count, seed: seed)
    let sorted = samples.sorted()
    let histogram = histogram(samples)
    #expect(histogram.count == UInt64(count))
    #expect(histogram.minimum == sorted.first)
    #expect(histogram.maximum == sorted.last)
    for share in [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1] {
      let rank = max(1, Int((share * Double(count)).rounded(.up)))
      let exact = sorted[rank - 1]
      let told = histogram.value(atShare: share)
      #expect(
        Double((told - exact).magnitude) <= Double(exact) * 0.01,
        "\(share) of \(count): \(told) instead of \(exact)")
    }
    let mean = sorted.reduce(0.0) { $0 + Double($1) } / Double(count)
    #expect((histogram.mean - mean).magnitude <= mean * 1e-9 + 1e-9)
  }

  @Test func everyBucketKnowsItsValuesToLessThanAPercent() {
    for bits in 0..<42 {
      let power = Int64(1) << Int64(bits)
      for value in [power - 1, power, power + 1, power + power / 3, 2 * power - 1] {
        var one = LatencyHistogram()
        one.record(value)
        // A larger one beside it, so that the value is not told from the extremes.
        one.record(0)
        one.record(LatencyHistogram.largest)
        let told = one.value(atShare: 0.6)
        #expect(Double((told - value).magnitude) <= Double(value) * 0.01, "\(value): \(told)")
      }
    }
  }

  @Test func small() {
    let histogram = histogram((0..<256).map { Int64($0) })
    #expect(histogram.buckets.map(\.upTo) == Array(0...255))
    #expect(histogram.buckets.allSatisfy { $0.count == 1 })
  }

  @Test func countsAreExactAndMergingIsAdding() {
    let (one, two) = (samples(5_000, seed: 4), samples(3_000, seed: 5))
    var merged = histogram(one)
    merged.add(histogram(two))
    let both = histogram(one + two)
    #expect(merged.count == both.count)
    #expect(merged.minimum == both.minimum && merged.maximum == both.maximum)
    #expect(merged.buckets.map(\.count) == both.buckets.map(\.count))
    #expect(merged.buckets.map(\.upTo) == both.buckets.map(\.upTo))
    #expect(merged.buckets.reduce(0) { $0 + $1.count } == 8_000)
    merged.add(LatencyHistogram())
    #expect(merged.count == 8_000)
    var empty = LatencyHistogram()
    empty.add(both)
    #expect(empty.minimum == both.minimum)
  }

  @Test func theDifferenceOfTwoStatesIsWhatCameBetween() {
    let (one, two) = (samples(2_000, seed: 6), samples(1_000, seed: 7))
    let before = histogram(one)
    let rest = histogram(one + two).since(before)
    let alone = histogram(two)
    #expect(rest.count == 1_000)
    #expect(rest.buckets.map(\.count) == alone.buckets.map(\.count))
    #expect(before.since(before).count == 0)
  }

  @Test func extremesAreCounted() {
    let histogram = histogram([-5, 0, .max])
    #expect(histogram.minimum == 0)
    #expect(histogram.maximum == .max)
    #expect(histogram.buckets.reduce(0) { $0 + $1.count } == 3)
    #expect(LatencyHistogram().value(atShare: 0.99) == 0)
    #expect(LatencyHistogram().buckets.isEmpty)
  }

  @Test func howManyAreLonger() {
    let histogram = histogram([1, 200, 1_000, 1_000_000, 500_000_000])
    #expect(histogram.count(above: 0) == 5)
    #expect(histogram.count(above: 100_000) == 2)
    #expect(histogram.count(above: .max) == 0)
  }

  @Test func numbersOfDatagramsAreKnownOnce() {
    var numbering = Numbering(capacity: 4)
    for number in 0..<4 { numbering.noteSent(start: Int64(number) * 10, now: Int64(number) * 10) }
    #expect(numbering.isFull)
    #expect(numbering.noteAnswer(1) == .inTime(start: 10))
    #expect(numbering.noteAnswer(1) == .duplicate)
    #expect(numbering.noteAnswer(9) == .stray)
    #expect(numbering.outstanding == 3)
    var lost: [Int64] = []
    numbering.giveUp(sentBefore: 25) { lost.append($0) }
    #expect(lost == [0, 20])
    #expect(numbering.noteAnswer(0) == .late)
    #expect(!numbering.isFull)
    numbering.noteSent(start: 40, now: 40)
    #expect(numbering.outstanding == 2)
    #expect(numbering.noteAnswer(0) == .late)
    numbering.giveUp(sentBefore: .max) { lost.append($0) }
    #expect(lost == [0, 20, 30, 40])
    #expect(numbering.outstanding == 0)
  }

  /// A message that is lost keeps one place, whatever its number is.
  @Test func aLostDatagramDoesNotStopTheOthers() {
    var numbering = Numbering(capacity: 4)
    numbering.noteSent(start: 0, now: 0)
    var last: UInt64 = 0
    for _ in 0..<100 {
      #expect(!numbering.isFull)
      last = numbering.next
      numbering.noteSent(start: Int64(last), now: Int64(last))
      #expect(numbering.noteAnswer(last) == .inTime(start: Int64(last)))
    }
    #expect(numbering.outstanding == 1)
    // It is late, and still the one that waits.
    #expect(numbering.noteAnswer(0) == .inTime(start: 0))
    #expect(numbering.noteAnswer(last) == .duplicate)
    #expect(numbering.noteAnswer(0) == .duplicate)
    #expect(numbering.outstanding == 0)
  }

  @Test func anExchangeSendsWhatItMay() {
    var plan = LoadPlan(mode: .exchange)
    plan.size = 10
    plan.window = 3
    var exchange = Exchange(plan, connection: 0, schedule: nil, isRecords: false)
    #expect(exchange.sendable(isOver: false) == 30)
    #expect(exchange.sendable(isOver: true) == 0)
    exchange.noteSent(15, now: 1) { _ in }
    #expect(exchange.outstanding == 2 && exchange.outstandingWhole == 1 && exchange.hasTail)
    // The rest of a request is sent whatever happens.
    #expect(exchange.sendable(isOver: true) == 5)
    exchange.noteSent(5, now: 2) { _ in }
    var starts: [Int64] = []
    exchange.noteReceived(12) { starts.append($0) }
    #expect(starts == [1])
    exchange.noteReceived(8) { starts.append($0) }
    #expect(starts == [1, 1])
    #expect(exchange.sendable(isOver: false) == 30)
    exchange.noteSent(30, now: 3) { _ in }
    #expect(exchange.restart() == 3)
    #expect(exchange.sendable(isOver: false) == 30)
  }

  @Test func aScheduleGoesOnWhateverHappens() {
    var plan = LoadPlan(mode: .exchange)
    plan.size = 10
    plan.window = 1
    let schedule = Schedule(start: 1_000, rate: 1e9 / 100, connections: 2)
    #expect(schedule.due(0, of: 0) == 1_000)
    #expect(schedule.due(0, of: 1) == 1_100)
    #expect(schedule.due(3, of: 1) == 1_700)
    var exchange = Exchange(plan, connection: 1, schedule: schedule, isRecords: false)
    #expect(exchange.sendable(isOver: false) == 0)
    #expect(exchange.release() == 1_100)
    #expect(exchange.release() == 1_300)
    #expect(exchange.waiting == 2)
    #expect(exchange.sendable(isOver: false) == 10)
    var due: [Int64?] = []
    exchange.noteSent(10, now: 1_150) { due.append($0) }
    #expect(due == [1_100])
    #expect(exchange.sendable(isOver: false) == 0)
    // What is due and was never released counts as well.
    #expect(exchange.unsent(at: 1_300).count == 0)
    #expect(exchange.unsent(at: 1_501) == (2, 1_300))
    var starts: [Int64] = []
    exchange.noteReceived(10) { starts.append($0) }
    // From when it was due, and not from when it was sent.
    #expect(starts == [1_100])
    #expect(exchange.restart() == 0)
    exchange.noteSent(10, now: 2_000) { due.append($0) }
    #expect(due == [1_100, 1_300])
  }

  @Test func axesAreRound() {
    #expect(AxisTicks.linear(to: 9, count: 4) == [0, 2.5, 5, 7.5, 10])
    #expect(AxisTicks.linear(to: 183_000, count: 4) == [0, 50_000, 100_000, 150_000, 200_000])
    #expect(AxisTicks.logarithmic(from: 12, to: 180) == [10, 20, 50, 100, 200])
    #expect(AxisTicks.logarithmic(from: 900, to: 3_000_000_000).count == 9)
    #expect(AxisTicks.linear(to: 0, count: 4) == [0, 1])
  }

  @Test func chartsFitTheirWidth() {
    let chart = ThroughputChart(values: (0..<200).map { Double($0) }, hasUnicode: true)
    let rows = chart.rows(height: 4, width: 60)
    #expect(rows.count == 4)
    #expect(rows.allSatisfy { $0.count == 60 })
    #expect(rows[0].last == "█" && rows[0].first == " ")
    #expect(rows[3].first != " ")
    #expect(chart.line(width: 30).count == 30)
    let plain = ThroughputChart(values: [1, 2, 3], hasUnicode: false)
    let isPlain = plain.line(width: 10).allSatisfy { $0.isASCII }
    #expect(isPlain)
    #expect(ThroughputChart(values: [], hasUnicode: true).rows(height: 2, width: 5) == ["", ""])
  }

  @Test(arguments: [
    (0.0, "0"), (9.5, "9.5"), (950, "950"), (1_234, "1.23k"), (12_345, "12.3k"),
    (999_700, "1M"), (182_310, "182k"),
  ]) func numbersAreShort(value: Double, text: String) {
    #expect(CountText.short(value) == text)
  }

  @Test func numbersAreReadable() {
    #expect(CountText.whole(1_234_567) == "1,234,567")
    #expect(CountText.whole(999) == "999")
    #expect(CountText.time(1_500) == "1.5 µs")
    #expect(CountText.time(123_456_789) == "123 ms")
    #expect(ByteText.rate(11.5 * 1_048_576) == "11.5 MiB/s")
  }
}

#endif
