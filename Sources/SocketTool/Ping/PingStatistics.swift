// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What became of all requests.
struct PingStatistics: Sendable {
  var sent = 0
  var received = 0
  var duplicates = 0
  var errors = 0
  private(set) var minimum = Double.infinity
  private(set) var maximum = 0.0
  private var sum = 0.0
  private var squares = 0.0

  /// Counts an answer, the first to its request.
  mutating func count(milliseconds: Double) {
    received += 1
    minimum = min(minimum, milliseconds)
    maximum = max(maximum, milliseconds)
    sum += milliseconds
    squares += milliseconds * milliseconds
  }

  /// The share of requests that were not answered.
  var loss: Double {
    sent == 0 ? 0 : Double(max(0, sent - received)) / Double(sent)
  }

  var average: Double { received == 0 ? 0 : sum / Double(received) }

  /// The standard deviation of all round trips.
  var deviation: Double {
    guard received > 0 else { return 0 }
    return max(0, squares / Double(received) - average * average).squareRoot()
  }
}
