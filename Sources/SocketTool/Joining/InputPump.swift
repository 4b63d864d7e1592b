// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// Standard input, read ahead by a thread of its own, so that no loop waits for it.
///
/// What was read and not taken stays for who takes next: one peer after the other may be joined to it.
final class InputPump: Sendable {
  private struct State {
    var chunks: [[UInt8]] = []
    var end: Result<Void, Errno>?
    var hasStarted = false
    /// Who waits for a chunk.
    var reader: OneShot<Void>?
    /// The thread, while it waits for room.
    var thread: Pending<Bool>?
  }

  /// How many chunks may wait.
  private static let room = 4

  private let descriptor: CInt
  private let name: String
  private let limit: Int
  private let state = Guarded(State())

  /// - Parameters:
  ///   - descriptor: what to read; it stays open.
  ///   - name: what it is called in errors.
  ///   - limit: the most bytes of a chunk.
  init(_ descriptor: CInt, _ name: String, atMost limit: Int) {
    self.descriptor = descriptor
    self.name = name
    self.limit = limit
  }

  private enum Step: Sendable {
    case chunk([UInt8], thread: Pending<Bool>?)
    case end(Result<Void, Errno>)
    case wait(OneShot<Void>, starts: Bool)
  }

  /// The next bytes, waiting for them; empty at the end.
  ///
  /// For one task at a time.
  ///
  /// - Throws: `CommandFailure` with the C error; `CancellationError`, and nothing is lost.
  func next() async throws -> [UInt8] {
    while true {
      switch state.withLock(take) {
      case .chunk(let chunk, let thread):
        thread?.complete(true)
        return chunk
      case .end(let end):
        try end.orFailure(name)
        return []
      case .wait(let shot, let starts):
        if starts { try Thread.begin("input") { self.run() } }
        try await shot.wait()
      }
    }
  }

  private func take(_ state: inout State) -> Step {
    if !state.chunks.isEmpty {
      defer { state.thread = nil }
      return .chunk(state.chunks.removeFirst(), thread: state.thread)
    }
    if let end = state.end { return .end(end) }
    let shot = OneShot<Void>()
    state.reader = shot
    defer { state.hasStarted = true }
    return .wait(shot, starts: !state.hasStarted)
  }

  private static func isOver(_ state: State) -> Bool {
    if case .some = state.end { true } else { false }
  }

  private func run() {
    while true {
      let result = ByteStream.read(descriptor, atMost: limit)
      let pause = Pending<Bool>()
      let (reader, mustWait, isOver) = state.withLock { state in
        switch result {
        case .success(let bytes) where bytes.isEmpty: state.end = .success(())
        case .success(let bytes): state.chunks.append(bytes)
        case .failure(let errno): state.end = .failure(errno)
        }
        let mustWait = state.chunks.count >= Self.room
        if mustWait { state.thread = pause }
        defer { state.reader = nil }
        return (state.reader, mustWait, Self.isOver(state))
      }
      reader?.fire()
      if isOver { return }
      if mustWait { _ = pause.wait(until: .never) }
    }
  }
}
