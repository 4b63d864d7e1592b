// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// What a relay did.
struct RelayStatistics: Hashable, Sendable {
  /// Connections that were accepted, or sessions of datagrams.
  var connections = 0
  /// Those that go on now.
  var active = 0
  /// Those whose target could not be reached, and messages that could not be handed on.
  var failed = 0
  /// Those that one of the peers reset.
  var resetByPeer = 0
  /// Bytes that were handed on to the target.
  var bytesToTarget = 0
  /// Bytes that were handed on to clients.
  var bytesToClient = 0
  /// Faults that were injected.
  var faults = FaultTally()
  private let start = Deadline.now

  mutating func add(_ byteCount: Int, _ direction: RelayDirection) {
    switch direction {
    case .toTarget: bytesToTarget += byteCount
    case .toClient: bytesToClient += byteCount
    }
  }

  private var seconds: Double { Double(Deadline.now.nanoseconds - start.nanoseconds) / 1e9 }

  /// All of it as data.
  func json(seed: UInt64) -> JSON {
    .object([
      ("seconds", .decimal(seconds, digits: 3)), ("connections", .number(connections)),
      ("active", .number(active)), ("failed", .number(failed)),
      ("resetByPeer", .number(resetByPeer)), ("bytesToTarget", .number(bytesToTarget)),
      ("bytesToClient", .number(bytesToClient)), ("faults", faults.json),
      // A number of 64 bits is more than many readers of JSON can hold.
      ("seed", .string(String(seed))),
    ])
  }

  /// All of it in a line.
  var text: String {
    let time = DecimalText.text(seconds, digits: 1)
    let noun = connections == 1 ? "connection" : "connections"
    return "\(connections) \(noun) (\(active) active, \(failed) failed, \(resetByPeer) reset) "
      + "in \(time) s, \(bytesToTarget) bytes on, \(bytesToClient) back, faults: \(faults.text)"
  }
}
