// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// Serves one connection by a command of its own.
struct ServedCommand: Sendable {
  /// How long a command may go on after the server was stopped, and after it was asked to end.
  private static let grace = Duration.milliseconds(1000)
  private static let shortGrace = Duration.milliseconds(300)

  let command: String
  let connection: Connection
  /// What the command finds in its environment.
  let environment: [String]

  /// Runs the command to its end; a command that is told to end may take a while.
  ///
  /// The connection stays this process's as well until the command has ended, so that it can be closed without losing what the
  /// command wrote last.
  ///
  /// - Returns: the command's exit code.
  /// - Throws: `CommandFailure` when it could not be started.
  func run() async throws -> Int32 {
    let started = try connection.withSocket { socket throws(SocketError) in
      ServingProcess.start(command, socket.descriptor.rawValue, adding: environment)
    }
    let process = try started.orFailure("/bin/sh")
    let status = Guarded<Int32?>(nil)
    let end = OneShot<Void>()
    do throws(CommandFailure) {
      try Thread.begin("child") {
        let code = process.waitForEnd()
        status.withLock { $0 = code }
        end.fire()
      }
    } catch {
      process.end()
      _ = process.waitForEnd()
      throw error
    }
    do {
      try await end.wait()
    } catch {
      await stop(process) { status.withLock { $0 } != nil }
    }
    return status.withLock { $0 } ?? 128
  }

  /// Lets the command come to its end: it reads what had come, and then the end of its input.
  private func stop(
    _ process: ServingProcess, _ hasEnded: @escaping @Sendable () -> Bool
  ) async {
    // The running task is cancelled; this one is not.
    let task = Task(executorPreference: connection.loop) {
      try? connection.shutdown(.read)
      if await Self.waits(Self.grace, for: hasEnded) { return }
      process.terminate()
      if await Self.waits(Self.shortGrace, for: hasEnded) { return }
      process.end()
      _ = await Self.waits(Self.shortGrace, for: hasEnded)
    }
    await task.value
  }

  private static func waits(_ limit: Duration, for condition: () -> Bool) async -> Bool {
    let deadline = Deadline.after(limit)
    while !condition() {
      guard !deadline.hasPassed else { return false }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return true
  }
}
