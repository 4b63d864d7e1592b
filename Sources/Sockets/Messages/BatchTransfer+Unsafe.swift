// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: the batch lends the seam its own memory with its own count, for the time of one call.

internal import SystemPackage

extension Transfer {
  /// One `recvmmsg`: how many datagrams, or `nil` when it would have to wait.
  package static func receiveBatch(
    _ call: Call, _ batch: inout DatagramBatch, flags: MessageFlags
  ) throws(SocketError) -> Int? {
    try refuseStreams(call)
    // The whole length of what was cut is told for MSG_TRUNC.
    let asked = flags.union([.closeOnExec, .truncated]).rawValue
    let result = unsafe batch.receive { unsafe Syscall.recvmmsg(call.descriptor, $0, flags: asked) }
    if result >= 0 { return result }
    guard mustWait(result) else { throw call.error(result) }
    return nil
  }

  /// One `sendmmsg`: how many datagrams have gone and left the batch; zero when it would have to wait.
  package static func sendBatch(
    _ call: Call, _ batch: inout DatagramBatch, flags: MessageFlags
  ) throws(SocketError) -> Int {
    try refuseStreams(call)
    // Those before the first that cannot go are sent, so that it is always the batch's first that has failed.
    let number = batch.readableCount(by: call.family)
    guard number > 0 || batch.isEmpty else {
      throw SocketError(call.operation, .wrongAddressFamily, subject: firstReceiver(of: batch))
    }
    let asked = call.sendFlags(flags).rawValue
    let result = unsafe batch.send(first: number) {
      unsafe Syscall.sendmmsg(call.descriptor, $0, flags: asked)
    }
    if result >= 0 {
      batch.removeFirst(result)
      return result
    }
    guard mustWait(result) else {
      throw SocketError(call.operation, result: result, subject: firstReceiver(of: batch))
    }
    return 0
  }

  /// Whom a batch's first datagram is for, as an error says it.
  private static func firstReceiver(of batch: borrowing DatagramBatch) -> SocketError.Subject {
    let address = batch[0].sender
    return address.byteCount == 0 ? .none : .address(address)
  }

  /// A stream has no datagrams, and X.25 none of the flags that a batch needs.
  private static func refuseStreams(_ call: Call) throws(SocketError) {
    guard call.type != .stream, call.family != .x25 else {
      throw call.error(-Int(Errno.notSupportedOnSocket.rawValue))
    }
  }
}
