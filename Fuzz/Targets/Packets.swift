// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
// With: Sources/SocketTool/Packets/*.swift

import Sockets

/// Any bytes as a frame, an IPv4 packet and an ICMPv6 message.
///
/// Nothing traps, no byte is counted twice, and the words about it are lines of a bounded length. What is cut off decodes
/// to the same layers, as far as it goes.
///
/// - Parameters:
///   - start: the first byte.
///   - count: how many there are.
/// - Returns: zero, as the fuzzer wants it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let frame = Packet(ethernetFrame: bytes)
  check(frame, of: bytes)
  check(Packet(ipv4: bytes), of: bytes)
  check(Packet(icmpv6: bytes), of: bytes)
  let half = Packet(ethernetFrame: Array(bytes.prefix(count / 2)))
  precondition(half.layers == Array(frame.layers.prefix(half.layers.count)), "other layers")
  return 0
}

/// Holds a packet against the bytes that it was made of.
private func check(_ packet: Packet, of bytes: [UInt8]) {
  var numbers = SequenceNumbers()
  if let header = packet.tcp { numbers.learn(header) }
  let lines = packet.layerLines(numbers)
  precondition(lines.map(\.byteCount).reduce(0, +) <= bytes.count, "more than there is")
  precondition(packet.byteCount == bytes.count, "another count")
  for line in lines {
    precondition(isOneLine(line.text) && line.text.utf8.count < 400, "the text is too long")
  }
  precondition(isOneLine(packet.title + packet.sizes), "the title has more than one line")
}
