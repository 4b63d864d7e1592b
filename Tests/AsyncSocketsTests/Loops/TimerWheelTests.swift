// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import TestSupport
import Testing

/// The wheel beside a list that is searched: nothing is early, nothing more than a tick late, nothing lost.
@Suite struct TimerWheelTests {
  private static let tick: Int64 = 1 << 20

  @Test(arguments: 0..<20)
  func timersFireInTheirTickAndOnce(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var table = SocketTable()
    let start = Int64.random(in: 0...1 << 50, using: &random)
    var wheel = TimerWheel(startingAt: start)
    var due: [OperationPointer: Int64] = unsafe [:]
    var now = start
    // From far below a tick to beyond the last level.
    let reaches: [Int64] = [1, 1 << 19, 1 << 22, 1 << 27, 1 << 33, 1 << 39, 1 << 45, 1 << 51]
    for _ in 0..<3000 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let reach = reaches[Int.random(in: 0..<reaches.count, using: &random)]
        let instant = now + Int64.random(in: -100...reach, using: &random)
        let operation = unsafe table.makeOperation()
        unsafe wheel.insert(operation, nanoseconds: instant, now: now)
        unsafe due[operation] = instant
      case 5:
        guard let operation = unsafe due.keys.min(by: { unsafe $0 < $1 }) else { continue }
        unsafe wheel.remove(operation)
        unsafe due[operation] = nil
        unsafe table.free(operation)
      default:
        let reach = reaches[Int.random(in: 0..<6, using: &random)]
        now += Int64.random(in: 0...reach, using: &random)
        while let operation = unsafe wheel.takeDue(nanoseconds: now) {
          let instant = unsafe due.removeValue(forKey: operation)
          #expect(instant.map { $0 <= now } == true, "early, or twice")
          unsafe table.free(operation)
        }
        let earliest = unsafe due.values.min() ?? .max
        #expect(earliest > now - 2 * Self.tick, "late")
      }
      #expect(wheel.count == (unsafe due.count))
      if let wait = wheel.nanosecondsUntilNext(from: now) {
        // Never beyond what is due next.
        let next = unsafe due.values.min() ?? .max
        #expect(now + wait <= max(next, now) + 2 * Self.tick)
      } else {
        #expect(unsafe due.isEmpty)
      }
    }
  }
}
