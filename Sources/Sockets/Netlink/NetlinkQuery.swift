// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A question to the kernel, and its answer message by message.
///
/// The kernel answers netlink inside the calls that ask and read, so that nothing here waits: an answer that
/// does not go on is one that is not whole.
package struct NetlinkQuery: ~Copyable {
  /// The largest datagram that is taken; the kernel's own are at most some ten kilobytes.
  static let datagramLimit = 1 << 22

  private let socket: MessageSocket
  private var answer = NetlinkAnswer()
  private let operation: SocketError.Operation
  private let subject: SocketError.Subject

  /// Whether what is listed changed in the meantime; see ``NetlinkAnswer/wasInterrupted``.
  package var wasInterrupted: Bool { answer.wasInterrupted }
  /// The datagram in which the last message lies.
  package var datagram: [UInt8] { answer.datagram }

  /// Asks.
  ///
  /// - Parameters:
  ///   - request: the question.
  ///   - protocolNumber: whom to ask, for example `NETLINK_ROUTE`.
  ///   - operation: what the errors are to be called.
  ///   - subject: what they are to be about.
  /// - Throws: ``SocketError`` when there is no such protocol here, or no socket left.
  package init(
    _ request: NetlinkRequest,
    _ protocolNumber: Int32,
    _ operation: SocketError.Operation,
    subject: SocketError.Subject = .none
  ) throws(SocketError) {
    do throws(SocketError) {
      let socket = try MessageSocket(.netlink, .raw, ProtocolNumber(rawValue: protocolNumber))
      try socket.sendDatagram(request.bytes, to: .netlink(.kernel))
      self.socket = socket
    } catch {
      throw SocketError(operation, error.cause, subject: subject)
    }
    self.operation = operation
    self.subject = subject
  }

  /// The next message of the answer, or `nil` at its end.
  ///
  /// - Throws: ``SocketError`` with what the kernel answered, or cause ``SocketError/Cause/malformed``.
  package mutating func next() throws(SocketError) -> NetlinkMessage? {
    while true {
      switch answer.next() {
      case .message(let message): return message
      case .end: return nil
      case .failed(let cause): throw error(cause)
      case .needsDatagram: answer.feed(try nextDatagram())
      }
    }
  }

  /// The error of this question.
  package func error(_ cause: SocketError.Cause) -> SocketError {
    SocketError(operation, cause, subject: subject)
  }

  /// The next datagram, whole, from the kernel and nobody else.
  private func nextDatagram() throws(SocketError) -> [UInt8] {
    while true {
      var nothing: [UInt8] = []
      let count = try receive(into: &nothing, flags: .peek).originalByteCount
      guard count <= Self.datagramLimit else { throw error(.limitExceeded) }
      var datagram = [UInt8](repeating: 0, count: count)
      let received = try receive(into: &datagram, flags: [])
      guard !received.isTruncated else { throw error(.malformed) }
      guard received.sender.netlink?.portID == 0 else { continue }
      datagram.removeLast(count - received.byteCount)
      return datagram
    }
  }

  private func receive(
    into buffer: inout [UInt8],
    flags: MessageFlags
  ) throws(SocketError) -> ReceivedDatagram {
    do throws(SocketError) {
      return try socket.receiveDatagram(into: &buffer, flags: flags, deadline: .now)
    } catch {
      throw self.error(error.cause == .deadlinePassed ? .malformed : error.cause)
    }
  }
}
