// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// When a joint is over although nobody has said so.
enum JointEnd: Sendable {
  /// At the peer's end, when the input has ended as well: the peer may have ended only its half.
  case both
  /// At the peer's end, whatever input is still to come.
  case peer
  /// At the peer's end, when the input has ended or is silent: what comes of it later is the next peer's.
  case silence
}

/// Joins a peer to an input and an output, both ways at once.
///
/// The end of the input is passed on to the peer, and the joint ends when the peer has ended as well.
final class Joint: Sendable {
  /// How long an input must be silent to be the next peer's.
  static let silence = Duration.milliseconds(500)
  /// How long a peer must be silent that cannot say that it has ended.
  static let longSilence = Duration.seconds(1)
  /// How often a peer that has ended its half is asked whether it is there at all.
  private static let lookingInterval = Duration.milliseconds(100)

  private enum Event: Sendable {
    case inputEnded
    /// The peer takes nothing more.
    case sendingFailed(CommandFailure)
    case peerEnded
    /// Nothing more came for a while.
    case silent
    /// Neither way is open any more.
    case gone(CommandFailure?)
  }

  private struct Counts {
    var sent = 0
    var received = 0
    /// Whether a piece of the input is on its way, and whether one of the peer's is.
    var isSending = false
    var isReceiving = false
    var progress = ProgressLine()
  }

  private let peer: JoinedPeer
  private let input: InputPump
  private let output: JoinedOutput
  private let first: [[UInt8]]
  /// How much input there is, when that is known.
  private let total: Int?
  private let showsProgress: Bool
  private let end: JointEnd
  private let endsInSilence: Bool
  private let counts = Guarded(Counts())

  /// - Parameters:
  ///   - peer: the other side.
  ///   - input: what is sent.
  ///   - output: where goes what comes.
  ///   - first: what is sent before the input.
  ///   - end: when it is over; a terminal as the input counts as ``JointEnd/peer``: nobody wants to end it by hand.
  ///   - endsInSilence: whether a joint with a peer that has no ends is over when the input has ended and the peer is silent.
  init(
    _ peer: JoinedPeer, _ input: InputPump, _ output: JoinedOutput, first: [[UInt8]] = [],
    end: JointEnd, endsInSilence: Bool
  ) {
    self.peer = peer
    self.input = input
    self.output = output
    self.first = first
    self.endsInSilence = endsInSilence
    total = ByteStream.byteCount(0)
    let inputIsTerminal = TerminalDevice.isTerminal(0)
    self.end = inputIsTerminal ? .peer : end
    showsProgress = output.isFile || !inputIsTerminal && !TerminalDevice.isTerminal(1)
  }

  /// How many bytes went each way.
  var byteCounts: (received: Int, sent: Int) {
    counts.withLock { ($0.received, $0.sent) }
  }

  /// Joins them until the end; what had come by then is written out, also when it is no good end.
  ///
  /// - Throws: `CommandFailure` of the peer, the input or the output; a cancellation.
  func run() async throws {
    defer { counts.withLock { $0.progress.clear() } }
    let failure: CommandFailure?
    do {
      failure = try await withThrowingTaskGroup(of: Event.self) { group in
        group.addTask { try await self.send() }
        group.addTask { try await self.receive() }
        defer { group.cancelAll() }
        return try await self.watch(&group)
      }
    } catch {
      await output.flush(after: error)
      throw error
    }
    try await output.flush()
    if let failure { throw failure }
  }

  /// Follows the events to the end of the joint.
  ///
  /// - Returns: why not all of the input was sent.
  private func watch(
    _ group: inout ThrowingTaskGroup<Event, any Error>
  ) async throws -> CommandFailure? {
    var inputIsOver = false
    var peerHasEnded = false
    var failure: CommandFailure?
    while let event = try await group.next() {
      switch event {
      case .inputEnded, .sendingFailed:
        if case .sendingFailed(let error) = event { failure = error }
        inputIsOver = true
        if peerHasEnded { return failure }
        if failure == nil, !peer.hasEnds, endsInSilence {
          group.addTask {
            try await self.waitForSilence(Self.longSilence) { $0.isReceiving ? -1 : $0.received }
          }
        }
      case .peerEnded:
        peerHasEnded = true
        if inputIsOver || end == .peer { return failure }
        group.addTask { try await self.waitForFullClose() }
        if end == .silence {
          group.addTask {
            try await self.waitForSilence(Self.silence) { $0.isSending ? -1 : $0.sent }
          }
        }
      case .silent: return failure
      case .gone(let error): return failure ?? error
      }
    }
    return failure
  }

  private func send() async throws -> Event {
    for bytes in first {
      if let failure = try await send(bytes) { return .sendingFailed(failure) }
    }
    while true {
      let bytes = try await input.next()
      if bytes.isEmpty { break }
      if let failure = try await send(bytes) { return .sendingFailed(failure) }
    }
    try peer.endSending()
    return .inputEnded
  }

  /// - Returns: why the peer takes nothing more, while it may still have something to say.
  private func send(_ bytes: [UInt8]) async throws -> CommandFailure? {
    counts.withLock { $0.isSending = true }
    defer { counts.withLock { $0.isSending = false } }
    do throws(SocketError) {
      try await peer.send(bytes)
    } catch {
      let isGone = error.errno == .brokenPipe || error.errno == .connectionReset
      guard peer.hasEnds, isGone else { throw peer.named(error) }
      return CommandFailure("\(peer.name): \(error)")
    }
    noteMoved(sent: bytes.count)
    try await output.sent(bytes)
    return nil
  }

  private func receive() async throws -> Event {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while let bytes = try await peer.receive(into: &buffer) {
      // An output that is slow does not make the peer a silent one.
      counts.withLock { $0.isReceiving = true }
      defer { counts.withLock { $0.isReceiving = false } }
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

  /// Waits until neither way of the connection is open.
  ///
  /// A Unix peer that is gone is known at once, one of TCP after the next write, or never when nothing is written.
  private func waitForFullClose() async throws -> Event {
    while true {
      switch peer.state {
      case .open: try await Task.sleep(for: Self.lookingInterval)
      case .over: return .gone(nil)
      case .failed(let failure): return .gone(failure)
      }
    }
  }
}
