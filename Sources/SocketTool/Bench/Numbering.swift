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

  private enum Slot: Sendable {
    case free
    case waiting(start: Int64, sent: Int64)
    case answered
    case lost
  }

  /// The number that the next message gets.
  private(set) var next: UInt64 = 0
  /// All below are answered or lost.
  private var oldest: UInt64 = 0
  /// Messages that wait for their answers.
  private(set) var outstanding = 0
  private var slots: [Slot]

  /// Remembers so many messages; one that is older is forgotten.
  init(capacity: Int) { slots = Array(repeating: .free, count: max(1, capacity)) }

  private func place(_ number: UInt64) -> Int { Int(number % UInt64(slots.count)) }

  /// Whether the next message would take the place of one that waits.
  var isFull: Bool {
    if case .waiting = slots[place(next)] { return true }
    return false
  }

  /// The next message was sent.
  ///
  /// - Parameters:
  ///   - start: from when its time counts.
  ///   - now: when it was sent.
  mutating func noteSent(start: Int64, now: Int64) {
    slots[place(next)] = .waiting(start: start, sent: now)
    next += 1
    outstanding += 1
  }

  /// An answer came.
  mutating func noteAnswer(_ number: UInt64) -> Answer {
    guard number < next else { return .stray }
    guard next - number <= UInt64(slots.count) else { return .late }
    let place = place(number)
    switch slots[place] {
    case .waiting(let start, _):
      slots[place] = .answered
      outstanding -= 1
      return .inTime(start: start)
    case .answered: return .duplicate
    case .lost: return .late
    case .free: return .stray
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
      // One whose place was taken again was not waiting.
      if next - oldest <= UInt64(slots.count), case .waiting(let start, let sent) = slots[place] {
        guard sent < instant else { return }
        slots[place] = .lost
        outstanding -= 1
        lost(start)
      }
      oldest += 1
    }
  }
}
