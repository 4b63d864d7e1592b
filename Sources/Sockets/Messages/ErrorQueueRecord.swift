// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

/// One record of a socket's error queue: what failed, why, who said so.
///
/// The kernel keeps records where an option asks for them: `IP_RECVERR` and `IPV6_RECVERR` for errors,
/// `SO_TIMESTAMPING` for the instants at which messages left, `SO_ZEROCOPY` for memory that is released.
public struct ErrorQueueRecord: Hashable, Sendable {
  /// Why, and who said so.
  public var error: ExtendedError
  /// Where the message that failed was going; empty on a connected stream.
  public var destination: SocketAddress
  /// The beginning of the message that failed, as far as the kernel kept it.
  public var payload: [UInt8]
  /// Whether the payload was longer than the room for it.
  public var isPayloadTruncated: Bool
  /// When the message left, on a record of that.
  public var timestamps: MessageTimestamps?
}

extension DataSocket where Self: ~Copyable {
  /// Takes one record out of the error queue, waiting for one.
  ///
  /// - Parameters:
  ///   - payloadLimit: the most bytes of the failed message to keep.
  ///   - deadline: when to give up waiting.
  /// - Returns: the record.
  /// - Throws: ``SocketError`` with the socket's pending error when there is one and no record of it;
  ///   `EOPNOTSUPP` when this family has no error queue; cause ``SocketError/Cause/deadlinePassed``.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_ERRQUEUE`.
  public func receiveError(
    payloadLimit: Int = 2048, deadline: Deadline = .never
  ) throws(SocketError) -> ErrorQueueRecord {
    var signals = 0
    while true {
      if let record = try tryReceiveError(payloadLimit: payloadLimit) { return record }
      try ErrorQueue.wait(Transfer.Call(self, .receiveMessage, deadline), &signals)
    }
  }

  /// Takes one record out of the error queue if there is one, and never waits.
  ///
  /// - Parameter payloadLimit: the most bytes of the failed message to keep.
  /// - Returns: the record, or `nil` when there is none.
  /// - Throws: ``SocketError`` with `EOPNOTSUPP` when this family has no error queue.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_ERRQUEUE`.
  public func tryReceiveError(
    payloadLimit: Int = 2048
  ) throws(SocketError) -> ErrorQueueRecord? {
    var control = ControlBuffer(capacity: 512)
    var payload = [UInt8](repeating: 0, count: max(0, payloadLimit))
    guard
      let message = try tryReceiveMessage(
        into: &payload, control: &control, flags: .errorQueue)
    else { return nil }
    payload.removeLast(payload.count - message.byteCount)
    return ErrorQueueRecord(
      error: control.extendedError ?? ExtendedError(errno: Errno(rawValue: 0), origin: .none),
      destination: message.sender, payload: payload, isPayloadTruncated: message.isTruncated,
      timestamps: control.timestamps)
  }
}

/// Waiting for the error queue.
package enum ErrorQueue {
  /// Whether a socket of the family takes `MSG_ERRQUEUE` for nothing and would hand out ordinary messages.
  package static func isMissing(_ family: AddressFamily) -> Bool {
    family == .unix || family == .netlink || family == .x25
  }

  /// Waits until the queue may have a record.
  ///
  /// poll(2) tells of the queue as an error of the socket, which it may also have for other reasons. So when a
  /// signal was for nothing, a pending error is thrown; and after a hang-up, which poll reports without end, the
  /// queue is looked at again after a pause.
  ///
  /// - Parameters:
  ///   - call: the call that waits.
  ///   - signals: how often it has waited in vain; counted here.
  ///   - throwsPendingError: whether the call fails with the socket's pending error, which leaves the socket then.
  /// - Throws: ``SocketError`` when the deadline has passed, or with the pending error.
  package static func wait(
    _ call: Transfer.Call, _ signals: inout Int, throwsPendingError: Bool = true
  ) throws(SocketError) {
    if signals > 0 {
      // To ask for the error is to take it: where it is not thrown it stays for the call that is to fail with it.
      let pending = throwsPendingError ? try Wait.pendingError(call.descriptor) : 0
      if pending != 0 { throw call.error(-Int(pending)) }
      let left = call.deadline.remainingNanoseconds
      let pause: Int64 = 5_000_000
      _ = Syscall.pollOne(-1, events: 0, nanoseconds: left < 0 ? pause : min(pause, left))
      if call.deadline.hasPassed {
        throw SocketError(call.operation, .deadlinePassed, subject: call.subject)
      }
    }
    signals += 1
    try call.wait(0)
  }
}
