// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

/// The kernel's tables of raw sockets as text, `/proc/net/raw` and `/proc/net/raw6`: for kernels whose sock_diag lists
/// none, as `ss` does it too.
enum RawTable {
  /// A socket of the table.
  struct Line: Equatable {
    var state: SocketState
    var local: SocketAddress
    var peer: SocketAddress?
    var receiveQueue: UInt32
    var sendQueue: UInt32
    var userID: UInt32
    var inode: UInt32
  }

  /// The sockets of a table; a line that is not of the expected form is left out.
  static func lines(_ text: String) -> [Line] {
    text.split(separator: "\n").dropFirst().compactMap(line)
  }

  private static func line(_ text: Substring) -> Line? {
    let fields = text.split(separator: " ")
    guard fields.count >= 10, let local = address(fields[1]), let peer = address(fields[2]),
      let state = UInt8(fields[3], radix: 16), let userID = UInt32(fields[7]),
      let inode = UInt32(fields[9])
    else { return nil }
    let queues = fields[4].split(separator: ":").compactMap { UInt32($0, radix: 16) }
    guard queues.count == 2 else { return nil }
    let isAlone = peer.address.isUnspecified && peer.port == .any
    return Line(
      state: SocketState(rawValue: state), local: .ip(local), peer: isAlone ? nil : .ip(peer),
      receiveQueue: queues[1], sendQueue: queues[0], userID: userID, inode: inode)
  }

  /// An address in hexadecimal: words of 32 bits, each as this machine has it in memory, and the port as a number.
  private static func address(_ text: Substring) -> IPSocketAddress? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
    let digits = Array(parts[0].utf8)
    guard digits.count == 8 || digits.count == 32 else { return nil }
    var words: [UInt32] = []
    for start in stride(from: 0, to: digits.count, by: 8) {
      let word = String(decoding: digits[start..<start + 8], as: UTF8.self)
      guard let number = UInt32(word, radix: 16) else { return nil }
      words.append(UInt32(bigEndian: number))
    }
    if words.count == 1 {
      return IPSocketAddress(IPv4Address(bits: words[0]), port: Port(rawValue: port))
    }
    let bits = words.reduce(UInt128(0)) { $0 << 32 | UInt128($1) }
    return IPSocketAddress(IPv6Address(bits: bits), port: Port(rawValue: port))
  }
}

extension SocketRow {
  /// A raw socket of the text table.
  init(_ line: RawTable.Line) {
    kind = .raw
    family = line.local.family
    type = .raw
    protocolNumber = ProtocolNumber(rawValue: Int32(line.local.ip?.port.rawValue ?? 0))
    state = line.state
    local = line.local
    peer = line.peer
    interface = .any
    queues = .bytes(received: line.receiveQueue, sent: line.sendQueue)
    userID = line.userID
    inode = line.inode
    cookie = 0
  }
}
