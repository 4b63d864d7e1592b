// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// Field lines (RFC 9112, 5) and what they say about the body (6).
extension RequestParser {
  /// Where the name and the value of a field line are.
  func splitField(
    _ line: Range<Int>
  ) throws(RequestFailure) -> (name: Range<Int>, value: Range<Int>) {
    let bytes = text[line]
    if let first = bytes.first, Byte.isSpace(first) { throw .foldedLine }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { throw .badFieldLine }
    let name = bytes[..<colon]
    if let last = name.last, Byte.isSpace(last) { throw .spaceBeforeColon }
    guard !name.isEmpty, name.allSatisfy(Byte.isToken) else { throw .badFieldName }
    let value = bytes[(colon + 1)...].trimmed
    guard value.allSatisfy(Byte.isFieldContent) else { throw .badFieldValue }
    return (name.indices, value.indices)
  }

  mutating func readField(_ line: Range<Int>) throws(RequestFailure) {
    let (name, value) = try splitField(line)
    guard let known = Self.known(text[name]) else { return }
    switch known {
    case .host:
      guard head.host == .missing else { throw .hostRepeated }
      guard Self.isAuthority(text[value], needsPort: false) else { throw .badHost }
      head.host.add(value)
    case .connection: readConnection(value)
    case .contentLength:
      guard head.contentLength == nil else { throw .lengthRepeated }
      guard let length = text[value].decimal else { throw .badLength }
      head.contentLength = length
    case .transferEncoding: try readCoding(value)
    case .expect:
      guard text[value].isText("100-continue") else { throw .unknownExpectation }
      head.expectsContinue = head.isCurrentVersion
    case .range: head.range.add(value)
    case .ifRange: head.ifRange.add(value)
    case .ifModifiedSince: head.ifModifiedSince.add(value)
    case .ifUnmodifiedSince: head.ifUnmodifiedSince.add(value)
    case .ifMatch: head.ifMatch.append(value)
    case .ifNoneMatch: head.ifNoneMatch.append(value)
    }
  }

  /// The names that mean something here.
  private enum Name: String {
    case host
    case connection
    case contentLength = "content-length"
    case transferEncoding = "transfer-encoding"
    case expect
    case range
    case ifRange = "if-range"
    case ifMatch = "if-match"
    case ifNoneMatch = "if-none-match"
    case ifModifiedSince = "if-modified-since"
    case ifUnmodifiedSince = "if-unmodified-since"
  }

  /// Which of them a name is; their lengths tell nearly all of them apart.
  private static func known(_ bytes: ArraySlice<UInt8>) -> Name? {
    func first(_ one: Name, _ other: Name? = nil) -> Name? {
      if bytes.isText(one.rawValue) { return one }
      return other.flatMap { bytes.isText($0.rawValue) ? $0 : nil }
    }
    switch bytes.count {
    case 4: return first(.host)
    case 5: return first(.range)
    case 6: return first(.expect)
    case 8: return first(.ifRange, .ifMatch)
    case 10: return first(.connection)
    case 13: return first(.ifNoneMatch)
    case 14: return first(.contentLength)
    case 17: return first(.transferEncoding, .ifModifiedSince)
    case 19: return first(.ifUnmodifiedSince)
    default: return nil
    }
  }

  private mutating func readConnection(_ value: Range<Int>) {
    for word in text[value].split(separator: UInt8(ascii: ",")) {
      let word = word.trimmed
      if word.isText("close") { head.saysClose = true }
      if word.isText("keep-alive") { head.saysKeepAlive = true }
    }
  }

  private mutating func readCoding(_ value: Range<Int>) throws(RequestFailure) {
    guard !head.isChunked else { throw .codingRepeated }
    let words = text[value].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map(\.trimmed)
    guard let last = words.last, last.isText("chunked"),
      !words.dropLast().contains(where: { $0.isText("chunked") || $0.isEmpty })
    else { throw .badCoding }
    guard words.count == 1 else { throw .unknownCoding }
    head.isChunked = true
  }

  /// What the head as a whole must be.
  func checkFraming() throws(RequestFailure) {
    if head.isCurrentVersion, head.host == .missing { throw .hostMissing }
    if head.isChunked, head.contentLength != nil { throw .lengthAndCoding }
    if head.isChunked, !head.isCurrentVersion { throw .codingInOldVersion }
    if let length = head.contentLength, length > limits.bodyByteCount { throw .bodyTooLong }
  }
}
