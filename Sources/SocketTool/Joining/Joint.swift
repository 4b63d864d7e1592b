// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// Joins a peer to an input and an output, both ways at once.
///
/// The end of the input is passed on to the peer, and the joint ends at the peer's end. An input that still flows then is sent to
/// its end: the peer may have ended only its half.
final class Joint: Sendable {
  /// How long an input or a peer must be silent to have no more to say, where nothing else tells.
  static let silence = Duration.milliseconds(500)
  /// The same for peers that cannot say that they have ended.
  static let longSilence = Duration.seconds(1)

  private enum Event: Sendable {
    case inputEnded
    case sendingFailed(any Error)
    case peerEnded
    /// Nothing more came for a while.
    case silent
  }

  private struct Counts {
    var sent = 0
    var received = 0
    /// Whether a piece of the input is on its way.
    var isSending = false
    var progress = ProgressLine()
  }

  private let peer: JoinedPeer
  private let input: InputPump
  private let output: JoinedOutput
  /// How much input there is, when that is known.
  private let total: Int?
  private let inputIsTerminal: Bool
  private let showsProgress: Bool
  private let endsInSilence: Bool
  private let counts = Guarded(Counts())

  /// - Parameters:
  ///   - peer: the other side.
  ///   - input: what is sent.
  ///   - output: where goes what comes.
  ///   - endsInSilence: whether a joint with a peer that has no ends is over when the input has ended and the peer is silent.
  init(_ peer: JoinedPeer, _ input: InputPump, _ output: JoinedOutput, endsInSilence: Bool) {
    self.peer = peer
    self.input = input
    self.output = output
    self.endsInSilence = endsInSilence
    total = WaitingFile.byteCount(0)
    inputIsTerminal = TerminalDevice.isTerminal(0)
    showsProgress = output.isFile || !inputIsTerminal && !TerminalDevice.isTerminal(1)
  }

  /// How many bytes went each way.
  var byteCounts: (received: Int, sent: Int) {
    counts.withLock { ($0.received, $0.sent) }
  }

  /// Joins them until the end.
  ///
  /// - Throws: `CommandFailure` of the peer, the input or the output; a cancellation.
  func run() async throws {
    defer { counts.withLock { $0.progress.clear() } }
    let failure = try await withThrowingTaskGroup(of: Event.self) { group in
      group.addTask { await self.send() }
      group.addTask { try await self.receive() }
      defer { group.cancelAll() }
      return try await self.watch(&group)
    }
    try await output.flush()
    if let failure { throw failure }
  }

  /// Follows the events to the end of the joint.
  ///
  /// - Returns: why not all of the input was sent.
  private func watch(_ group: inout ThrowingTaskGroup<Event, any Error>) async throws -> (
    any Error
  )? {
    var inputIsOver = false
    var peerHasEnded = false
    var failure: (any Error)?
    while let event = try await group.next() {
      switch event {
      case .inputEnded, .sendingFailed:
        if case .sendingFailed(let error) = event { failure = error }
        inputIsOver = true
        if peerHasEnded { return failure }
        if failure == nil, !peer.hasEnds, endsInSilence {
          group.addTask { try await self.waitForSilence(Self.longSilence) { $0.received } }
        }
      case .peerEnded:
        peerHasEnded = true
        if inputIsOver || inputIsTerminal { return failure }
        group.addTask {
          try await self.waitForSilence(Self.silence) { $0.isSending ? -1 : $0.sent }
        }
      case .silent: return failure
      }
    }
    return failure
  }

  private func send() async -> Event {
    do {
      while true {
        let bytes = try await input.next()
        if bytes.isEmpty { break }
        counts.withLock { $0.isSending = true }
        try await peer.send(bytes)
        noteMoved(sent: bytes.count)
        try await output.sent(bytes)
        counts.withLock { $0.isSending = false }
      }
      try peer.endSending()
      return .inputEnded
    } catch {
      return .sendingFailed(error)
    }
  }

  private func receive() async throws -> Event {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while let bytes = try await peer.receive(into: &buffer) {
      try await output.received(bytes)
      noteMoved(received: bytes.count)
    }
    try await output.flush()
    return .peerEnded
  }

  private func noteMoved(sent: Int = 0, received: Int = 0) {
    counts.withLock { counts in
      counts.sent += sent
      counts.received += received
      guard showsProgress else { return }
      let isSending = counts.sent > counts.received
      counts.progress.show(
        max(counts.sent, counts.received), of: isSending ? total : nil, ByteText.count)
    }
  }

  /// Waits until a count stays as it is for so long; one that is negative counts as changing.
  private func waitForSilence(
    _ silence: Duration, _ count: @escaping @Sendable (Counts) -> Int
  ) async throws -> Event {
    while true {
      let before = counts.withLock { count($0) }
      try await Task.sleep(for: silence)
      let after = counts.withLock { count($0) }
      if before == after, after >= 0 { return .silent }
    }
  }
}
