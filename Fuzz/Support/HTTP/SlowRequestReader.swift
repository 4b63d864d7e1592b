// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

@testable import HTTPMessages

/// Reads requests as one would by hand: a line at a time, a rule at a time, all bytes at once.
///
/// It knows the ordinary limits.
struct SlowRequestReader {
  private var rest: [UInt8]

  init(_ bytes: [UInt8]) { rest = bytes }

  /// Why there is no request: more bytes are needed, or these are refused.
  private enum Stop: Error {
    case incomplete, refused
  }

  mutating func read() -> Reading {
    var reading = Reading()
    while true {
      do {
        reading.requests.append(try request())
      } catch Stop.refused {
        // Which of several rules is broken first is not this reader's affair.
        reading.failure = .badRequestLine
        return reading
      } catch {
        return reading
      }
    }
  }

  /// The next line, without its end.
  private mutating func line() throws -> String {
    guard let end = rest.firstIndex(of: 10) else { throw Stop.incomplete }
    let line = rest[..<end]
    rest = Array(rest[(end + 1)...])
    guard line.last == 13, !line.dropLast().contains(13), !line.contains(0) else {
      throw Stop.refused
    }
    // One character a byte.
    return String(String.UnicodeScalarView(line.dropLast().map { Unicode.Scalar($0) }))
  }

  private mutating func request() throws -> Reading.Request {
    if rest.isEmpty { throw Stop.incomplete }
    var first = try line()
    if first.isEmpty { first = try line() }
    let words = first.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
      .map { String($0) }
    guard words.count == 3, isToken(words[0]) else { throw Stop.refused }
    let version = Array(words[2].unicodeScalars)
    guard version.count == 8, words[2].hasPrefix("HTTP/1."), ("0"..."9").contains(version[7]) else {
      throw Stop.refused
    }
    guard isTarget(words[1], of: words[0]) else { throw Stop.refused }
    let fields = try fields(of: true)
    guard fields.count <= 100 else { throw Stop.refused }
    let isOld = version[7] == "0"
    let lengths = values("content-length", fields)
    let codings = values("transfer-encoding", fields)
    guard isOld || !values("host", fields).isEmpty, lengths.count + codings.count <= 1,
      codings.isEmpty || !isOld
    else { throw Stop.refused }
    var body = 0
    if let text = lengths.first {
      let digits = text.drop { $0 == "0" }
      guard digits.count < 9 else { throw Stop.refused }
      body = Int(digits) ?? 0
      guard body <= 1 << 20 else { throw Stop.refused }
      guard rest.count >= body else { throw Stop.incomplete }
      rest.removeFirst(body)
    } else if !codings.isEmpty {
      body = try chunks(fieldCount: fields.count)
    }
    return Reading.Request(
      method: words[0], target: words[1].unicodeScalars.map { UInt8($0.value) },
      bodyByteCount: body)
  }

  private mutating func chunks(fieldCount: Int) throws -> Int {
    var body = 0
    while true {
      // A line without an end that is too long already is refused as well.
      if !rest.contains(10), rest.count > 256 { throw Stop.refused }
      let text = try line()
      guard text.unicodeScalars.count <= 254 else { throw Stop.refused }
      let digits = text.unicodeScalars.prefix { $0.properties.isASCIIHexDigit }
      let behind = text.unicodeScalars.dropFirst(digits.count)
      guard !digits.isEmpty, behind.isEmpty || behind.first == ";", isContent(String(behind)) else {
        throw Stop.refused
      }
      let short = digits.drop { $0 == "0" }
      guard short.count < 8, let size = Int("0" + String(short), radix: 16), size <= 1 << 20 - body
      else { throw Stop.refused }
      if size == 0 { break }
      guard rest.count >= size else { throw Stop.incomplete }
      rest.removeFirst(size)
      body += size
      if !rest.contains(10), rest.count > 256 { throw Stop.refused }
      guard try line().isEmpty else { throw Stop.refused }
    }
    guard fieldCount + (try fields(of: false)).count <= 100 else { throw Stop.refused }
    return body
  }

