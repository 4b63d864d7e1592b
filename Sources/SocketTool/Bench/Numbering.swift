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

  /// What became of one that waits no more.
  private enum Past: Sendable {
    case unknown
    case answered
    case lost
  }

  /// The number that the next message gets.
  private(set) var next: UInt64 = 0
  /// All below are answered or lost.
  private var oldest: UInt64 = 0
  /// Messages that wait for their answers: from when their time counts, and when they were sent.
  private var waiting: [UInt64: (start: Int64, sent: Int64)] = [:]
  /// What became of the latest, each at its number's place.
  private var past: [Past]

  /// Lets so many messages wait, and remembers what became of as many.
  init(capacity: Int) { past = Array(repeating: .unknown, count: max(1, capacity)) }

  private func place(_ number: UInt64) -> Int { Int(number % UInt64(past.count)) }

  private func isRemembered(_ number: UInt64) -> Bool { next - number <= UInt64(past.count) }

  /// How many messages wait for their answers.
  var outstanding: Int { waiting.count }

  /// Whether no more may wait.
  var isFull: Bool { waiting.count >= past.count }

  /// The next message was sent.
  ///
  /// - Parameters:
  ///   - start: from when its time counts.
  ///   - now: when it was sent.
  mutating func noteSent(start: Int64, now: Int64) {
    waiting[next] = (start, now)
    past[place(next)] = .unknown
    next += 1
  }

  /// An answer came.
  mutating func noteAnswer(_ number: UInt64) -> Answer {
    guard number < next else { return .stray }
    if let message = waiting.removeValue(forKey: number) {
      if isRemembered(number) { past[place(number)] = .answered }
      return .inTime(start: message.start)
    }
    guard isRemembered(number) else { return .late }
    switch past[place(number)] {
    case .answered: return .duplicate
    case .lost: return .late
    case .unknown: return .stray
    }
  }

  /// Gives up what was sent before an instant.
  ///
  /// - Parameters:
  ///   - instant: the instant.
  ///   - lost: is told of each from when its time counted.
  mutating func giveUp(sentBefore instant: Int64, _ lost: (_ start: Int64) -> Void) {
    while oldest < next {
      if let message = waiting[oldest] {
        guard message.sent < instant else { return }
        waiting[oldest] = nil
        if isRemembered(oldest) { past[place(oldest)] = .lost }
        lost(message.start)
      }
      oldest += 1
    }
  }
}
