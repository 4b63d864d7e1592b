// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets
import SystemPackage

/// A command that serves one connection, as inetd starts one.
struct ServingProcess: Sendable {
  /// Its number, which is also that of its process group.
  let number: Int32

  /// Starts `/bin/sh -c COMMAND` with a socket as its standard input and output.
  ///
  /// The command gets no other descriptor but standard error, its signals as a shell has them, and a process group of its own.
  ///
  /// - Parameters:
  ///   - command: what the shell runs.
  ///   - socket: an open socket; it stays this process's, too.
  ///   - environment: what is added to the environment, as `NAME=value`.
  /// - Returns: the process, which must be waited for; or the C error.
  static func start(
    _ command: String, _ socket: CInt, adding environment: [String]
  ) -> Result<ServingProcess, Errno> {
    var number: Int32 = 0
    let status = Syscall.spawn(
      "/bin/sh", arguments: ["-c", command], environment: nil, adding: environment,
      descriptors: [(socket, 0), (socket, 1)], leadsGroup: true, processID: &number)
    return status >= 0
      ? .success(ServingProcess(number: number))
      : .failure(Errno(rawValue: CInt(truncatingIfNeeded: -status)))
  }

  /// Waits until it has ended, on a thread that does nothing else, and takes it out of the system's table.
  ///
  /// - Returns: its exit code, or 128 and the number of the signal that ended it.
  func waitForEnd() -> Int32 {
    let status = Syscall.waitForExit(number, waiting: true)
    let signal = status & 0x7f
    return Int32(truncatingIfNeeded: signal == 0 ? (status >> 8) & 0xff : 128 + signal)
  }

  /// Sends a signal to it and to what it has started.
  private func send(_ signal: Int32) { _ = Syscall.kill(-number, signal: signal) }

  /// Asks it to end.
  func terminate() { send(SIGTERM) }

  /// Ends it.
  func end() { send(SIGKILL) }
}
