// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each C string is copied before the call that gave it can be repeated, and each
// buffer outlives the call that it is lent to.

import Glibc
import Sockets
import SystemPackage

/// The value of an environment variable, or `nil` when it is not set.
func environmentVariable(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// What the terminal behind a descriptor is.
enum TerminalDevice {
  static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

  /// Whether this process may write there: a shell's job in the background may not.
  static func isOurs(_ descriptor: CInt) -> Bool { tcgetpgrp(descriptor) == getpgrp() }

  /// Its width, or `nil` when it does not tell.
  static func columns(_ descriptor: CInt) -> Int? { size(descriptor)?.columns }

  /// Its size in characters, or `nil` when it does not tell.
  static func size(_ descriptor: CInt) -> (columns: Int, rows: Int)? {
    var size = winsize()
    let status = unsafe Syscall.ioctl(
      descriptor, request: UInt(TIOCGWINSZ), cName: "TIOCGWINSZ", &size)
    return status >= 0 && size.ws_col > 0 ? (Int(size.ws_col), Int(size.ws_row)) : nil
  }
}

/// Where text goes.
enum Output {
  private static let failure = Guarded<Errno?>(nil)

  /// Writes text to standard output, all of it, at once.
  ///
  /// When nobody reads any more, or the disk is full, the rest is dropped and ``check()`` says so at the end.
  static func write(_ text: String) {
    guard failure.withLock({ $0 }) == nil else { return }
    if case .failure(let errno) = ByteStream.writeAll(text.utf8, to: 1) {
      failure.withLock { $0 = errno }
    }
  }

  /// Writes lines to standard output in the characters that it has.
  static func write(_ lines: [String], _ terminal: Terminal) {
    write(terminal.shown(lines.joined(separator: "\n") + "\n"))
  }

  /// Writes a line to standard error.
  static func error(_ line: String) { errorText(ProgressLine.removal + line + "\n") }

  /// Writes text to standard error; there is nobody to tell when that fails.
  static func errorText(_ text: String) { _ = ByteStream.writeAll(text.utf8, to: 2) }

  /// Writes a line to standard error, some time soon and in its order: for loops, which must not wait until somebody reads it.
  static func log(_ line: String) { logText(ProgressLine.removal + line + "\n") }

  /// Writes text to standard error as ``log(_:)`` does.
  static func logText(_ text: String) { LogQueue.standardError.write(text) }

  /// Whether standard output has failed, after which nothing more need be done for it.
  static var hasFailed: Bool { failure.withLock { $0 } != nil }

  /// Fails when something that was written to standard output did not get there: without a word when its reader has seen enough.
  static func check() throws {
    guard let errno = failure.withLock({ $0 }) else { return }
    guard errno != .brokenPipe else { throw ExitStatus.refused }
    throw CommandFailure("standard output", errno)
  }
}
