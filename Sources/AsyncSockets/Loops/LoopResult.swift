// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets
internal import SystemPackage

/// How an operation ended, in one number: zero or more is the kernel's success, less an errno negated, or one of
/// these three ends that are ours and lie below all errno.
package enum LoopResult {
  package static let cancelled = -1_000_001
  package static let deadlinePassed = -1_000_002
  package static let closed = -1_000_003

  /// Whether the kernel had no memory for the moment.
  package static func isOutOfMemory(_ result: Int) -> Bool {
    result == -Int(Errno.noBufferSpace.rawValue) || result == -Int(Errno.noMemory.rawValue)
  }

  package static let canceled = -Int(Errno.canceled.rawValue)
  package static let wouldBlock = -Int(Errno.resourceTemporarilyUnavailable.rawValue)
}

extension SocketError {
  /// The error of an operation that a loop ended.
  package init(
    _ operation: Operation, loopResult: Int, subject: Subject = .none, bytesTransferred: Int = 0
  ) {
    switch loopResult {
    case LoopResult.cancelled:
      self.init(operation, .cancelled, subject: subject, bytesTransferred: bytesTransferred)
    case LoopResult.deadlinePassed:
      self.init(operation, .deadlinePassed, subject: subject, bytesTransferred: bytesTransferred)
    case LoopResult.closed:
      self.init(operation, .closed, subject: subject, bytesTransferred: bytesTransferred)
    default:
      self.init(
        operation, result: loopResult, subject: subject, bytesTransferred: bytesTransferred)
    }
  }
}
