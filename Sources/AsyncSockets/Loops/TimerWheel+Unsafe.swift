// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the slots are one allocation of this wheel, indexed below its count. A node is part of an operation,
// whose memory outlives its stay in the wheel: the loop takes it out before it frees the operation.
//
// A hierarchical timing wheel (G. Varghese and T. Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 7):
// setting and removing cost the same however many there are. A tick is 2^20 ns, about a millisecond; timers never fire
// early, and at most one tick late by the wheel's own doing. What is farther away than the last level reaches is put
// into its last slot and looked at again there.

internal import CSockets

/// An operation's place in the wheel.
@safe package struct TimerNode {
  /// When it is due, in ticks.
  package var tick: Int64 = 0
  /// The slot that it is in, or -1.
  package var slot: Int32 = -1
  package var previous: OperationPointer?
  package var next: OperationPointer?
}

/// The timers of one loop.
@safe package struct TimerWheel: ~Copyable {
  private static let levelBits: Int64 = 6
  private static let slotsInLevel: Int64 = 64
  private static let levelCount = 5
  /// How far the last level reaches, in ticks: thirteen days.
  private static let reach = (Int64(1) << (levelBits * Int64(levelCount))) - 1

  /// The first of each slot, level by level.
  private let slots: UnsafeMutablePointer<OperationPointer?>
  /// Which slots of a level hold anything, a bit each.
  private var occupied: InlineArray<5, UInt64> = InlineArray(repeating: 0)
  /// The tick up to which all is done.
  private var now: Int64
  /// How many timers there are.
  package private(set) var count = 0

  package init(startingAt nanoseconds: Int64) {
    unsafe slots = .allocate(capacity: Int(Self.slotsInLevel) * Self.levelCount)
    unsafe slots.initialize(repeating: nil, count: Int(Self.slotsInLevel) * Self.levelCount)
    now = nanoseconds >> 20
  }

  deinit { unsafe slots.deallocate() }

  /// Sets a timer.
  ///
  /// - Parameters:
  ///   - operation: whose timer it is; it is in no wheel.
  ///   - nanoseconds: when it is due.
  ///   - present: what time it is.
  package mutating func insert(
    _ operation: OperationPointer, nanoseconds: Int64,
    now present: @autoclosure () -> Int64 = cs_monotonic_nanoseconds()
  ) {
    // An empty wheel has not been turned.
    if count == 0 { now = max(now, present() >> 20) }
    // The next whole tick, so that nothing fires early.
    let tick = nanoseconds >= Int64.max - (1 << 20) ? Int64.max >> 20 : (nanoseconds >> 20) + 1
    unsafe operation.pointee.timer.tick = tick
    count += 1
    unsafe place(operation)
  }

  /// Puts a timer into the slot that its distance from now asks for.
  private mutating func place(_ operation: OperationPointer) {
    let tick = unsafe min(max(operation.pointee.timer.tick, now + 1), now + Self.reach)
    var level = 0
    while level < Self.levelCount - 1,
      tick - now >= 1 << (Self.levelBits * Int64(level + 1))
    {
      level += 1
    }
    let index = Int((tick >> (Self.levelBits * Int64(level))) & (Self.slotsInLevel - 1))
    let slot = level * Int(Self.slotsInLevel) + index
    let first = unsafe slots[slot]
    unsafe operation.pointee.timer.slot = Int32(slot)
    unsafe operation.pointee.timer.previous = nil
    unsafe operation.pointee.timer.next = first
    unsafe first?.pointee.timer.previous = operation
    unsafe slots[slot] = operation
    occupied[level] |= 1 << UInt64(index)
  }

  /// Takes a timer out; one that is not set is left alone.
  package mutating func remove(_ operation: OperationPointer) {
    let slot = unsafe Int(operation.pointee.timer.slot)
    guard slot >= 0 else { return }
    let next = unsafe operation.pointee.timer.next
    if let previous = unsafe operation.pointee.timer.previous {
      unsafe previous.pointee.timer.next = next
    } else {
      unsafe slots[slot] = next
      if unsafe next == nil {
        occupied[slot / Int(Self.slotsInLevel)] &= ~(1 << UInt64(slot % Int(Self.slotsInLevel)))
      }
    }
    unsafe next?.pointee.timer.previous = unsafe operation.pointee.timer.previous
    unsafe operation.pointee.timer.slot = -1
    count -= 1
  }

  /// How long nothing happens, in nanoseconds from now; `nil` when there is no timer.
  ///
  /// The wheel may have to turn without a timer being due.
  package func nanosecondsUntilNext(from nanoseconds: Int64) -> Int64? {
    guard count > 0 else { return nil }
    var earliest = Int64.max
    for level in 0..<Self.levelCount where occupied[level] != 0 {
      let shift = Self.levelBits * Int64(level)
      let position = now >> shift
      let index = UInt64(position & (Self.slotsInLevel - 1))
      // The bits from the next slot on, the present one last.
      let bits = occupied[level]
      let turned =
        index == 63 ? bits : (bits >> (index + 1)) | (bits << (63 - index))
      let steps = Int64(turned.trailingZeroBitCount) + 1
      earliest = min(earliest, (position + steps) << shift)
    }
    return max(0, (earliest << 20) - nanoseconds)
  }

  /// Takes out what is due, one at a time.
  ///
  /// - Returns: a timer that is due, or `nil` when there is none.
  package mutating func takeDue(nanoseconds: Int64) -> OperationPointer? {
    let target = nanoseconds >> 20
    while true {
      let index = Int(now & (Self.slotsInLevel - 1))
      if let due = unsafe slots[index], unsafe due.pointee.timer.tick <= now {
        unsafe remove(due)
        return unsafe due
      }
      guard now < target else { return nil }
      guard count > 0 else {
        now = target
        return nil
      }
      advance(to: target)
    }
  }

  /// Turns the wheel by one step, or over a stretch in which no slot holds anything.
  private mutating func advance(to target: Int64) {
    if occupied[0] == 0 {
      // Nothing on the lowest level: go to its end at once.
      let end = now | (Self.slotsInLevel - 1)
      now = min(end, target)
      guard now < target else { return }
    }
    now += 1
    var level = 1
    while level < Self.levelCount,
      now & ((1 << (Self.levelBits * Int64(level))) - 1) == 0
    {
      cascade(level)
      level += 1
    }
  }

  /// Moves the timers of a slot whose time has come to lower levels.
  private mutating func cascade(_ level: Int) {
    let index = Int((now >> (Self.levelBits * Int64(level))) & (Self.slotsInLevel - 1))
    let slot = level * Int(Self.slotsInLevel) + index
    var next = unsafe slots[slot]
    unsafe slots[slot] = nil
    occupied[level] &= ~(1 << UInt64(index))
    // A timer that is due at this very tick goes to the present slot of the lowest level.
    while let operation = unsafe next {
      unsafe next = operation.pointee.timer.next
      if unsafe operation.pointee.timer.tick <= now {
        let present = Int(now & (Self.slotsInLevel - 1))
        let first = unsafe slots[present]
        unsafe operation.pointee.timer.slot = Int32(present)
        unsafe operation.pointee.timer.previous = nil
        unsafe operation.pointee.timer.next = first
        unsafe first?.pointee.timer.previous = operation
        unsafe slots[present] = operation
        occupied[0] |= 1 << UInt64(present)
      } else {
        unsafe place(operation)
      }
    }
  }
}
