// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// Looks at a load from time to time while it runs.
struct BenchMeter: Sendable {
  let loads: [LoadLoop]
  let server: BenchServer?
  var result: BenchResult
  private var before = LoadTally()
  private var lastSample: Int64 = 0
  private var processorBefore: Int64 = 0
  private var serverBefore: Int64 = 0

  init(loads: [LoadLoop], server: BenchServer?, result: BenchResult) {
    self.loads = loads
    self.server = server
    self.result = result
  }

  /// Takes samples until the end, until no loop goes on, or until the task is cancelled.
  mutating func sample(
    _ clock: RunClock, while isRunning: () -> Bool,
    _ watch: (BenchResult.Interval, BenchResult) -> Void
  ) async {
    guard let loop = EventLoop.current ?? loads.first?.context.loop else { return }
    await sleep(until: clock.measuring, loop, isRunning)
    await begin()
    var number: Int64 = 0
    let interval = result.plan.interval.wholeNanoseconds
    while isRunning(), !Task.isCancelled, Deadline.now.nanoseconds < clock.end {
      number += 1
      let next = min(clock.end, clock.measuring + number * interval)
      await sleep(until: next, loop, isRunning)
      take(watch)
    }
    await end(clock)
  }

  /// Sleeps, a little at a time, so that the end of the load ends it.
  private func sleep(until instant: Int64, _ loop: EventLoop, _ isRunning: () -> Bool) async {
    while isRunning(), !Task.isCancelled {
      let now = Deadline.now.nanoseconds
      guard now < instant else { return }
      _ = await loop.sleep(until: Deadline(nanoseconds: min(instant, now + 100_000_000)))
    }
  }

  private mutating func begin() async {
    lastSample = Deadline.now.nanoseconds
    result.start = lastSample
    before = tally()
    serverBefore = await serverTime()
    processorBefore = ProcessorTime.ofProcess
  }

  private mutating func take(_ watch: (BenchResult.Interval, BenchResult) -> Void) {
    let now = Deadline.now.nanoseconds
    let all = tally()
    let interval = BenchResult.Interval(
      start: Double(lastSample - result.start) / 1e9, length: Double(now - lastSample) / 1e9,
      from: before, to: all)
    lastSample = now
    before = all
    guard interval.length > 0 else { return }
    result.intervals.append(interval)
    result.tally = all
    result.seconds = Double(now - result.start) / 1e9
    watch(interval, result)
  }

  private mutating func end(_ clock: RunClock) async {
    result.isEarly = Task.isCancelled
    result.seconds = Double(max(0, lastSample - result.start)) / 1e9
    let all = ProcessorTime.ofProcess - processorBefore
    let servers = await serverTime() - serverBefore
    result.ownProcessorTime = Double(max(0, all - servers)) / 1e9
    if server != nil { result.serverProcessorTime = Double(servers) / 1e9 }
  }

  private func tally() -> LoadTally {
    var sum = LoadTally()
    for load in loads { sum.add(load.context.tally.withLock { $0 }) }
    return sum
  }

  private func serverTime() async -> Int64 {
    guard let server else { return 0 }
    return await server.loop.run { ProcessorTime.ofThread }
  }

  /// The result, when the last answers have been waited for.
  func finished() -> BenchResult {
    var result = result
    result.tally = tally()
    result.isEarly = result.isEarly || Task.isCancelled
    return result
  }
}
