// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// Waiting for a socket until a deadline, and what belongs to it.
package enum Wait {
  /// Waits until the descriptor is ready for one of the events, or has an error or hang-up to report.
  ///
  /// EINTR is retried with what is left of the deadline.
  package static func until(
    _ events: Int16, _ descriptor: Int32, deadline: Deadline, operation: SocketError.Operation,
    subject: SocketError.Subject = .none
  ) throws(SocketError) {
    while true {
      let status = Syscall.pollOne(
        descriptor, events: events, nanoseconds: deadline.remainingNanoseconds)
      if status > 0 { return }
      if status == 0 { throw SocketError(operation, .deadlinePassed, subject: subject) }
      guard status == -Int(Errno.interrupted.rawValue) else {
        throw SocketError(operation, result: status, subject: subject)
      }
    }
  }

  /// Whether the descriptor is ready now.
  package static func isReady(_ events: Int16, _ descriptor: Int32) -> Bool {
    Syscall.pollOne(descriptor, events: events, nanoseconds: 0) > 0
  }

  /// Takes `SO_ERROR`.
  package static func pendingError(_ descriptor: Int32) throws(SocketError) -> Int32 {
    try Options.get(
      SocketOption<Int32>(
        level: Constants.socketLevel, name: Constants.pendingError, cName: "SO_ERROR",
        coding: .integer), of: descriptor)
  }

  /// Sets or clears `O_NONBLOCK`; makes no second call when there is nothing to change.
  package static func setNonBlocking(_ descriptor: Int32, _ nonBlocking: Bool) -> Int {
    let flags = Syscall.fcntl(descriptor, command: Constants.getFlags, argument: 0)
    guard flags >= 0 else { return flags }
    let old = Int32(truncatingIfNeeded: flags)
    let new = nonBlocking ? old | Constants.nonBlocking : old & ~Constants.nonBlocking
    return old == new
      ? 0 : Syscall.fcntl(descriptor, command: Constants.setFlags, argument: new)
  }
}
