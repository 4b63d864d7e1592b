// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Read first: RFC 9112 (HTTP/1.1), sections 2 to 7 and 11.
//
// A request has one reading or none. What the standard lets a recipient repair is refused instead: lines end in CRLF, a field
// line is never folded, nothing stands between a name and its colon, lengths are given once. So no other reader of the same
// bytes, before or behind this one, can see a border elsewhere.

/// Reads requests out of a stream of bytes, however the stream is cut: bytes in, events out.
///
///     var parser = RequestParser()
///     var bytes = input[..<count]
///     while true {
///       switch parser.next(&bytes) {
///       case .needsBytes: … // read more
///       case .head: …       // parser.head
///       case .body: …       // thrown away
///       case .end: …        // answer it
///       case .failed(let failure): … // answer and close
///       }
///     }
package struct RequestParser: Sendable {
  /// What has come.
  package enum Event: Hashable, Sendable {
    /// All bytes are used up.
    case needsBytes
    /// A head is complete: ``RequestParser/head``.
    case head
    /// So many bytes of the body have come.
    case body(byteCount: Int)
    /// The request is complete. Its head stays until the next call.
    case end
    /// The request is refused. Nothing follows.
    case failed(RequestFailure)
  }

  private enum State: Hashable, Sendable {
    case between
    case requestLine(mayBeEmpty: Bool)
    case fields
    case body(left: Int)
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailer
    case end
    case failed(RequestFailure)
  }

  /// Bytes of a line that says how long a chunk is.
  private static let chunkLineByteCount = 256

  package let limits: RequestLimits
  /// The head of the request that is being read.
  package internal(set) var head = RequestHead()
  /// The lines of the head.
  var text: [UInt8] = []
  private var lineStart = 0
  private var fieldCount = 0
  private var bodyByteCount = 0
  private var state = State.between

  package init(_ limits: RequestLimits = RequestLimits()) { self.limits = limits }

  /// Whether a request has begun and is not complete.
  package var isInside: Bool {
    if case .requestLine = state { return !text.isEmpty }
    return state != .between
  }

  /// A part of the head.
  package func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
    text[range.clamped(to: 0..<text.count)]
  }

  /// Takes bytes from the front up to the next event.
  package mutating func next(_ bytes: inout ArraySlice<UInt8>) -> Event {
    while true {
      switch state {
      case .failed(let failure): return .failed(failure)
      case .end:
        state = .between
        return .end
      case .between:
        guard !bytes.isEmpty else { return .needsBytes }
        begin()
      case .body(let left), .chunk(let left):
        guard !bytes.isEmpty else { return .needsBytes }
        return takeBody(&bytes, left)
      case .requestLine, .fields, .chunkSize, .chunkEnd, .trailer:
        do throws(RequestFailure) {
          guard let line = try takeLine(&bytes) else { return .needsBytes }
          if try read(line) { return .head }
        } catch {
          state = .failed(error)
        }
      }
    }
  }

  private mutating func begin() {
    text.removeAll(keepingCapacity: true)
    head = RequestHead()
    lineStart = 0
    fieldCount = 0
    bodyByteCount = 0
    state = .requestLine(mayBeEmpty: true)
  }

  // MARK: Lines

  /// Takes the rest of the line.
  ///
  /// - Returns: where the line is, without its end; `nil` when it is not complete.
  private mutating func takeLine(
    _ bytes: inout ArraySlice<UInt8>
  ) throws(RequestFailure) -> Range<Int>? {
    let end = bytes.firstIndex(of: Byte.lineFeed)
    let count = end.map { $0 - bytes.startIndex + 1 } ?? bytes.count
    try checkRoom(for: count)
    text.append(contentsOf: bytes.prefix(count))
    bytes = bytes.dropFirst(count)
    guard end != nil else { return nil }
    let line = lineStart..<text.count - 1
    lineStart = text.count
    guard text[line].last == Byte.carriageReturn else { throw .bareLineFeed }
    let content = line.lowerBound..<line.upperBound - 1
    guard !text[content].contains(where: { $0 == Byte.carriageReturn || $0 == 0 }) else {
      throw .strayControlByte
    }
    return content
  }

  /// Whichever limit the next bytes of the line go over first, wherever the bytes are cut.
  private func checkRoom(for count: Int) throws(RequestFailure) {
    let used = text.count - lineStart
    switch state {
    case .chunkSize, .chunkEnd:
      guard used + count <= Self.chunkLineByteCount else { throw .badChunk }
    default:
      let lineRoom = limits.lineByteCount + 2 - used
      let headRoom = limits.headByteCount - text.count
      guard count > min(lineRoom, headRoom) else { return }
      if headRoom < lineRoom { throw .headTooLong }
      if case .requestLine = state { throw .requestLineTooLong }
      throw .fieldLineTooLong
    }
  }

  /// Reads a complete line.
  ///
  /// - Returns: whether it was the last one of the head.
  private mutating func read(_ line: Range<Int>) throws(RequestFailure) -> Bool {
    switch state {
    case .requestLine(let mayBeEmpty):
      // One empty line before a request is some clients' end of the one before (RFC 9112, 2.2).
      if line.isEmpty, mayBeEmpty {
        drop(from: line.lowerBound)
        state = .requestLine(mayBeEmpty: false)
      } else {
        try readRequestLine(line)
        state = .fields
      }
    case .fields:
      guard line.isEmpty else {
        try countField()
        try readField(line)
        break
      }
      try checkFraming()
      state =
        head.isChunked ? .chunkSize : head.hasBody ? .body(left: head.contentLength ?? 0) : .end
      return true
    case .trailer:
      guard line.isEmpty else {
        try countField()
        _ = try splitField(line)
        drop(from: line.lowerBound)
        break
      }
      drop(from: line.lowerBound)
      state = .end
    case .chunkSize:
      let size = try chunkSize(line)
      drop(from: line.lowerBound)
      guard size <= limits.bodyByteCount - bodyByteCount else { throw .bodyTooLong }
      state = size == 0 ? .trailer : .chunk(left: size)
    default:
      guard line.isEmpty else { throw .badChunk }
      drop(from: line.lowerBound)
      state = .chunkSize
    }
    return false
  }

  private mutating func countField() throws(RequestFailure) {
    fieldCount += 1
    guard fieldCount <= limits.fieldCount else { throw .tooManyFields }
  }

  /// Forgets a line that is no part of the head.
  private mutating func drop(from start: Int) {
    text.removeLast(text.count - start)
    lineStart = start
  }

  // MARK: Bodies

  private mutating func takeBody(_ bytes: inout ArraySlice<UInt8>, _ left: Int) -> Event {
    let count = min(left, bytes.count)
    bytes = bytes.dropFirst(count)
    bodyByteCount += count
    let isChunk = if case .chunk = state { true } else { false }
    if count < left {
      state = isChunk ? .chunk(left: left - count) : .body(left: left - count)
    } else {
      state = isChunk ? .chunkEnd : .end
    }
    return .body(byteCount: count)
  }

  /// The size at the beginning of a chunk; what follows a semicolon is not looked at.
  private func chunkSize(_ line: Range<Int>) throws(RequestFailure) -> Int {
    let digits = text[line].prefix { Byte.hexadecimal($0) != nil }
    let rest = text[line].dropFirst(digits.count)
    guard !digits.isEmpty, rest.isEmpty || rest.first == UInt8(ascii: ";"),
      rest.allSatisfy(Byte.isFieldContent)
    else { throw .badChunk }
    // More than a body may have is too long, however long it is.
    return digits.reduce(0) { min($0, 1 << 48) * 16 + Int(Byte.hexadecimal($1) ?? 0) }
  }
}
