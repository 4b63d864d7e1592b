// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// The requests and answers of one connection, which come in the order in which they were sent.
///
/// It says what has to be sent next, and what an answer means. Pure: it knows no socket.
struct Exchange: Sendable {
  let size: Int
  let window: Int
  let schedule: Schedule?
  let connection: Int
  /// Where the connection's bytes begin in the common stream.
  let payloadOffset: Int
  /// How many bytes are sent at once at most, where the borders of requests do not matter.
  let pieceByteCount: Int

  /// Requests of earlier connections in this one's place; the schedule goes on.
  private var before = 0
  /// Requests that were due, in all; without a schedule they always are.
  private(set) var released = 0
  /// Bytes that were sent and received on the present connection.
  private(set) var sentBytes = 0
  private(set) var receivedBytes = 0
  private(set) var begun = 0
  private(set) var answered = 0
  /// When each request that is on its way was begun.
  private var beginnings: [Int64]

  init(_ plan: LoadPlan, connection: Int, schedule: Schedule?, isRecords: Bool) {
    size = plan.size
    window = plan.window
    self.schedule = schedule
    self.connection = connection
    payloadOffset = plan.payloadOffset(of: connection)
    pieceByteCount = isRecords ? plan.size : max(plan.size, LoadPlan.pieceByteCount)
    beginnings = Array(repeating: 0, count: plan.window)
  }

  /// Requests that are on their way.
  var outstanding: Int { begun - answered }
  /// Whether a request was handed over in part.
  var hasTail: Bool { sentBytes < begun * size }
  /// Requests that were handed over whole and have no answer yet.
  var outstandingWhole: Int { outstanding - (hasTail ? 1 : 0) }
  /// Requests that are due and not begun.
  var waiting: Int { schedule == nil ? 0 : max(0, released - before - begun) }
  /// Requests that were due before an instant and are not begun, and when the oldest of these was due.
  func unsent(at instant: Int64) -> (count: Int, oldest: Int64?) {
    guard let schedule else { return (0, nil) }
    let count = schedule.count(before: instant, of: connection) - before - begun
    return count > 0 ? (count, schedule.due(before + begun, of: connection)) : (0, nil)
  }
  /// When the oldest request that is on its way was begun.
  var oldestBeginning: Int64? { outstanding > 0 ? beginnings[answered % window] : nil }

  /// One more is due.
  mutating func release() -> Int64 {
    defer { released += 1 }
    return schedule?.due(released, of: connection) ?? 0
  }

  /// How many bytes to send now: the rest of a request, or as many requests as may be begun.
  ///
  /// - Parameter isOver: whether no request may be begun any more.
  /// - Returns: a number of bytes, zero when nothing is to be sent.
  func sendable(isOver: Bool) -> Int {
    let rest = begun * size - sentBytes
    guard rest == 0 else { return min(rest, pieceByteCount) }
    guard !isOver else { return 0 }
    var count = window - outstanding
    if schedule != nil { count = min(count, waiting) }
    return min(count, max(1, pieceByteCount / size)) * size
  }

  /// So many bytes were sent.
  ///
  /// - Returns: the requests that were begun with them: when each was due, if there is a schedule.
  mutating func noteSent(_ count: Int, now: Int64, _ began: (_ due: Int64?) -> Void) {
    sentBytes += count
    let newBegun = (sentBytes + size - 1) / size
    while begun < newBegun {
      beginnings[begun % window] = now
      began(schedule?.due(before + begun, of: connection))
      begun += 1
    }
  }

  /// So many bytes of answers came, and they are right.
  ///
  /// - Parameters:
  ///   - count: how many bytes came.
  ///   - answer: is told of each request that is answered now when it was due, or begun where there is no schedule.
  mutating func noteReceived(_ count: Int, _ answer: (_ start: Int64) -> Void) {
    receivedBytes += count
    while answered < begun, receivedBytes - answered * size >= size {
      answer(
        schedule?.due(before + answered, of: connection) ?? beginnings[answered % window])
      answered += 1
    }
  }

  /// The connection is gone.
  ///
  /// - Returns: how many of its requests will get no answer.
  mutating func restart() -> Int {
    let missing = outstanding
    before += begun
    (begun, answered, sentBytes, receivedBytes) = (0, 0, 0, 0)
    return missing
  }
}
