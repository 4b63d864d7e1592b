// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// A capture file that is being written, by any number of tasks.
///
/// Packets are collected in memory and written 256 KiB at a time; who fills them up waits for the disk. A file that can no
/// longer be written ends the capture, not the relay.
final class CaptureFile: Sendable {
  private struct State {
    var pending: [UInt8] = []
    var lastInstant: UInt64 = 0
    var isWriting = false
    /// How many bytes are being written.
    var unwritten = 0
    var failure: Errno?
  }

  private static let piece = 1 << 18
  private static let most = 1 << 23

  private let name: String
  private let state = Guarded(State())
  /// Held during a write, so that pieces follow each other.
  private let descriptor: Guarded<FileDescriptor>

  private init(_ name: String, _ descriptor: FileDescriptor) {
    self.name = name
    self.descriptor = Guarded(descriptor)
    state.withLock {
      PcapngFormat.begin(program: "sockets relay", interface: "relay", into: &$0.pending)
    }
  }

  /// Makes the file, or empties it; waits for a reader when it is a named pipe.
  ///
  /// - Parameter name: its path.
  /// - Returns: the file.
  /// - Throws: `CommandFailure` with the C error; `CancellationError`.
  static func open(_ name: String) async throws -> CaptureFile {
    CaptureFile(name, try await OutputFile.open(name, .truncate))
  }

  /// Why the file could not be written, if it could not.
  var failure: CommandFailure? {
    state.withLock { $0.failure }.map { CommandFailure(name, $0) }
  }

  /// Adds packets of one moment, and waits for the disk when there are many.
  ///
  /// - Parameters:
  ///   - comment: is put at the first of them.
  ///   - loop: where to wait.
  ///   - packets: makes the packets, in the order in which they stand in the file.
  func add(comment: String? = nil, on loop: EventLoop, _ packets: () -> [[UInt8]]) async {
    var hasToWrite = false
    state.withLock { state in
      guard state.failure == nil else { return }
      // The wall clock may be set back; the packets of a file are in order.
      state.lastInstant = max(state.lastInstant, UInt64(clamping: WallClock.nanoseconds))
      var comment = comment
      for packet in packets() {
        PcapngFormat.add(packet, at: state.lastInstant, comment: comment, into: &state.pending)
        comment = nil
      }
      hasToWrite = state.pending.count >= Self.piece && !state.isWriting
      if hasToWrite { state.isWriting = true }
    }
    if hasToWrite { startWriting() }
    while state.withLock({ $0.pending.count > Self.most && $0.failure == nil && $0.isWriting }) {
      if await loop.sleep(nanoseconds: 1_000_000) < 0 { return }
    }
  }

  /// Writes what was collected on a thread of its own, which no cancelled task takes along.
  private func startWriting() {
    let status = Thread.start(named: "capture") {
      self.flush()
      self.state.withLock { $0.isWriting = false }
    }
    guard status < 0 else { return }
    // What nobody can write would only grow.
    state.withLock { $0.isWriting = false }
    fail(Errno(rawValue: CInt(truncatingIfNeeded: -status)))
  }

  /// Writes what was collected, on this thread.
  private func flush() {
    descriptor.withLock { descriptor in
      let bytes = state.withLock { state in
        state.unwritten = state.pending.count
        defer { state.pending = [] }
        return state.pending
      }
      let result = ByteStream.writeAll(bytes, to: descriptor.rawValue)
      state.withLock { $0.unwritten = 0 }
      if case .failure(let errno) = result { fail(errno) }
    }
  }

  /// The capture is over; it is said once.
  private func fail(_ errno: Errno) {
    let isFirst = state.withLock { state in
      defer { state.failure = state.failure ?? errno }
      state.pending = []
      return state.failure == nil
    }
    if isFirst { Output.error("sockets: \(CommandFailure(name, errno).text)") }
  }

  /// Writes what was collected, and waits for that, which may be for a reader that does not read.
  ///
  /// - Parameter limit: how long to wait; the write goes on all the same.
  /// - Returns: whether all was written.
  func flush(within limit: Duration) -> Bool {
    let done = Pending<Bool>()
    let status = Thread.start(named: "capture") {
      self.flush()
      done.complete(true)
    }
    if status < 0 { fail(Errno(rawValue: CInt(truncatingIfNeeded: -status))) }
    return status >= 0 && done.wait(until: .after(limit)) == true
  }

  /// Writes the rest, whether the task is cancelled or not, and says what could not be written in time.
  ///
  /// - Returns: whether the file is whole.
  func finish() async -> Bool {
    let isWritten = await Task {
      // Much less than a command that is ended may take, also on a busy machine.
      (try? await BlockingCall.run { self.flush(within: .milliseconds(600)) }) ?? false
    }.value
    // It was said when it happened.
    guard failure == nil else { return false }
    if !isWritten {
      let count = state.withLock { $0.unwritten + $0.pending.count }
      Output.error("sockets: \(name): the last \(count) bytes could not be written in time")
    }
    return isWritten
  }
}
