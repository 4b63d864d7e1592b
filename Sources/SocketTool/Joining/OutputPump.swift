// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// A file, a pipe or a terminal that is written to by a thread of its own, in the order in which it was asked.
final class OutputPump: Sendable {
  private struct State {
    var chunks: [[UInt8]] = []
    /// Bytes that wait or are being written.
    var byteCount = 0
    var failure: Errno?
    var hasStarted = false
    /// Who waits until less, or nothing, is left.
    var waiters: [(limit: Int, shot: OneShot<Void>)] = []
    /// The thread, while it has nothing to do.
    var thread: Pending<Bool>?
  }

  /// How many bytes may wait before the writer has to.
  private static let room = 1 << 20

  let descriptor: CInt
  private let name: String
  private let state = Guarded(State())

  /// - Parameters:
  ///   - descriptor: what to write to; it stays open.
  ///   - name: what it is called in errors.
  init(_ descriptor: CInt, _ name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Whether its thread writes nothing and never will, unless it is asked to.
  var isIdle: Bool { state.withLock { $0.byteCount == 0 || $0.failure != nil } }

  /// Whether a write has failed.
  var hasFailed: Bool { state.withLock { $0.failure } != nil }

  /// Hands over bytes, and waits while too many wait already.
  ///
  /// - Throws: `CommandFailure` with the C error of this or an earlier write; `CancellationError`.
  func write(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    let (thread, starts) = state.withLock { state -> (Pending<Bool>?, Bool) in
      guard state.failure == nil else { return (nil, false) }
      state.chunks.append(bytes)
      state.byteCount += bytes.count
      defer {
        state.thread = nil
        state.hasStarted = true
      }
      return (state.thread, !state.hasStarted)
    }
    thread?.complete(true)
    if starts {
      do {
        try Thread.begin("output") { self.run() }
      } catch {
        // Nobody will write what waits, and nobody is to wait for it.
        fail(.resourceTemporarilyUnavailable)
        throw error
      }
    }
    try await wait(forAtMost: Self.room)
  }

  /// Ends the writing, and the wait of whoever waits for it.
  private func fail(_ errno: Errno) {
    let shots = state.withLock { state -> [OneShot<Void>] in
      state.failure = errno
      state.chunks = []
      state.byteCount = 0
      defer { state.waiters = [] }
      return state.waiters.map(\.shot)
    }
    for shot in shots { shot.fire() }
  }

  /// Waits until all is written.
  ///
  /// - Throws: as ``write(_:)``.
  func flush() async throws { try await wait(forAtMost: 0) }

  private func wait(forAtMost limit: Int) async throws {
    let (shot, failure) = state.withLock { state -> (OneShot<Void>?, Errno?) in
      guard state.failure == nil, state.byteCount > limit else { return (nil, state.failure) }
      let shot = OneShot<Void>()
      state.waiters.append((limit, shot))
      return (shot, nil)
    }
    if let failure { throw named(failure) }
    guard let shot else { return }
    try await shot.wait()
    if let failure = state.withLock({ $0.failure }) { throw named(failure) }
  }

  private func named(_ errno: Errno) -> CommandFailure {
    // The table's sentence is about connections.
    errno == .brokenPipe
      ? CommandFailure("\(name): nobody reads it any more (EPIPE)") : CommandFailure(name, errno)
  }

  private func run() {
    while true {
      let pause = Pending<Bool>()
      let chunk = state.withLock { state -> [UInt8]? in
        guard state.chunks.isEmpty else { return state.chunks.removeFirst() }
        state.thread = pause
        return nil
      }
      guard let chunk else {
        _ = pause.wait(until: .never)
        continue
      }
      if case .failure(let errno) = ByteStream.writeAll(chunk, to: descriptor) {
        return fail(errno)
      }
      let shots = state.withLock { state -> [OneShot<Void>] in
        state.byteCount -= chunk.count
        let count = state.byteCount
        let done = state.waiters.filter { count <= $0.limit }
        state.waiters.removeAll { count <= $0.limit }
        return done.map(\.shot)
      }
      for shot in shots { shot.fire() }
    }
  }
}
