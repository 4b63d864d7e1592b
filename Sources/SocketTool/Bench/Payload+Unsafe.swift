// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: in this whole file, every byte of an array of bytes may be read, and no comparison goes beyond the shorter of the two
// arrays, which is checked here.

import AsyncSockets
import Glibc
import Sockets

/// What is sent: an endless stream of random bytes, which repeats only after a prime number of them.
///
/// So each request differs from those before it, and an answer that is late, cut, doubled or another connection's is noticed, while
/// nothing is written for a request, and comparing is one call.
struct Payload: Sendable {
  /// After how many bytes it repeats.
  static let period = 65_521

  private let bytes: [UInt8]
  /// How many bytes can be sent or compared at once, from any position on.
  let longestPiece: Int

  /// Makes the stream of a seed.
  init(seed: UInt64, longestPiece: Int) {
    var state = seed
    func next() -> UInt64 {
      // SplitMix64 (Steele, Lea and Flood, 2014).
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    let once = (0..<Self.period).map { _ in UInt8(truncatingIfNeeded: next()) }
    self.longestPiece = max(1, longestPiece)
    bytes = (0..<(Self.period + self.longestPiece)).map { once[$0 % Self.period] }
  }

  private static func offset(_ position: Int) -> Int { position % period }

  /// The bytes from a position of the stream on.
  func piece(at position: Int, count: Int) -> ArraySlice<UInt8> {
    let start = Self.offset(position)
    return bytes[start..<min(start + count, bytes.count)]
  }

  /// Sends bytes of the stream on a connection, as many as there is room for; `nil` when there is none.
  func trySend(
    _ connection: Connection, at position: Int, count: Int
  ) throws(SocketError) -> Int? {
    let start = Self.offset(position)
    let end = min(start + count, bytes.count)
    // X.25 knows no MSG_NOSIGNAL: the core's own call guards against the signal.
    guard connection.family != .x25 else {
      return try connection.withSocket { socket throws(SocketError) in
        try unsafe socket.trySend(bytes.span.bytes.extracting(start..<end))
      }
    }
    let sent = unsafe connection.socket.trySend(bytes.span.bytes.extracting(start..<end))
    if sent == LoopResult.wouldBlock { return nil }
    guard sent >= 0 else { throw SocketError(.write, loopResult: sent) }
    return sent
  }

  /// Writes bytes of the stream, all of them.
  func write(
    _ connection: Connection, at position: Int, count: Int, deadline: Deadline = .never
  ) async throws(SocketError) {
    let start = Self.offset(position)
    let end = min(start + count, bytes.count)
    try unsafe await connection.write(
      bytes.span.bytes.extracting(start..<end), deadline: deadline)
  }

  /// The place of the first byte that is not the stream's, counted from where the comparison begins; `nil` when all are.
  func firstDifference(
    _ other: [UInt8], from first: Int = 0, count: Int, at position: Int
  ) -> Int? {
    let start = Self.offset(position)
    let count = min(count, other.count - first, bytes.count - start)
    guard first >= 0, count > 0 else { return nil }
    let isEqual = unsafe bytes.withUnsafeBytes { ours in
      unsafe other.withUnsafeBytes { theirs in
        guard let our = ours.baseAddress, let their = theirs.baseAddress else {
          return true
        }
        return unsafe memcmp(our + start, their + first, count) == 0
      }
    }
    if isEqual { return nil }
    return (0..<count).first { bytes[start + $0] != other[first + $0] }
  }

  /// The byte at a position.
  func byte(at position: Int) -> UInt8 { bytes[Self.offset(position)] }
}

extension DatagramSocket {
  /// Sends a datagram to the peer, if there is room for it.
  func sendIfRoom(_ datagram: [UInt8]) throws(SocketError) -> Bool {
    try withSocket { socket throws(SocketError) in
      try unsafe socket.trySend(datagram.span.bytes) != nil
    }
  }
}

extension Connection {
  /// Waits for room to write, after an attempt has found none.
  func waitUntilWritable() async throws(SocketError) {
    let status = await unsafe socket.perform(
      .writable, nil, byteCount: 0, flags: Operation.looksFirst, deadline: .never)
    guard status >= 0 else { throw SocketError(.write, .closed) }
  }
}
