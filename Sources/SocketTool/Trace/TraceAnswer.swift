// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// What came back to one probe of a trace.
struct TraceAnswer: Hashable, Sendable {
  /// Who answered.
  var sender: IPAddress
  var milliseconds: Double
  /// Whether it is the machine that was asked for.
  var isTarget: Bool
  /// Why it went no further; `nil` for a router that only counts hops, and for a target whose port is closed.
  var reason: ICMPReason?
  /// How the port of the target is, where that was seen: `open`, `closed`.
  var port: String?

  /// Whether nothing further on can answer.
  var isFinal: Bool { isTarget || reason != nil }

  /// Reads what a message of ICMP says of a probe to a target.
  init(
    _ error: ExtendedError, _ reason: ICMPReason, from sender: IPAddress, to target: IPAddress,
    nanoseconds: Int64
  ) {
    self.sender = sender
    milliseconds = Double(nanoseconds) / 1e6
    let isPort = reason.kind == .portUnreachable
    // A target that rejects, for whatever reason, was reached.
    isTarget = reason.kind != .expired && sender.isSameMachine(as: target)
    port = isTarget && isPort ? "closed" : nil
    self.reason = reason.kind == .expired || isTarget && isPort ? nil : reason
  }

  /// The target's own answer.
  init(target: IPAddress, nanoseconds: Int64, port: String? = nil) {
    sender = target
    milliseconds = Double(nanoseconds) / 1e6
    isTarget = true
    self.port = port
  }
}

extension IPAddress {
  /// Whether it is the same address, zones left aside.
  fileprivate func isSameMachine(as other: IPAddress) -> Bool {
    if let own = ipv6, let others = other.ipv6 { return own.bits == others.bits }
    return self == other
  }
}
