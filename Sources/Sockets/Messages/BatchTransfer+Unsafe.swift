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
    guard batch.areRead(by: call.family) else {
      throw SocketError(call.operation, .wrongAddressFamily)
    }
    let asked = call.sendFlags(flags).rawValue
    let result = unsafe batch.send { unsafe Syscall.sendmmsg(call.descriptor, $0, flags: asked) }
    if result >= 0 {
      batch.removeFirst(result)
      return result
    }
    guard mustWait(result) else {
      let address = batch[0].sender
      throw SocketError(
        call.operation, result: result,
        subject: address.byteCount == 0 ? .none : .address(address))
    }
    return 0
  }

  /// A stream has no datagrams, and X.25 none of the flags that a batch needs.
  private static func refuseStreams(_ call: Call) throws(SocketError) {
    guard call.type != .stream, call.family != .x25 else {
      throw call.error(-Int(Errno.notSupportedOnSocket.rawValue))
    }
  }
}
