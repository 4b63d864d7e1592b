// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// How often, how large and how patiently is asked.
struct PingSettings: Sendable {
  /// How many requests; `nil` for as many as there is time for.
  var count: Int?
  var interval: Duration
  /// How many bytes of data a request has.
  var size: Int
  /// How long an answer is waited for.
  var timeout: Duration
  var socket: EchoSocket.Settings
}
