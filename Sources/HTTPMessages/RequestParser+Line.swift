// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import HTTPTypes

// The first line (RFC 9112, 3).
extension RequestParser {
  mutating func readRequestLine(_ line: Range<Int>) throws(RequestFailure) {
    head.line = line
    let bytes = text[line]
    guard let first = bytes.firstIndex(of: 0x20), let last = bytes.lastIndex(of: 0x20),
      first < last
    else { throw .badRequestLine }
    let method = bytes[..<first]
    let target = bytes[(first + 1)..<last]
    guard !method.isEmpty, method.allSatisfy(Byte.isToken) else { throw .badMethod }
    guard !target.isEmpty, !target.contains(0x20) else { throw .badRequestLine }
    head.isCurrentVersion = try Self.isCurrent(bytes[(last + 1)...])
    // The method that nearly all requests have needs no text.
    head.isGet = method.elementsEqual("GET".utf8)
    if !head.isGet { head.method = Self.method(method) }
    head.target = target.indices
    try readTarget(target)
  }

  /// Whether a version is 1.1 or later, and not 1.0.
  private static func isCurrent(_ version: ArraySlice<UInt8>) throws(RequestFailure) -> Bool {
    guard version.count == 8, version.starts(with: "HTTP/".utf8) else { throw .badVersion }
    let numbers = version.suffix(3)
    guard let major = numbers.first, let minor = numbers.last, Byte.isDigit(major),
      Byte.isDigit(minor), numbers.dropFirst().first == UInt8(ascii: ".")
    else { throw .badVersion }
    guard major == UInt8(ascii: "1") else { throw .unsupportedVersion }
    return minor != UInt8(ascii: "0")
  }

  private static func method(_ bytes: ArraySlice<UInt8>) -> HTTPRequest.Method {
    HTTPRequest.Method(String(decoding: bytes, as: UTF8.self)) ?? .get
  }

  private mutating func readTarget(_ target: ArraySlice<UInt8>) throws(RequestFailure) {
    if head.method == .connect {
      head.form = .authority
      guard Self.isAuthority(target, needsPort: true) else { throw .badTarget }
    } else if target.first == UInt8(ascii: "/") {
      head.form = .origin
      try readPath(target)
    } else if target.elementsEqual("*".utf8) {
      head.form = .asterisk
      guard head.method == .options else { throw .badTarget }
    } else {
      head.form = .absolute
      guard target.prefix(7).isText("http://") else { throw .badTarget }
      let rest = target.dropFirst(7)
      let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
      guard Self.isAuthority(authority, needsPort: false) else { throw .badTarget }
      head.authority = authority.indices
      try readPath(rest.dropFirst(authority.count))
    }
  }

  /// The path and the query, which may both be empty.
  private mutating func readPath(_ bytes: ArraySlice<UInt8>) throws(RequestFailure) {
    let path = bytes.prefix { $0 != UInt8(ascii: "?") }
    let query = bytes.dropFirst(path.count)
    guard path.allSatisfy(Byte.isPath), query.allSatisfy(Byte.isQuery) else { throw .badTarget }
    head.path = path.indices
    head.query = query.indices
  }

  /// Whether it is a host and maybe a port: no name and password, as a URL may have.
  static func isAuthority(_ bytes: ArraySlice<UInt8>, needsPort: Bool) -> Bool {
    let host: ArraySlice<UInt8>
    if bytes.first == UInt8(ascii: "[") {
      host = bytes.prefix { $0 != UInt8(ascii: "]") }
      let rest = bytes.dropFirst(host.count)
      let inside = host.dropFirst()
      guard rest.first == UInt8(ascii: "]"), !inside.isEmpty,
        inside.allSatisfy({
          Byte.hexadecimal($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
        })
      else { return false }
      return isPort(rest.dropFirst(), isNeeded: needsPort)
    }
    host = bytes.prefix { $0 != UInt8(ascii: ":") }
    guard !host.isEmpty, host.allSatisfy(Byte.isHost) else { return false }
    return isPort(bytes.dropFirst(host.count), isNeeded: needsPort)
  }

  /// A colon and a number, or nothing.
  private static func isPort(_ bytes: ArraySlice<UInt8>, isNeeded: Bool) -> Bool {
    guard let first = bytes.first else { return !isNeeded }
    let digits = bytes.dropFirst()
    guard first == UInt8(ascii: ":"), digits.allSatisfy(Byte.isDigit), digits.count <= 5 else {
      return false
    }
    return digits.isEmpty ? !isNeeded : digits.decimal ?? .max <= 65535
  }
}
