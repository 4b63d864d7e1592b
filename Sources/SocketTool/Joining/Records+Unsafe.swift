// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// SAFETY: every byte of an array of bytes may be read and written.

import AsyncSockets
import Sockets
import SystemPackage

extension Connection {
  /// Takes the next record of a connection that has records, whole, waiting for it.
  ///
  /// A Unix record may have no bytes, which looks like the end and is none. For one task at a time.
  ///
  /// - Parameters:
  ///   - buffer: where it goes, from its beginning; made larger when that is needed.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes it has; `nil` at the peer's end.
  /// - Throws: `SocketError` as the connection's own reads do; cause `limitExceeded` when it was too long, which Unix records never are.
  func nextRecord(
    into buffer: inout [UInt8], deadline: Deadline = .never
  ) async throws(SocketError) -> Int? {
    while true {
      try await waitUntilReadable(deadline: deadline)
      let taken = try withSocket { socket throws(SocketError) in
        try family == .unix
          ? socket.takeUnixRecord(into: &buffer) : socket.takeRecord(into: &buffer)
      }
      switch taken {
      case .nothing: continue
      case .record(let byteCount): return byteCount
      case .end: return nil
      }
    }
  }

  /// Sends a record, whole; a Unix record may have no bytes.
  ///
  /// - Parameters:
  ///   - bytes: the record.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: `SocketError` as the connection's own writes do, with `EMSGSIZE` when the system has no room for it at any time.
  func sendRecord(
    _ bytes: ArraySlice<UInt8>, deadline: Deadline = .never
  ) async throws(SocketError) {
    if bytes.isEmpty, family == .unix { return try await sendEmptyRecord(deadline) }
    do throws(SocketError) {
      try await write(bytes, deadline: deadline)
    } catch {
      // A record must fit into the buffer of its sender, and another sender's may be larger than ours.
      guard error.errno == .messageTooLong else { throw error }
      try setOption(.sendBufferSize, to: Int32(clamping: bytes.count))
      try await write(bytes, deadline: deadline)
    }
  }

  private func sendEmptyRecord(_ deadline: Deadline) async throws(SocketError) {
    while try withSocket({ socket throws(SocketError) in try !socket.sendEmptyRecord() }) {
      let status = await socket.wait(for: .writable, deadline: deadline)
      guard status >= 0 else { throw SocketError(.write, loopResult: status) }
    }
  }
}

/// What was taken from a connection that has records.
private enum TakenRecord {
  /// Nothing has come.
  case nothing
  /// A record of so many bytes.
  case record(Int)
  case end
}

extension ConnectedSocket {
  /// Room for records of others than Unix sockets, which do not tell how long the next one is.
  private static let recordByteCount = 1 << 18

  /// Takes the next record of a Unix connection; never waits.
  fileprivate func takeUnixRecord(
    into buffer: inout [UInt8]
  ) throws(SocketError) -> TakenRecord {
    var first: [UInt8] = [0]
    // The kernel tells the whole length of a record that it leaves where it is.
    guard let next = try receive(into: &first, flags: .peek) else { return .nothing }
    let byteCount = next.originalByteCount
    if byteCount == 0, try !hasEmptyRecord() { return .end }
    if buffer.count < byteCount { buffer = [UInt8](repeating: 0, count: byteCount) }
    guard let record = try receive(into: &buffer) else { return .nothing }
    return .record(record.byteCount)
  }

  /// Takes the next record of another connection; never waits.
  fileprivate func takeRecord(into buffer: inout [UInt8]) throws(SocketError) -> TakenRecord {
    if buffer.count < Self.recordByteCount {
      buffer = [UInt8](repeating: 0, count: Self.recordByteCount)
    }
    guard let record = try receive(into: &buffer) else { return .nothing }
    guard !record.isTruncated else { throw SocketError(.read, .limitExceeded) }
    return record.byteCount == 0 ? .end : .record(record.byteCount)
  }

  private func receive(
    into buffer: inout [UInt8], flags: MessageFlags = []
  ) throws(SocketError) -> ReceivedDatagram? {
    var span = buffer.mutableSpan
    var bytes = unsafe span.mutableBytes
    return try tryReceiveDatagram(into: &bytes, flags: flags)
  }

  /// Whether a record without bytes waits, and not the end: every record has a time, also one that came before that was asked for.
  private func hasEmptyRecord() throws(SocketError) -> Bool {
    try setOption(.receivesTimestamps, to: true)
    var control = ControlBuffer()
    var first: [UInt8] = [0]
    var span = first.mutableSpan
    var bytes = unsafe span.mutableBytes
    guard try tryReceiveMessage(into: &bytes, control: &control, flags: .peek) != nil else {
      return false
    }
    return control.timestamps != nil
  }

  /// Sends a record without bytes; never waits.
  ///
  /// - Returns: whether there was room for it.
  func sendEmptyRecord() throws(SocketError) -> Bool {
    let nothing: [UInt8] = []
    return try unsafe trySend(nothing.span.bytes) != nil
  }

  /// Whether neither way is open any more.
  var isOver: Bool { Syscall.pollOne(owned.number, events: 0, nanoseconds: 0) > 0 }
}
