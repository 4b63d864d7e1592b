// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, each C string is copied before the call that gave it can be repeated, and each
// buffer outlives the call that it is lent to.

import Glibc
import Sockets

/// The value of an environment variable, or `nil` when it is not set.
func environmentVariable(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// What the terminal behind standard output is.
enum TerminalDevice {
  static var isTerminal: Bool { isatty(1) == 1 }

  /// Its width, or `nil` when it does not tell.
  static var columns: Int? {
    var size = winsize()
    let status = unsafe Syscall.ioctl(1, request: UInt(TIOCGWINSZ), cName: "TIOCGWINSZ", &size)
    return status >= 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }
}

/// Where text goes.
enum Output {
  /// Writes text to standard output, all of it, at once.
  static func write(_ text: String) { write(text, to: 1) }

  /// Writes a line to standard error.
  static func error(_ line: String) { write(line + "\n", to: 2) }

  private static func write(_ text: String, to descriptor: CInt) {
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        // SAFETY: the pointer and the count are of the rest of the text's bytes.
        let count = unsafe Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        // Nobody reads any more, or the disk is full: there is nobody left to tell.
        if count <= 0 { return }
        done += count
      }
    }
  }
}
