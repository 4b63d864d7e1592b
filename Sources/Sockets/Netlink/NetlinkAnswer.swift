// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// Makes of datagrams the messages of one answer, and knows where the answer ends.
///
/// It asks nobody for anything, so that it can be fed with any bytes.
package struct NetlinkAnswer {
  /// What comes next.
  package enum Step: Equatable {
    /// A message of the answer; its payload lies in ``NetlinkAnswer/datagram``.
    case message(NetlinkMessage)
    /// The datagram is used up, and the answer goes on in another one.
    case needsDatagram
    /// The answer is whole.
    case end
    /// The kernel refused, or the bytes cannot be an answer. Nothing comes behind it.
    case failed(SocketError.Cause)
  }

  /// The datagram that is being read.
  package private(set) var datagram: [UInt8] = []
  /// Whether what was listed changed in the meantime, so that the answer may lack something or have it twice.
  ///
  /// The corresponding C constant is `NLM_F_DUMP_INTR`.
  package private(set) var wasInterrupted = false

  private var cursor = NetlinkMessageCursor()
  private var last: Step?

  package init() {}

  /// Goes on with the next datagram.
  package mutating func feed(_ datagram: [UInt8]) {
    self.datagram = datagram
    cursor = NetlinkMessageCursor()
  }

  /// The next message, or what else there is to say.
  package mutating func next() -> Step {
    if let last { return last }
    let bytes = datagram
    while true {
      let message: NetlinkMessage?
      do throws(NetlinkMalformed) {
        message = try cursor.next(in: bytes.span)
      } catch {
        return finish(.failed(.malformed))
      }
      guard let message else { return .needsDatagram }
      // An answer to nothing that was asked here is none of ours.
      guard message.sequence == NetlinkRequest.sequence else { continue }
      if message.flags & CS_NLM_F_DUMP_INTR != 0 { wasInterrupted = true }
      switch message.type {
      case CS_NLMSG_NOOP: continue
      case CS_NLMSG_OVERRUN: return finish(.failed(.system(.noBufferSpace)))
      case CS_NLMSG_ERROR: return finish(ending(message))
      // A list that ends well may say so by the type alone.
      case CS_NLMSG_DONE: return finish(message.payload.isEmpty ? .end : ending(message))
      default: return .message(message)
      }
    }
  }

  private mutating func finish(_ step: Step) -> Step {
    last = step
    return step
  }

  /// What a number in an ending means: zero is success, an errno is negated.
  private func ending(_ message: NetlinkMessage) -> Step {
    guard let code: Int32 = datagram.span.number(at: 0, in: message.payload) else {
      return .failed(.malformed)
    }
    // The kernel's errors end at MAX_ERRNO (linux/err.h).
    switch code {
    case 0: return .end
    case -4095 ... -1: return .failed(.system(Errno(rawValue: 0 &- code)))
    default: return .failed(.malformed)
    }
  }
}
