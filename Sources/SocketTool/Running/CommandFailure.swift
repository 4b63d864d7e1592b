// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets
import SystemPackage

/// Why a command failed, in a line for standard error, and its exit code.
struct CommandFailure: Error {
  var text: String
  var code: ExitCode

  /// The network, a file or another program said no.
  init(_ text: String, _ code: ExitCode = ExitStatus.refused) {
    self.text = text
    self.code = code
  }

  /// A system call on something that is not a socket failed: a file, a process.
  ///
  ///     CommandFailure("out.txt", .noSpace)     // out.txt: no space left on device (ENOSPC)
  init(_ subject: String, _ errno: Errno) {
    let known = ErrorTable.description(of: errno)
    self.init(
      "\(subject): \(known?.sentence ?? "error") (\(known?.cName ?? "errno \(errno.rawValue)"))")
  }

  /// The time that the command had is over.
  static func timedOut(_ limit: Duration) -> CommandFailure {
    CommandFailure("timed out after \(DecimalText.seconds(limit))", ExitStatus.timedOut)
  }
}

extension Error {
  /// Whether it only says that the task was cancelled.
  var isCancellation: Bool {
    self is CancellationError || (self as? SocketError)?.cause == .cancelled
      || (self as? ResolutionError)?.cause == .cancelled
  }

  /// What the libraries and the commands throw, as a failure of the command; `nil` for what the argument parser throws.
  var asCommandFailure: CommandFailure? {
    switch self {
    case let failure as CommandFailure: failure
    case let error as SocketError:
      CommandFailure(
        "\(error)", error.cause == .deadlinePassed ? ExitStatus.timedOut : ExitStatus.refused)
    case let error as ResolutionError:
      CommandFailure(
        "\(error)", error.cause == .deadlinePassed ? ExitStatus.timedOut : ExitStatus.refused)
    case let error as AddressParseError: CommandFailure("\(error)", ExitStatus.usage)
    case is CancellationError: CommandFailure("interrupted")
    default: nil
    }
  }
}
