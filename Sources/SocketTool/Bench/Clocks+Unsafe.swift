// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each structure is a local value that outlives the call that it is lent to.

import AsyncSockets
import Glibc
import Sockets
import SystemPackage

/// Processor time.
enum ProcessorTime {
  /// What all threads of this process have used, in nanoseconds.
  static var ofProcess: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }
  /// What this thread has used, in nanoseconds.
  static var ofThread: Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    guard unsafe clock_gettime(clock, &now) == 0 else { return 0 }
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}

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
