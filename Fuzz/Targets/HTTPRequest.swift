// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
// With: Fuzz/Support/HTTP/*.swift
// Modules: HTTPMessages HTTPTypes

@testable import HTTPMessages

// Any bytes as what an HTTP client sends: however they are cut, the same requests are read from them, the same as the slow twin
// reads, and with small limits no request goes over one. What the fields and paths say is read without a trap.

/// What a stream of bytes comes to.
struct Reading: Equatable {
  /// One complete request.
  struct Request: Equatable {
    var method: String
    var target: [UInt8]
    var bodyByteCount: Int
  }

  var requests: [Request] = []
  /// Why the rest is refused.
  var failure: RequestFailure?
}

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  let whole = read(bytes, RequestLimits(), cutAt: [])
  var slow = SlowRequestReader(bytes)
  let twin = slow.read()
  precondition(twin.requests == whole.requests, "the twins read other requests")
  precondition(
    (twin.failure == nil) == (whole.failure == nil), "only one of the twins refuses the rest")
  let small = RequestLimits(lineByteCount: 60, fieldCount: 3, headByteCount: 150, bodyByteCount: 20)
  let limited = read(bytes, small, cutAt: [])
  for request in limited.requests {
    precondition(request.bodyByteCount <= 20 && request.target.count <= 60, "over a limit")
  }
  for place in 1..<max(1, count) {
    precondition(read(bytes, RequestLimits(), cutAt: [place]) == whole, "cut in two")
    precondition(read(bytes, small, cutAt: [place]) == limited, "cut in two, small limits")
  }
  precondition(read(bytes, RequestLimits(), cutAt: Array(0..<count)) == whole, "byte by byte")
  precondition(read(bytes, small, cutAt: Array(0..<count)) == limited, "byte by byte")
  readValues(bytes)
  return 0
}

/// Reads all requests of a stream that comes in pieces.
private func read(_ bytes: [UInt8], _ limits: RequestLimits, cutAt places: [Int]) -> Reading {
  var parser = RequestParser(limits)
  var reading = Reading()
  var bodyByteCount = 0
  var begin = 0
  for end in places + [bytes.count] where end >= begin {
    var piece = bytes[begin..<end]
    begin = end
    pieces: while true {
      switch parser.next(&piece) {
      case .needsBytes:
        precondition(piece.isEmpty, "bytes are left over")
        break pieces
      case .head: bodyByteCount = 0
      case .body(let count):
        precondition(count > 0, "an event about nothing")
        bodyByteCount += count
      case .end:
        look(parser)
        reading.requests.append(
          Reading.Request(
            method: parser.head.method.rawValue, target: Array(parser.bytes(parser.head.target)),
            bodyByteCount: bodyByteCount))
      case .failed(let failure):
        reading.failure = failure
        return reading
      }
    }
  }
  return reading
}

/// Holds a head against what the server takes for granted.
private func look(_ parser: RequestParser) {
  let head = parser.head
  let line = parser.bytes(head.line)
  precondition(!line.contains(0) && !line.contains(10) && !line.contains(13), "a line's end")
  let target = parser.bytes(head.target)
  precondition(target.allSatisfy { (0x21...0x7e).contains($0) }, "no target")
  precondition(head.contentLength == nil || !head.isChunked, "two lengths")
  precondition(!head.isCurrentVersion || head.host != .missing, "no host")
  if head.form == .origin { check(parser.bytes(head.path)) }
  let validators = Validators(tag: Array("\"1-2\"".utf8), isWeak: false, modified: 784_111_777)
  _ = Precondition(parser, validators, now: 1_800_000_000)
  _ = Precondition.allowsRange(parser, validators, now: 1_800_000_000)
}

/// A path leads to a place beneath its beginning, or nowhere.
private func check(_ path: ArraySlice<UInt8>) {
  guard let found = try? TargetPath(parsing: path) else { return }
  precondition(!found.bytes.contains(0), "a NUL in a path")
  guard !found.bytes.isEmpty else { return }
  for name in found.bytes.split(separator: 0x2f, omittingEmptySubsequences: false) {
    precondition(
      !name.isEmpty && name.first != 0x2e || name.elementsEqual(".well-known".utf8), "a hidden name"
    )
  }
  let text = found.bytes.split(separator: 0x2f).map { "/" + TargetPath.escaped($0) }.joined()
  let again = try? TargetPath(parsing: Array(text.utf8)[...])
  precondition(again?.bytes == found.bytes, "escaping is not undone")
}

/// The values of fields, each read from the whole input.
private func readValues(_ bytes: [UInt8]) {
  if case .part(let part) = ByteRange(parsing: bytes[...], of: 1000) {
    precondition(!part.isEmpty && part.upperBound <= 1000, "a range outside")
  }
  _ = ByteRange(parsing: bytes[...], of: 0)
  if let instant = HTTPDate.parse(bytes[...], now: 1_800_000_000) {
    var text: [UInt8] = []
    HTTPDate.append(instant, to: &text)
    precondition(text.count == 29, "a date of another length")
    precondition(HTTPDate.parse(text[...], now: 0) == instant, "a date comes back as another")
  }
  _ = EntityTags.contain(bytes[...], Array("\"a\"".utf8), strongly: true)
  check(bytes[...])
}
