// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Which numbered messages are on their way, and which are lost.
///
/// It knows no socket and no clock.
struct Numbering: Sendable {
  /// What an answer's number says.
  enum Answer: Sendable, Equatable {
    /// It answers a message that was begun then.
    case inTime(start: Int64)
    /// Its message was given up already.
    case late
    /// Its message was answered already.
    case duplicate
    /// No message has this number.
    case stray
  }

  private enum State: Sendable {
    case unused
    case waiting
    case answered
    case lost
  }

  private struct Slot: Sendable {
    var number = UInt64.max
    var state = State.unused
    /// From when its time counts, and when it was sent.
    var start: Int64 = 0
    var sent: Int64 = 0
  }

  /// The number that the next message gets: one whose place no other message waits in.
  private(set) var next: UInt64 = 0
  /// All below are answered, lost or were never used.
  private var oldest: UInt64 = 0
  /// How many messages wait for their answers.
  private(set) var outstanding = 0
  private var slots: [Slot]

  /// Lets so many messages wait, and remembers what became of as many.
  init(capacity: Int) { slots = Array(repeating: Slot(), count: max(1, capacity)) }

  private func place(_ number: UInt64) -> Int { Int(number % UInt64(slots.count)) }

  /// Whether no more may wait.
  var isFull: Bool { outstanding == slots.count }

  /// Passes over the numbers of places that are taken: one message that is lost must not stop the others.
  private mutating func passTaken() {
    while !isFull, slots[place(next)].state == .waiting { next += 1 }
  }

  /// The next message was sent.
  ///
  /// - Parameters:
  ///   - start: from when its time counts.
  ///   - now: when it was sent.
  mutating func noteSent(start: Int64, now: Int64) {
    slots[place(next)] = Slot(number: next, state: .waiting, start: start, sent: now)
    outstanding += 1
    next += 1
    passTaken()
  }

  /// An answer came.
  mutating func noteAnswer(_ number: UInt64) -> Answer {
    guard number < next else { return .stray }
    let place = place(number)
    guard slots[place].number == number else { return .late }
    switch slots[place].state {
    case .waiting:
      slots[place].state = .answered
      outstanding -= 1
      passTaken()
      return .inTime(start: slots[place].start)
    case .answered: return .duplicate
    case .lost: return .late
    case .unused: return .stray
    }
  }

  /// Gives up what was sent before an instant.
  ///
  /// - Parameters:
  ///   - instant: the instant.
  ///   - lost: is told of each from when its time counted.
  mutating func giveUp(sentBefore instant: Int64, _ lost: (_ start: Int64) -> Void) {
    while oldest < next {
      let place = place(oldest)
      if slots[place].number == oldest, slots[place].state == .waiting {
        guard slots[place].sent < instant else { break }
        slots[place].state = .lost
        outstanding -= 1
        lost(slots[place].start)
      }
      oldest += 1
    }
    passTaken()
  }
}
