// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the strings are copies that live until the program is replaced, or are freed here when it is not; the list of them ends
// with a null pointer.

import ArgumentParser
import Glibc
import SystemPackage

/// Another program in the place of this one.
enum ProcessReplacement {
  /// Runs a program in this process, found as a shell finds it.
  ///
  /// Signals that were held back are not any more, a closed pipe ends it as by default, and this program's sockets are closed.
  ///
  /// - Parameters:
  ///   - name: the program.
  ///   - arguments: its arguments, the first of which is its own name.
  /// - Throws: `CommandFailure` with the exit codes of shells: 127 when it is not found, 126 when it cannot be run.
  static func run(_ name: String, _ arguments: [String]) throws -> Never {
    EndingSignals.letGo()
    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
    unsafe words.append(nil)
    unsafe execvp(name, &words)
    let errno = Errno(rawValue: Glibc.errno)
    unsafe words.forEach { unsafe free($0) }
    var failure = CommandFailure(name, errno)
    failure.code = ExitCode(errno == .noSuchFileOrDirectory ? 127 : 126)
    throw failure
  }
}
