// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A program that serves connections in a process of its own.
public struct WorkerCommand: Hashable, Sendable {
  /// The program's file; a path, since nothing is searched for.
  public var executable: FilePath
  /// Its arguments, without the name of the program itself.
  public var arguments: [String]
  /// Its environment as `NAME=value`, or `nil` for the environment of this process.
  public var environment: [String]?

  /// Names a program.
  ///
  /// - Parameters:
  ///   - executable: the program's file.
  ///   - arguments: its arguments, without the name of the program itself.
  ///   - environment: its environment, or `nil` for that of this process.
  public init(executable: FilePath, arguments: [String] = [], environment: [String]? = nil) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
  }
}

/// How a worker process failed.
public struct WorkerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened.
  public enum Reason: Hashable, Sendable {
    /// It could not be started.
    case notStarted(Errno)
    /// It ended with this exit code, which is not zero.
    case exited(Int32)
    /// It was ended by this signal.
    case killed(signal: Int32)
  }

  /// The program.
  public var executable: FilePath
  /// The process number, or zero when there was none.
  public var processID: Int32
  /// What happened.
  public var reason: Reason

  /// Makes a failure.
  public init(executable: FilePath, processID: Int32, reason: Reason) {
    self.executable = executable
    self.processID = processID
    self.reason = reason
  }

  /// The failure as one line of a log.
  public var description: String {
    switch reason {
    case .notStarted(let errno):
      let row = ErrorTable.description(of: errno)
      return "worker \(executable): not started: \(row?.sentence ?? "error \(errno.rawValue)")"
        + (row.map { " (\($0.cName))" } ?? "")
    case .exited(let code): return "worker \(executable) (process \(processID)): exit code \(code)"
    case .killed(let signal):
      return "worker \(executable) (process \(processID)): ended by signal \(signal)"
    }
  }
}

/// A started worker: it is waited for at its end, so that it leaves nothing behind.
struct WorkerProcess: ~Copyable {
  let command: WorkerCommand
  let processID: Int32
  /// Becomes readable when the process has ended.
  let exit: OwnedDescriptor

  /// Starts a process by `posix_spawn`, never by forking a running Swift program.
  ///
  /// The child gets default signal handling, an empty signal mask, and of this process's descriptors only the
  /// named ones and standard error.
  ///
  /// - Parameters:
  ///   - command: the program.
  ///   - descriptors: pairs of a descriptor here and its number in the child.
  ///   - environment: variables to add.
  /// - Returns: the process.
  /// - Throws: ``WorkerFailure`` when it could not be started.
  static func start(
    _ command: WorkerCommand,
    descriptors: [(here: Int32, there: Int32)],
    adding environment: [String] = []
  ) throws(WorkerFailure) -> WorkerProcess {
    var processID: Int32 = 0
    let status = Syscall.spawn(
      command.executable,
      arguments: command.arguments,
      environment: command.environment,
      adding: environment,
      descriptors: descriptors,
      processID: &processID
    )
    guard status >= 0 else {
      throw WorkerFailure(
        executable: command.executable,
        processID: 0,
        reason: .notStarted(Errno(rawValue: Int32(truncatingIfNeeded: -status)))
      )
    }
    let exit = Syscall.processDescriptor(processID)
    // Without a descriptor to wait on, the process could only be polled for: end it instead.
    guard exit >= 0 else {
      _ = Syscall.kill(processID, signal: 9)
      _ = Syscall.waitForExit(processID, waiting: true)
      throw WorkerFailure(
        executable: command.executable,
        processID: processID,
        reason: .notStarted(Errno(rawValue: Int32(truncatingIfNeeded: -exit)))
      )
    }
    return WorkerProcess(
      command: command,
      processID: processID,
      exit: OwnedDescriptor(
        owning: Int32(truncatingIfNeeded: exit),
        family: .unspecified,
        type: .stream
      )
    )
  }

  /// Asks the process to end (`SIGTERM`).
  func terminate() { _ = Syscall.kill(processID, signal: 15) }

  /// Ends the process (`SIGKILL`).
  func kill() { _ = Syscall.kill(processID, signal: 9) }

  /// Waits for the end of the process, and kills it when that does not come in time.
  ///
  /// - Parameter grace: how long it may take.
  /// - Returns: how it failed, or `nil` when it ended with exit code zero.
  consuming func end(within grace: Duration) -> WorkerFailure? {
    do throws(SocketError) {
      try Wait.until(
        Constants.pollIn, exit.number, deadline: .after(grace), operation: .serve)
    } catch { kill() }
    return wait()
  }

  /// Waits for the end of the process.
  ///
  /// - Returns: how it failed, or `nil` when it ended with exit code zero.
  consuming func wait() -> WorkerFailure? {
    let status = Syscall.waitForExit(processID, waiting: true)
    guard status > 0 else { return nil }
    // The wait status of wait(2): the low seven bits are a signal, the next byte an exit code.
    let raw = Int32(truncatingIfNeeded: status)
    let reason: WorkerFailure.Reason =
      raw & 0x7f != 0 ? .killed(signal: raw & 0x7f) : .exited(raw >> 8 & 0xff)
    return WorkerFailure(
      executable: command.executable,
      processID: processID,
      reason: reason
    )
  }
}
