// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// What is to be measured, as the command line says it.
struct LoadPlan: Sendable {
  /// What a connection does.
  enum Mode: String, Sendable {
    /// A request and its answer, which is the same bytes, again and again.
    case exchange
    /// The same by single messages, each with a number, which may get lost.
    case datagrams
    /// A connection for each request.
    case connect
    /// Bytes as fast as they go.
    case stream
  }

  /// Which way the bytes of ``Mode/stream`` go.
  enum Direction: String, Sendable, CaseIterable {
    case send
    case receive
    case both

    var sends: Bool { self != .receive }
    var receives: Bool { self != .send }
  }

  var mode: Mode
  var direction = Direction.both
  /// How many connections, in all.
  var connections = 1
  /// How many bytes a request has.
  var size = 64
  /// How many requests of a connection may be on their way at once.
  var window = 1
  /// How many requests are due in a second, in all; `nil` when each connection asks as soon as it may.
  var rate: Double?
  var duration = Duration.seconds(5)
  var warmUp = Duration.milliseconds(500)
  /// How long an answer may take.
  var timeout = Duration.seconds(2)
  var interval = Duration.milliseconds(100)
  var loops = 1
  var seed: UInt64 = 1

  /// How many datagrams of a socket may wait: each one that gets lost keeps its place until it is given up.
  var numberingCapacity: Int {
    let perSecond = (rate ?? 0) / Double(connections)
    let expected = perSecond * Double(timeout.wholeNanoseconds) / 1e9
    return max(64, 4 * window, Int(min(expected * 1.5, 1_048_576)))
  }

  /// About how many bytes of memory the connections take together, the server of `--self` included.
  var memoryByteCount: Int {
    let piece = max(size + 1, Self.pieceByteCount)
    let each =
      switch mode {
      case .exchange: 2 * max(4096, min(size * window + 1, piece)) + 8 * window
      case .datagrams: 2 * size + 32 * numberingCapacity
      case .connect: 2 * max(4096, size)
      case .stream: 2 * piece
      }
    return connections * (1024 + each) + 3 * piece
  }

  /// The most memory that a command line may ask for.
  static let mostMemory = 1 << 31

  /// How many bytes are handed to the kernel at once, at most, unless a request is larger.
  static let pieceByteCount = 1 << 16

  /// Where the bytes of a connection begin in the common stream.
  func payloadOffset(of connection: Int) -> Int {
    // So many bytes apart that connections whose answers were exchanged would notice.
    connection % Payload.period * 4_099
  }
}

/// The instants of a run, in nanoseconds of the monotonic clock.
struct RunClock: Sendable {
  /// When requests are sent first.
  var start: Int64
  /// From when on requests count.
  var measuring: Int64
  /// When the last request is sent.
  var end: Int64
  /// When the last answer is no longer waited for.
  var lastAnswer: Int64

  init(_ plan: LoadPlan, start: Int64) {
    self.start = start
    measuring = start + plan.warmUp.wholeNanoseconds
    end = measuring + plan.duration.wholeNanoseconds
    lastAnswer = end + plan.timeout.wholeNanoseconds
  }
}

/// When requests are due, whatever became of those before them: so that one that had to wait counts with its wait.
struct Schedule: Sendable {
  private let start: Double
  private let spacing: Double
  private let connections: Int

  /// A schedule of so many requests a second over all connections, which take turns.
  init(start: Int64, rate: Double, connections: Int) {
    self.start = Double(start)
    spacing = 1e9 / rate
    self.connections = connections
  }

  /// When a connection's request is due; both are counted from zero.
  func due(_ request: Int, of connection: Int) -> Int64 {
    let number = Double(request) * Double(connections) + Double(connection)
    return Int64(min(start + number * spacing, 9e18))
  }

  /// How many of a connection's requests are due before an instant.
  func count(before instant: Int64, of connection: Int) -> Int {
    let numbers = (Double(instant) - start) / spacing - Double(connection)
    var count = Int(max(0, min(numbers / Double(connections), 4e18)))
    // The division may have been rounded to either side.
    while count > 0, due(count - 1, of: connection) >= instant { count -= 1 }
    while due(count, of: connection) < instant { count += 1 }
    return count
  }
}

extension Duration {
  /// The length in nanoseconds, at most 292 years.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds < Int64.max / 1_000_000_000 else { return .max }
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
