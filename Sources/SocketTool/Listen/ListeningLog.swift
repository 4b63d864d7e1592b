// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// What a listener tells on standard error: where it listens, whom it refused, and each connection where that is asked for.
struct ListeningLog: Sendable {
  /// Whether each connection has a line.
  var hasAccessLog: Bool
  /// Whether the lines are JSON.
  var json: Bool

  /// Where it listens, as an endpoint that can be connected to.
  func listening(_ endpoint: String) {
    json
      ? write("listening", [("endpoint", .string(endpoint))])
      : Output.error("listening on \(endpoint)")
  }

  /// Somebody was not let in.
  func refused(_ peer: String, _ reason: String) {
    json
      ? write("refused", [("peer", .string(peer)), ("reason", .string(reason))])
      : Output.error("refused \(peer): \(reason)")
  }

  /// Something that concerns the listener, and no peer.
  func trouble(_ text: String) {
    json ? write("trouble", [("reason", .string(text))]) : Output.error("sockets: \(text)")
  }

  /// A connection, or a joint of datagrams, has ended.
  ///
  /// - Parameters:
  ///   - peer: who it was.
  ///   - received: how many bytes came; `nil` when nobody counted.
  ///   - sent: how many bytes went.
  ///   - start: when it began.
  ///   - failure: why it did not end well.
  func served(
    _ peer: String, received: Int?, sent: Int?, since start: Deadline, failure: String?
  ) {
    guard hasAccessLog else { return }
    let seconds = Double(Deadline.now.nanoseconds - start.nanoseconds) / 1e9
    guard !json else {
      return write(
        "served",
        [
          ("peer", .string(peer)), ("received", .optional(received)), ("sent", .optional(sent)),
          ("seconds", .decimal(seconds, digits: 6)), ("failure", .optional(failure)),
        ])
    }
    var text = "\(LogTime.now) \(peer)"
    if let received { text += " received \(received)" }
    if let sent { text += " sent \(sent)" }
    text += " in \(DecimalText.text(seconds, digits: 3)) s"
    Output.error(text + (failure.map { ": \($0)" } ?? ""))
  }

  private func write(_ event: String, _ members: [(String, JSON)]) {
    Output.errorText(
      JSON.object([("time", .string(LogTime.now)), ("event", .string(event))] + members).line)
  }
}

/// How peers are called.
enum PeerName {
  /// An endpoint's text; for a Unix peer, who mostly has no name, also the process and its user.
  static func of(_ connection: Connection, _ transport: Transport) -> String {
    let address = try? connection.peerAddress()
    let name = address.map { text($0, transport) } ?? "\(transport)://(gone)"
    guard connection.family == .unix, let peer = try? connection.option(.peerCredentials) else {
      return name
    }
    return "\(name) (process \(peer.processID), user \(UserDatabase.name(peer.userID)))"
  }

  /// An endpoint's text.
  static func text(_ address: SocketAddress, _ transport: Transport) -> String {
    if let endpoint = Endpoint(transport, address) { return endpoint.description }
    return address.description
  }
}
