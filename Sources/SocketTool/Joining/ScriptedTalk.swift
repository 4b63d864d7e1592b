// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// A talk with a peer by a script: what is sent and what is waited for, one after the other.
struct ScriptedTalk {
  let peer: JoinedPeer
  let output: JoinedOutput
  /// How long one step may take.
  let limit: Duration

  /// What came and was not asked for yet.
  private var pending: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var peerHasEnded = false

  init(_ peer: JoinedPeer, _ output: JoinedOutput, limit: Duration) {
    self.peer = peer
    self.output = output
    self.limit = limit
  }

  /// Does the steps, and writes out what comes.
  ///
  /// After a last `--send` that goes on until the peer's end.
  ///
  /// - Throws: `CommandFailure` when the peer ended first, or with exit code 124 when the time was over.
  mutating func run(_ steps: [ScriptStep]) async throws {
    do {
      try await take(steps)
    } catch {
      await output.flush(after: error)
      throw error
    }
    try await output.flush()
  }

  private mutating func take(_ steps: [ScriptStep]) async throws {
    for step in steps {
      switch step.action {
      case .send(let bytes): try await send(bytes, step.text)
      case .expect(let bytes): try await expect(bytes, step.text)
      }
    }
    try peer.endSending()
    if let last = steps.last, !last.isExpectation {
      let end = peer.hasEnds ? Deadline.after(limit) : .after(min(limit, Joint.longSilence))
      while !peerHasEnded, try await receive(end, "its end", orSilence: !peer.hasEnds) {
        // Nobody asks for it any more.
        pending = []
      }
    }
  }

  private func send(_ bytes: [UInt8], _ text: String) async throws {
    do {
      try await peer.send(bytes, deadline: .after(limit))
    } catch {
      guard error.cause == .deadlinePassed else { throw peer.named(error) }
      throw CommandFailure(
        "\(peer.name): '\(text)' was not taken within \(seconds)", ExitStatus.timedOut)
    }
    try await output.sent(bytes)
  }

  private var seconds: String { DecimalText.seconds(limit) }

  private mutating func expect(_ bytes: [UInt8], _ text: String) async throws {
    let deadline = Deadline.after(limit)
    while true {
      if let end = Self.end(of: bytes, in: pending) {
        pending.removeFirst(end)
        return
      }
      // What cannot be the beginning of it any more is not kept.
      pending.removeFirst(max(0, pending.count - (bytes.count - 1)))
      if peerHasEnded {
        throw CommandFailure("\(peer.name): the peer ended before '\(text)' came")
      }
      _ = try await receive(deadline, "'\(text)'", orSilence: false)
    }
  }

  /// Takes what comes next.
  ///
  /// - Returns: whether there may be more.
  private mutating func receive(
    _ deadline: Deadline, _ what: String, orSilence: Bool
  ) async throws -> Bool {
    do {
      // What is there already is read at any time.
      guard !deadline.hasPassed else { throw SocketError(.read, .deadlinePassed) }
      guard let bytes = try await peer.receive(into: &buffer, deadline: deadline) else {
        peerHasEnded = true
        return false
      }
      try await output.received(bytes)
      pending += bytes
      return true
    } catch let error as SocketError where error.cause == .deadlinePassed {
      if orSilence { return false }
      throw CommandFailure(
        "\(peer.name): \(what) did not come within \(seconds)", ExitStatus.timedOut)
    }
  }

  /// Where in the text the piece ends that is looked for.
  static func end(of piece: [UInt8], in text: [UInt8]) -> Int? {
    guard piece.count <= text.count, let first = piece.first else { return nil }
    var start = 0
    while let place = text[start...].firstIndex(of: first), text.count - place >= piece.count {
      if text[place..<place + piece.count].elementsEqual(piece) { return place + piece.count }
      start = place + 1
    }
    return nil
  }
}
