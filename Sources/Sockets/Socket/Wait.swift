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
    _ events: Int16,
    _ descriptor: Int32,
    deadline: Deadline,
    operation: SocketError.Operation,
    subject: @autoclosure () -> SocketError.Subject = .none
  ) throws(SocketError) {
    while true {
      let status = Syscall.pollOne(
        descriptor,
        events: events,
        nanoseconds: deadline.remainingNanoseconds
      )
      if status > 0 { return }
      if status == 0 { throw SocketError(operation, .deadlinePassed, subject: subject()) }
      guard status == -Int(Errno.interrupted.rawValue) else {
        throw SocketError(operation, result: status, subject: subject())
      }
    }
  }

  /// Waits until a descriptor is readable, or until a second one is.
  ///
  /// - Returns: `true` for the first, `false` when the second became readable.
  package static func untilReadable(
    _ descriptor: Int32,
    or other: Int32?
  ) throws(SocketError) -> Bool {
    while true {
      let status = Syscall.pollTwo(descriptor, other ?? -1, nanoseconds: -1)
      if status >= 0 { return status & 2 == 0 }
      guard status == -Int(Errno.interrupted.rawValue) else {
        throw SocketError(.accept, result: status)
      }
    }
  }

  /// Waits until one of many descriptors is readable; a negative one is left out.
  ///
  /// - Returns: the places of those that are ready.
  package static func untilAnyReadable(
    _ descriptors: [Int32],
    deadline: Deadline
  ) throws(SocketError) -> [Int] {
    while true {
      var ready: [Int] = []
      let status = Syscall.pollMany(
        descriptors,
        nanoseconds: deadline.remainingNanoseconds,
        ready: &ready
      )
      if status > 0 { return ready }
      if status == 0 { throw SocketError(.poll, .deadlinePassed) }
      guard status == -Int(Errno.interrupted.rawValue) else {
        throw SocketError(.poll, result: status)
      }
    }
  }

  /// Does nothing for a while.
  ///
  /// - Returns: whether the descriptor became readable meanwhile, which ends the pause.
  package static func pause(nanoseconds: Int64, unless descriptor: Int32?) -> Bool {
    let deadline = Deadline(nanoseconds: cs_monotonic_nanoseconds() + nanoseconds)
    while true {
      let status = Syscall.pollOne(
        descriptor ?? -1,
        events: Constants.pollIn,
        nanoseconds: deadline.remainingNanoseconds
      )
      if status > 0 { return true }
      guard status == -Int(Errno.interrupted.rawValue) else { return false }
    }
  }

  /// Whether the descriptor is ready now.
  package static func isReady(_ events: Int16, _ descriptor: Int32) -> Bool {
    while true {
      let status = Syscall.pollOne(descriptor, events: events, nanoseconds: 0)
      if status != -Int(Errno.interrupted.rawValue) { return status > 0 }
    }
  }

  /// Takes `SO_ERROR`.
  package static func pendingError(_ descriptor: Int32) throws(SocketError) -> Int32 {
    try Options.get(
      SocketOption<Int32>(
        level: Constants.socketLevel,
        name: Constants.pendingError,
        cName: "SO_ERROR",
        coding: .integer
      ),
      of: descriptor
    )
  }

  /// Sets or clears `O_NONBLOCK`; makes no second call when there is nothing to change.
  ///
  /// - Returns: 1 when it was changed, 0 when it was so already, an errno negated on failure.
  package static func setNonBlocking(_ descriptor: Int32, _ nonBlocking: Bool) -> Int {
    let flags = Syscall.fcntl(descriptor, command: Constants.getFlags, argument: 0)
    guard flags >= 0 else { return flags }
    let old = Int32(truncatingIfNeeded: flags)
    let new = nonBlocking ? old | Constants.nonBlocking : old & ~Constants.nonBlocking
    guard old != new else { return 0 }
    let status = Syscall.fcntl(descriptor, command: Constants.setFlags, argument: new)
    return status < 0 ? status : 1
  }
}
