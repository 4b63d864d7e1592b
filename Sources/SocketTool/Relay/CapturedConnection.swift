// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// A connection of the relay in its capture file; without a file all of this does nothing.
struct CapturedConnection: Sendable {
  private let conversation: Guarded<SyntheticConversation>
  private let file: CaptureFile
  private let loop: EventLoop

  /// Begins a connection.
  ///
  /// - Returns: `nil` without a capture file.
  static func begin(
    _ client: Connection, _ number: Int, _ state: RelayState
  ) async -> CapturedConnection? {
    guard let file = state.capture else { return nil }
    // A client that has gone has no address any more; one is invented then.
    let peer = try? client.peerAddress()
    let own = try? client.localAddress()
    let addresses = CaptureAddresses(client: peer, server: own, number: number)
    let captured = CapturedConnection(
      conversation: Guarded(
        SyntheticConversation(
          client: addresses.client, server: addresses.server, number: number)),
      file: file, loop: client.loop)
    let comment =
      "connection \(number): \(peer.map { "\($0)" } ?? "unknown") by "
      + "\(own.map { "\($0)" } ?? "unknown") to \(state.target)"
    await captured.add(comment) { $0.open() }
    return captured
  }

  func data(_ bytes: ArraySlice<UInt8>, _ direction: RelayDirection) async {
    await add { $0.data(bytes, direction) }
  }

  func end(_ direction: RelayDirection) async { await add { $0.end(direction) } }

  func reset(_ direction: RelayDirection) async { await add { $0.reset(direction) } }

  private func add(
    _ comment: String? = nil, _ packets: (inout SyntheticConversation) -> [[UInt8]]
  ) async {
    await file.add(comment: comment, on: loop) { conversation.withLock { packets(&$0) } }
  }
}
