// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// A call that may block for long, made by a thread of its own, so that no loop waits: files, terminals and pipes, which are shared
/// with other programs and must not be made non-blocking.
enum BlockingCall {
  /// Makes the call and waits for it, as a task waits.
  ///
  /// When the task is cancelled the wait ends at once; the thread goes on until its call returns, and its result is lost.
  ///
  /// - Parameter body: what to do.
  /// - Returns: what the body returned.
  /// - Throws: `CancellationError`; `CommandFailure` when there can be no more threads.
  static func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async throws -> R {
    try Task.checkCancellation()
    let shot = OneShot<R>()
    try Thread.begin("blocking-call") { shot.fire(.success(body())) }
    return try await shot.wait()
  }

  /// Makes a call on a file.
  ///
  /// - Parameters:
  ///   - name: what the file is called in errors.
  ///   - body: what to do; throws the C error.
  /// - Returns: what the body returned.
  /// - Throws: `CommandFailure` with the C error, or when there can be no more threads; `CancellationError`.
  static func run<R: Sendable>(
    on name: String, _ body: @escaping @Sendable () throws -> R
  ) async throws -> R {
    let result = try await run { Result { try body() } }
    do {
      return try result.get()
    } catch let errno as Errno {
      throw CommandFailure(name, errno)
    }
  }
}

/// A file that a command writes, which may be a named pipe that waits for its reader.
enum OutputFile {
  /// Opens it, and makes it where it is not there.
  ///
  /// - Parameters:
  ///   - path: its path.
  ///   - option: what becomes of what is in it, `truncate` or `append`; otherwise it is left.
  /// - Returns: its descriptor, which somebody must close.
  /// - Throws: `CommandFailure` with the C error; `CancellationError`.
  static func open(
    _ path: String, _ option: FileDescriptor.OpenOptions = []
  ) async throws -> FileDescriptor {
    try await BlockingCall.run(on: path) {
      try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .closeOnExec, option],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }
  }
}

extension Thread {
  /// Starts a thread that a command cannot do without.
  ///
  /// - Throws: `CommandFailure` when there can be no more threads.
  static func begin(
    _ name: StaticString, _ work: @escaping @Sendable () -> Void
  ) throws(CommandFailure) {
    let status = start(named: name, work)
    guard status < 0 else { return }
    throw CommandFailure("a thread", Errno(rawValue: CInt(truncatingIfNeeded: -status)))
  }
}
