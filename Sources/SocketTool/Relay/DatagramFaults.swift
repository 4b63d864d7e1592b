// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What becomes of the datagrams of one direction of a session: a datagram in, when it goes out, no I/O.
///
/// Which datagrams are lost and which bytes are corrupted depends on the seed, the number of the session, the direction and the
/// number of the datagram.
struct DatagramFaults {
  private var schedule: FaultSchedule
  private var corruption: Corruption
  private var losses: FaultRandom
  private var tally = FaultTally()

  init(seed: UInt64, number: Int, direction: RelayDirection) {
    schedule = FaultSchedule(seed: seed, number: number, direction: direction)
    corruption = Corruption(seed: seed, number: number, direction: direction)
    losses = FaultRandom(seed: seed, number: number, direction: direction, .drop)
  }

  /// Takes a datagram.
  ///
  /// - Parameters:
  ///   - bytes: the datagram.
  ///   - now: the time.
  ///   - settings: what to do with it.
  /// - Returns: what goes out and when, or `nil` when it is lost.
  mutating func take(
    _ bytes: [UInt8], at now: Int64, _ settings: FaultSettings
  ) -> (bytes: [UInt8], due: Int64)? {
    let luck = losses.unit()
    guard luck >= settings.drop else {
      tally.droppedDatagrams += 1
      return nil
    }
    var rest = bytes[...]
    tally.corruptedBytes += corruption.apply(settings.corrupt, to: &rest)
    // With jitter one may overtake another, as in a network.
    let arrival = schedule.arrival(at: now, settings)
    let due = schedule.departure(rest.count, from: arrival, settings)
    if due > now { tally.delayed += 1 }
    return (Array(rest), due)
  }

  /// The settings have changed.
  mutating func release() { schedule.release() }

  /// What was done since the last time that this was asked.
  mutating func takeTally() -> FaultTally {
    defer { tally = FaultTally() }
    return tally
  }
}

/// What waits for its time, the earliest first, and of one time in the order in which it came.
struct DelayQueue<Element> {
  private struct Item {
    var due: Int64
    var serial: Int
    var element: Element

    func isBefore(_ other: Item) -> Bool { (due, serial) < (other.due, other.serial) }
  }

  /// A heap: each item is before the two at twice its place.
  private var items: [Item] = []
  private var serial = 0

  /// How many wait.
  var count: Int { items.count }

  /// When the first is due.
  var nextDue: Int64? { items.first?.due }

  mutating func add(_ element: Element, due: Int64) {
    items.append(Item(due: due, serial: serial, element: element))
    serial += 1
    var place = items.count - 1
    while place > 0, items[place].isBefore(items[(place - 1) / 2]) {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes the first one, if its time has come.
  mutating func takeDue(at now: Int64) -> Element? {
    guard let first = items.first, first.due <= now else { return nil }
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var place = 0
    while true {
      let children = (2 * place + 1...2 * place + 2).filter { $0 < items.count }
      guard let child = children.min(by: { items[$0].isBefore(items[$1]) }),
        items[child].isBefore(items[place])
      else { return first.element }
      items.swapAt(place, child)
      place = child
    }
  }

  /// Makes all that waits due now.
  mutating func release(at now: Int64) {
    // In the order of their times, which a sorted array, being a heap, keeps.
    items.sort { $0.isBefore($1) }
    for place in items.indices {
      items[place].due = min(items[place].due, now)
      items[place].serial = place
    }
    serial = items.count
  }
}
