// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Glibc
import Sockets

/// The Internet checksum (RFC 1071): the complement of the sum of all 16-bit words.
func checksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() {
    sum += index.isMultiple(of: 2) ? UInt32(byte) << 8 : UInt32(byte)
  }
  while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
  return ~UInt16(sum)
}

/// Two bytes, the higher first: network byte order.
func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xff)] }

/// An echo: type, code, checksum, identifier, sequence, and data (RFC 792; RFC 4443, section 4.1).
struct Echo {
  let host: IPAddress
  let identifier = UInt16.random(in: 0...0xffff)
  var isVersion6: Bool { host.family == .ipv6 }

  func request(_ sequence: UInt16) -> [UInt8] {
    let rest = bytes(identifier) + bytes(sequence) + Array("is anybody there".utf8)
    // For ICMPv6 the kernel fills in the checksum (RFC 3542, section 3.1).
    if isVersion6 { return [128, 0, 0, 0] + rest }
    return [8, 0] + bytes(checksum([8, 0, 0, 0] + rest)) + rest
  }

  /// Whether a message is the answer to a request, which repeats all but type and checksum.
  func isReply(_ message: some Collection<UInt8>, to sequence: UInt16) -> Bool {
    message.first == (isVersion6 ? 129 : 0)
      && message.dropFirst(4).elementsEqual(request(sequence).dropFirst(4))
  }
}

/// Sends a request and waits for its answer.
///
/// Everybody's ICMP comes by here: others' is passed over.
func ask(_ echo: Echo, _ sequence: UInt16, by socket: borrowing MessageSocket) throws {
  let deadline = Deadline.seconds(1)
  let start = ContinuousClock.now
  try socket.sendDatagram(echo.request(sequence), to: .ip(echo.host, port: .any))
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let datagram = try socket.receiveDatagram(into: &buffer, deadline: deadline)
    // IPv4 gives the packet with its IP header, whose length is in its first byte, in words.
    let headerByteCount = echo.isVersion6 ? 0 : Int(buffer[0] & 0x0f) * 4
    let message = buffer[..<datagram.byteCount].dropFirst(headerByteCount)
    guard echo.isReply(message, to: sequence) else { continue }
    let time = Int((ContinuousClock.now - start) / .microseconds(1))
    print("\(message.count) bytes from \(echo.host): sequence \(sequence), \(time) µs")
    return
  }
}

do {
  let arguments = CommandLine.arguments.dropFirst()
  let host = try IPAddress(parsing: arguments.first ?? "127.0.0.1")
  let count = UInt16(arguments.dropFirst().first ?? "3") ?? 3
  let echo = Echo(host: host)
  let socket = try MessageSocket(host.family, .raw, echo.isVersion6 ? .icmpv6 : .icmp)
  for sequence in 1...max(1, count) {
    try ask(echo, sequence, by: socket)
  }
} catch {
  print("raw-ping:", error)
  exit(1)
}
