// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
// With: Sources/SocketTool/Packets/*.swift Sources/SocketTool/*/EchoMessage.swift Sources/SocketTool/*/ICMPReason.swift

import Sockets

/// Any bytes as what comes back to a ping: a packet, a message of either version, and the numbers of an error.
///
/// Nothing traps. What was read as a message is written back as the same bytes, but for its checksum.
///
/// - Parameters:
///   - start: the first byte.
///   - count: how many there are.
/// - Returns: zero, as the fuzzer wants it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  for isVersion6 in [false, true] {
    guard let message = EchoMessage(message: bytes, isVersion6: isVersion6) else { continue }
    let written = message.bytes(isVersion6: isVersion6)
    precondition(
      written.count == bytes.count && written.prefix(2) == bytes.prefix(2)
        && written.dropFirst(4) == bytes.dropFirst(4), "another message")
  }
  if let message = EchoMessage(packet: bytes) {
    precondition(message.data.count + 28 <= bytes.count, "more than there is")
    let written = message.bytes(isVersion6: false)
    precondition(EchoMessage(message: written, isVersion6: false)?.data == message.data)
  }
  if bytes.count >= 6 {
    let mtu = bytes[2..<6].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    for isVersion6 in [false, true] {
      let reason = ICMPReason(type: bytes[0], code: bytes[1], mtu: mtu, isVersion6: isVersion6)
      precondition(reason.text.utf8.count < 80 && reason.mark.utf8.count < 20, "too long")
    }
  }
  return 0
}