  private func values(_ name: String, _ fields: [(String, String)]) -> [String] {
    fields.filter { $0.0 == name }.map(\.1)
  }

  /// What field lines of a head must be as far as they have come.
  private func judge(_ fields: [(String, String)]) throws {
    let hosts = values("host", fields)
    let lengths = values("content-length", fields)
    let codings = values("transfer-encoding", fields)
    guard hosts.count <= 1, hosts.allSatisfy({ isAuthority($0) }),
      values("expect", fields).allSatisfy({ lowercased($0) == "100-continue" }),
      lengths.count <= 1, codings.count <= 1,
      codings.allSatisfy({ lowercased($0) == "chunked" }),
      lengths.allSatisfy({ length in
        !length.isEmpty && length.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
      })
    else { throw Stop.refused }
  }

  /// Field lines up to an empty one.
  private mutating func fields(of isHead: Bool) throws -> [(String, String)] {
    var fields: [(String, String)] = []
    while true {
      let line = try line()
      if line.isEmpty { return fields }
      let pieces = line.unicodeScalars.split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard pieces.count == 2, isToken(String(pieces[0])), isContent(String(pieces[1])) else {
        throw Stop.refused
      }
      let spaces: [Unicode.Scalar] = [" ", "\t"]
      var value = Array(pieces[1].drop { spaces.contains($0) })
      while let last = value.last, spaces.contains(last) { value.removeLast() }
      fields.append(
        (lowercased(String(pieces[0])), String(String.UnicodeScalarView(value))))
      if isHead { try judge(fields) }
    }
  }

  private func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        isAlphanumeric($0) || "!#$%&'*+-.^_`|~".unicodeScalars.contains($0)
      }
  }

  private func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
  }

  private func isContent(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\t" || $0.value >= 0x20 && $0.value != 0x7f }
  }

  private func lowercased(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map {
          ("A"..."Z").contains($0) ? Unicode.Scalar(UInt8($0.value) + 32) : $0
        }))
  }

  private func isTarget(_ text: String, of method: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    if method == "CONNECT" {
      return isAuthority(text) && scalars.last.map { ("0"..."9").contains($0) } == true
        && text.contains(":") && (scalars.first != "[" || text.contains("]:"))
    }
    if text == "*" { return method == "OPTIONS" }
    var path = scalars
    if scalars.first != "/" {
      guard scalars.count > 7, lowercased(String(text.unicodeScalars.prefix(7))) == "http://" else {
        return false
      }
      let authority = scalars.dropFirst(7).prefix { $0 != "/" && $0 != "?" }
      guard isAuthority(String(String.UnicodeScalarView(authority))) else { return false }
      path = Array(scalars.dropFirst(7 + authority.count))
    }
    let forbidden = Array("\"<>#\\^`{}".unicodeScalars)
    let forbiddenInQuery = Array("\"<>#".unicodeScalars)
    var isInQuery = false
    for scalar in path {
      guard (0x21...0x7e).contains(scalar.value) else { return false }
      if scalar == "?" { isInQuery = true }
      if (isInQuery ? forbiddenInQuery : forbidden).contains(scalar) { return false }
    }
    return true
  }

  private func isAuthority(_ text: String) -> Bool {
    var host = Array(text.unicodeScalars)
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]"),
      host.first == "[" || host.firstIndex(of: ":") == colon
    {
      let port = host[(colon + 1)...]
      guard port.count <= 5, port.allSatisfy({ ("0"..."9").contains($0) }),
        Int("0" + String(String.UnicodeScalarView(port))) ?? 0 <= 65535
      else { return false }
      host = Array(host[..<colon])
    }
    if host.first == "[" {
      return host.count > 2 && host.last == "]"
        && host.dropFirst().dropLast().allSatisfy {
          $0.properties.isASCIIHexDigit || $0 == ":" || $0 == "."
        }
    }
    return !host.isEmpty
      && host.allSatisfy {
        isAlphanumeric($0) || "-._~%!$&'()*+,;=".unicodeScalars.contains($0)
      }
  }
}
