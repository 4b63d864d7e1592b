// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Wakes a task at an instant, to a few microseconds; a loop's own timers are exact to a millisecond, for which they cost less.
///
/// For one task of one loop.
final class PreciseTimer: Sendable {
  private let socket: LoopSocket

  /// Makes a timer on the loop that the task runs on.
  init(on loop: EventLoop) async throws(SocketError) {
    let number = Syscall.timerDescriptor()
    guard number >= 0 else { throw SocketError(.poll, result: number) }
    // A loop waits for any descriptor that can be polled.
    socket = await LoopSocket.make(
      OwnedDescriptor(
        owning: Int32(truncatingIfNeeded: number), family: .unspecified, type: .raw), on: loop)
  }

  /// Waits until an instant of the monotonic clock; at once when it has passed.
  func wait(until nanoseconds: Int64) async throws(SocketError) {
    guard nanoseconds > Deadline.now.nanoseconds else { return }
    let status = Syscall.setTimer(socket.descriptor, nanoseconds: nanoseconds)
    guard status >= 0 else { throw SocketError(.poll, result: status) }
    let result = await socket.wait(for: .readable, deadline: .never)
    guard result >= 0 else { throw SocketError(.poll, .cancelled) }
  }

  func close() async { _ = await socket.close() }
}
