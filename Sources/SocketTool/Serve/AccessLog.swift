// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import HTTPMessages
import Sockets
import SystemPackage

/// One answered request, as the log tells it.
struct AccessRecord {
  var peer: String
  /// The first line of the request, as it came; empty when none did.
  var line: ArraySlice<UInt8>
  var status: Int
  /// Bytes of the body that were sent.
  var byteCount: Int
  var seconds: Int64

  /// The line of the common log format, with the line end.
  func append(to bytes: inout [UInt8]) {
    bytes += peer.utf8
    bytes += " - - [".utf8
    HTTPDate.appendLogged(seconds, to: &bytes)
    bytes += "] \"".utf8
    for byte in line {
      // What would end the line or the quotation is escaped, so that nobody writes lines of his own into the log.
      if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        bytes.append(byte)
      } else {
        bytes += "\\x\(TextLayout.digits(byte, 2, radix: 16))".utf8
      }
    }
    bytes += "\" ".utf8
    bytes += String(status).utf8
    bytes.append(0x20)
    bytes += (byteCount > 0 ? String(byteCount) : "-").utf8
    bytes.append(UInt8(ascii: "\n"))
  }

  /// The same as an object of JSON.
  var json: JSON {
    let words = line.split(separator: 0x20, maxSplits: 2).map {
      String(decoding: $0, as: UTF8.self)
    }
    // What is no request line is told as it came.
    let isWhole = words.count == 3 && words[2].hasPrefix("HTTP/")
    var members: [(String, JSON)] = [
      ("time", .string(LogTime.text(milliseconds: seconds * 1000))), ("peer", .string(peer)),
      ("method", .optional(isWhole ? words.first : nil)),
      ("target", .optional(isWhole ? words.dropFirst().first : nil)),
      ("status", .number(status)), ("bytes", .number(byteCount)),
    ]
    if !isWhole, !line.isEmpty {
      members.append(("line", .string(String(decoding: line, as: UTF8.self))))
    }
    return .object(members)
  }
}

/// Writes what was answered, by a thread of its own, so that a slow disk or terminal holds no loop up.
final class AccessLog: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var lost = 0
    /// What the thread waits for while there is nothing to write.
    var sleeper: Pending<Bool>?
    var isEnding = false
    /// Whether the last lines had no room.
    var isFull = false
  }

  /// How much may wait to be written; what comes then is counted and dropped.
  private static let maximumByteCount = 4 << 20

  private let descriptor: CInt
  private let isJSON: Bool
  private let state = Guarded(State())
  private let end = Pending<Bool>()

  /// Starts the thread.
  ///
  /// - Throws: `CommandFailure` when there can be none.
  init(_ descriptor: CInt, isJSON: Bool) throws {
    self.descriptor = descriptor
    self.isJSON = isJSON
    try Thread.begin("access-log") { self.run() }
  }

  func write(_ record: AccessRecord) {
    let sleeper = state.withLock { state -> Pending<Bool>? in
      guard state.bytes.count < Self.maximumByteCount else {
        state.lost += 1
        return nil
      }
      if isJSON {
        state.bytes += record.json.line.utf8
      } else {
        record.append(to: &state.bytes)
      }
      defer { state.sleeper = nil }
      return state.sleeper
    }
    sleeper?.complete(true)
  }

  /// Writes what there is, for at most 300 ms: the command has 1.8 seconds to end, and most of them are for answers.
  func finish() {
    let sleeper = state.withLock { state in
      state.isEnding = true
      return state.sleeper
    }
    sleeper?.complete(true)
    _ = end.wait(until: .milliseconds(300))
  }

  /// Whether the last lines had no room; the next ones may have.
  var isWaitingForRoom: Bool { state.withLock { $0.isFull } }

  /// Whether a failure may be over some time.
  private static func mayPass(_ errno: Errno) -> Bool {
    switch errno {
    case .noSpace, .diskQuotaExceeded, .ioError: true
    default: false
    }
  }

  private func run() {
    while true {
      let pending = Pending<Bool>()
      let (bytes, lost, isEnding) = state.withLock { state in
        defer {
          state.bytes.removeAll()
          state.lost = 0
          if !state.isEnding { state.sleeper = pending }
        }
        if !state.bytes.isEmpty { return (state.bytes, state.lost, false) }
        return ([], state.lost, state.isEnding)
      }
      if isEnding { break }
      if bytes.isEmpty {
        _ = pending.wait(until: .never)
        continue
      }
      guard write(bytes) else { break }
      if lost > 0 { Output.error("sockets: the access log lost \(lost) lines") }
    }
    end.complete(true)
  }

  /// Writes lines, all of them and none twice, however long it takes until there is room.
  ///
  /// - Returns: whether more may follow.
  private func write(_ lines: [UInt8]) -> Bool {
    var done = 0
    while case .failure(let errno) = ByteStream.write(lines, from: &done, to: descriptor) {
      if !isWaitingForRoom {
        Output.error("sockets: \(CommandFailure("access log", errno).text)")
      }
      guard Self.mayPass(errno) else { return false }
      // In a second there may be room again.
      state.withLock { $0.isFull = true }
      _ = Pending<Bool>().wait(until: .seconds(1))
    }
    state.withLock { $0.isFull = false }
    return true
  }
}
