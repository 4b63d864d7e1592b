// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// Lines for a file that a thread of its own writes, so that nobody waits for a disk, a terminal or a pipe that nobody reads.
///
/// So much may wait; what comes then is dropped, counted, and told when there is room again.
final class LogQueue: Sendable {
  /// The queue to standard error.
  static let standardError = LogQueue(2)

  private struct State {
    var bytes: [UInt8] = []
    var lost = 0
    var hasStarted = false
    var isWriting = false
    /// What the thread waits for while there is nothing to write.
    var sleeper: Pending<Bool>?
    /// Who waits until all is written.
    var flusher: Pending<Bool>?
  }

  private let descriptor: CInt
  private let room: Int
  private let state = Guarded(State())

  /// - Parameters:
  ///   - descriptor: what to write to; it stays open.
  ///   - room: how many bytes may wait.
  init(_ descriptor: CInt, room: Int = 1 << 20) {
    self.descriptor = descriptor
    self.room = room
  }

  /// Hands over whole lines; never waits.
  func write(_ text: String) {
    let (sleeper, starts) = state.withLock { state -> (Pending<Bool>?, Bool) in
      guard state.bytes.count + text.utf8.count <= room else {
        state.lost += 1
        return (nil, false)
      }
      state.bytes += text.utf8
      defer {
        state.sleeper = nil
        state.hasStarted = true
      }
      return (state.sleeper, !state.hasStarted)
    }
    sleeper?.complete(true)
    guard starts, Thread.start(named: "log", { self.run() }) < 0 else { return }
    // There can be no thread now; the next line tries again.
    state.withLock { $0.hasStarted = false }
  }

  /// Whether all is written.
  var isIdle: Bool { state.withLock { $0.bytes.isEmpty && !$0.isWriting } }

  /// Waits until all is written, for at most so long.
  func flush(_ limit: Duration) {
    let flusher = Pending<Bool>()
    let isIdle = state.withLock { state in
      if state.bytes.isEmpty, !state.isWriting { return true }
      state.flusher = flusher
      return false
    }
    if !isIdle { _ = flusher.wait(until: .after(limit)) }
  }

  private func run() {
    while true {
      let pause = Pending<Bool>()
      let (bytes, lost, flusher) = state.withLock { state in
        let next = (state.bytes, state.lost, state.bytes.isEmpty ? state.flusher : nil)
        state.isWriting = !state.bytes.isEmpty
        if state.bytes.isEmpty {
          state.sleeper = pause
          state.flusher = nil
        } else {
          state.bytes = []
          state.lost = 0
        }
        return next
      }
      flusher?.complete(true)
      guard !bytes.isEmpty else {
        _ = pause.wait(until: .never)
        continue
      }
      // There is nobody to tell when that fails.
      _ = ByteStream.writeAll(bytes, to: descriptor)
      guard lost > 0 else { continue }
      let text = "sockets: \(lost) lines were lost: standard error was not read\n"
      _ = ByteStream.writeAll(text.utf8, to: descriptor)
    }
  }
}
