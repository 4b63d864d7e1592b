// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import HTTPMessages
import Sockets

/// What a listener tells on standard error: where it listens, whom it refused, and each connection where that is asked for.
struct ListeningLog: Sendable {
  /// Whether each connection has a line.
  var hasAccessLog: Bool
  /// Whether the lines are JSON.
  var json: Bool
  private let refusals = LineRate()
  /// When a pause of accepting may be told again.
  private let nextPause = Guarded(Deadline.now)

  init(hasAccessLog: Bool, json: Bool) {
    self.hasAccessLog = hasAccessLog
    self.json = json
  }

  /// Where it listens, as an endpoint that can be connected to.
  func listening(_ endpoint: String) {
    json
      ? write("listening", [("endpoint", .string(endpoint))])
      : Output.log("listening on \(endpoint)")
  }

  /// A peer is joined to the terminal, where there is somebody to be told.
  func joined(_ peer: String) {
    if !json, let greeting = Greeting.line(peer) { Output.log(greeting) }
  }

  /// Somebody was not let in; so many a second have a line, for nobody shall fill a disk by asking.
  func refused(_ peer: String, _ reason: String) {
    guard let more = refusals.next() else { return }
    if more > 0 { trouble("\(more) more were refused") }
    json
      ? write("refused", [("peer", .string(peer)), ("reason", .string(reason))])
      : Output.log("refused \(peer): \(reason)")
  }

  /// Something that concerns the listener, and no peer.
  func trouble(_ text: String) {
    json ? write("trouble", [("reason", .string(text))]) : Output.log("sockets: \(text)")
  }

  /// Accepting pauses: once in ten seconds, for with few descriptors it does whenever a client has gone and another has come.
  func pauses(_ error: any Error) {
    let isDue = nextPause.withLock { next in
      guard next.hasPassed else { return false }
      next = .seconds(10)
      return true
    }
    if isDue { trouble("accepting pauses: \(error)") }
  }

  /// A datagram was lost because it was longer than any should be; as many lines as for refusals.
  func tooLong(_ peer: String) {
    guard refusals.next() != nil else { return }
    trouble("\(peer): a message was too long and is lost")
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
    Output.log(text + (failure.map { ": \($0)" } ?? ""))
  }

  private func write(_ event: String, _ members: [(String, JSON)]) {
    Output.logText(
      JSON.object([("time", .string(LogTime.now)), ("event", .string(event))] + members).line)
  }
}

/// The time of day in logs.
enum LogTime {
  /// Now, in UTC to the millisecond: `2026-11-26T10:55:29.123Z` (RFC 3339).
  static var now: String { text(milliseconds: WallClock.nanoseconds / 1_000_000) }

  /// A time since 1970 in the same form.
  static func text(milliseconds: Int64) -> String {
    let parts = HTTPDate.parts(milliseconds / 1000)
    let day = [parts.month, parts.day].map { "-" + TextLayout.digits($0, 2) }.joined()
    let time = [parts.hour, parts.minute, parts.second].map { TextLayout.digits($0, 2) }
      .joined(separator: ":")
    return "\(parts.year)\(day)T\(time).\(TextLayout.digits(milliseconds % 1000, 3))Z"
  }
}

/// How many lines of one kind are written: a few a second, and the others are counted.
final class LineRate: Sendable {
  /// How many a second.
  static let most = 20

  private let state = Guarded((end: Deadline.now, count: 0, left: 0))

  /// Whether a line may be written now.
  ///
  /// - Returns: how many could not since the last one; `nil` when this one cannot.
  func next() -> Int? {
    state.withLock { state in
      if state.end.hasPassed {
        state.end = .seconds(1)
        state.count = 0
      }
      guard state.count < Self.most else {
        state.left += 1
        return nil
      }
      state.count += 1
      defer { state.left = 0 }
      return state.left
    }
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
    return "\(name) (process \(peer.processID), user \(UserDatabase.text(peer.userID)))"
  }

  /// An endpoint's text.
  static func text(_ address: SocketAddress, _ transport: Transport) -> String {
    if let endpoint = Endpoint(transport, address) { return endpoint.description }
    return address.description
  }
}
