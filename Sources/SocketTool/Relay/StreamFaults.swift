// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What becomes of the bytes of one direction of a connection: bytes in, steps out, no I/O.
///
/// ``take(_:at:_:)`` is given what came, ``next(at:)`` says what is to be done. Which bytes are corrupted, where pieces end and
/// whether the connection is one of the lost ones depends on the seed, the number of the connection, the direction and the place in
/// the stream, never on how the stream was cut when it was read. The jitter is one draw for each piece that was read.
struct StreamFaults {
  /// What to do next.
  enum Step: Equatable {
    /// Hand these bytes on.
    case write(ArraySlice<UInt8>)
    /// Reset both sides.
    case reset
    /// Nothing until then.
    case wait(until: Int64)
    /// Nothing until more comes.
    case idle
  }

  private struct Piece {
    /// What to hand on; `nil` for a reset.
    var bytes: ArraySlice<UInt8>?
    var due: Int64
  }

  private static let largestShortWrite = 64

  private var pieces: [Piece] = []
  /// The first piece that has not gone.
  private var head = 0
  /// How many bytes wait.
  private(set) var pendingByteCount = 0
  private var lastDue: Int64 = 0
  /// How many bytes were taken that were not lost.
  private var carried = 0
  private var willReset = false
  private var schedule: FaultSchedule
  private var corruption: Corruption
  private var sizes: FaultRandom
  private var shortLeft = 0
  /// Where the connection stands among all: it is lost when the share reaches this.
  private let luck: Double
  /// What was done so far, since it was taken last.
  private var tally = FaultTally()

  init(seed: UInt64, number: Int, direction: RelayDirection) {
    schedule = FaultSchedule(seed: seed, number: number, direction: direction)
    corruption = Corruption(seed: seed, number: number, direction: direction)
    sizes = FaultRandom(seed: seed, number: number, direction: direction, .pieceSize)
    var random = FaultRandom(seed: seed, number: number, direction: nil, .drop)
    luck = random.unit()
  }

  /// Whether nothing waits.
  var isEmpty: Bool { head == pieces.count }

  /// Whether nothing more should be read for now.
  func isFull(_ settings: FaultSettings) -> Bool {
    willReset || pendingByteCount >= FaultSchedule.limit(settings)
  }

  /// How many bytes to read at a time, at most: with a rate no more than go in a tenth of a second.
  static func readLimit(_ settings: FaultSettings) -> Int {
    settings.rate.map { max(1, min(65_536, $0 / 10)) } ?? 65_536
  }

  /// What was done since the last time that this was asked.
  mutating func takeTally() -> FaultTally {
    defer { tally = FaultTally() }
    return tally
  }

  /// Counts bytes that are handed on as they are, while nothing waits and no fault is set.
  mutating func pass(_ byteCount: Int) { carried += byteCount }

  /// The settings have changed: what waits is due at once.
  mutating func release(at now: Int64) {
    for place in pieces.indices.dropFirst(head) {
      pieces[place].due = min(pieces[place].due, now)
    }
    lastDue = 0
    schedule.release()
  }

  /// Takes what came.
  ///
  /// - Parameters:
  ///   - bytes: one byte or more.
  ///   - now: the time.
  ///   - settings: what to do with it.
  mutating func take(_ bytes: [UInt8], at now: Int64, _ settings: FaultSettings) {
    guard !willReset else { return }
    guard luck >= settings.drop else {
      tally.droppedBytes += bytes.count
      return
    }
    var rest = bytes[...]
    if let limit = settings.resetAfter, bytes.count >= limit - carried {
      rest = rest.prefix(max(0, limit - carried))
      willReset = true
    }
    carried += rest.count
    tally.corruptedBytes += corruption.apply(settings.corrupt, to: &rest)
    // On a stream nothing overtakes what was there before.
    lastDue = max(lastDue, schedule.arrival(at: now, settings))
    while !rest.isEmpty {
      let count = pieceSize(rest.count, settings)
      append(rest.prefix(count), settings, now)
      rest = rest.dropFirst(count)
      if !rest.isEmpty, settings.hasShortWrites { tally.cuts += 1 }
    }
    if willReset {
      pieces.append(Piece(bytes: nil, due: lastDue))
      tally.resets += 1
    }
  }

  /// What is to be done now; what is to be written counts as gone.
  mutating func next(at now: Int64) -> Step {
    guard head < pieces.count else { return .idle }
    let piece = pieces[head]
    guard piece.due <= now else { return .wait(until: piece.due) }
    // The reset is the last one, and stays.
    guard let bytes = piece.bytes else { return .reset }
    pieces[head].bytes = []
    head += 1
    pendingByteCount -= bytes.count
    if head == pieces.count || head > 1024 {
      pieces.removeFirst(head)
      head = 0
    }
    return .write(bytes)
  }

  private mutating func append(
    _ bytes: ArraySlice<UInt8>, _ settings: FaultSettings, _ now: Int64
  ) {
    lastDue = max(lastDue, schedule.departure(bytes.count, from: lastDue, settings))
    if lastDue > now { tally.delayed += 1 }
    pieces.append(Piece(bytes: bytes, due: lastDue))
    pendingByteCount += bytes.count
  }

  private mutating func pieceSize(_ most: Int, _ settings: FaultSettings) -> Int {
    var count = most
    // Fifty pieces a second flow evenly enough.
    if let rate = settings.rate { count = min(count, max(1, rate / 50)) }
    guard settings.hasShortWrites else { return count }
    if shortLeft == 0 { shortLeft = Int.random(in: 1...Self.largestShortWrite, using: &sizes) }
    count = min(count, shortLeft)
    shortLeft -= count
    return count
  }
}
