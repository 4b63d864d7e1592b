// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension Endpoint: LosslessStringConvertible {
  /// Parses the text of an endpoint.
  ///
  /// Written with a literal, `Endpoint("tcp://…")` is the literal itself and stops the program if
  /// it is wrong; with a variable it gives `nil`.
  ///
  /// The result is `nil` when the text is no endpoint; ``init(parsing:)`` says why.
  ///
  /// - Parameter text: the endpoint.
  public init?(_ text: String) {
    guard let endpoint = try? Endpoint(parsing: text) else { return nil }
    self = endpoint
  }

  /// Parses the text of an endpoint.
  ///
  /// - Parameter text: the endpoint.
  /// - Throws: ``AddressParseError`` with the reason and its place.
  public init(parsing text: String) throws(AddressParseError) {
    self = try AddressParseError.parsing(text) { bytes throws(ParseFailure) in
      try Endpoint.parse(bytes)
    }
  }

  /// The endpoint in the form that is parsed back to the same value.
  public var description: String {
    switch target {
    case .ip(let address):
      if transport.hasPort { return "\(transport)://\(address)" }
      return "\(transport)://\(Self.bracketed(address.address.description))"
    case .name(let host, let service):
      let host = Self.bracketed(host)
      return service.isEmpty ? "\(transport)://\(host)" : "\(transport)://\(host):\(service)"
    case .unix(let address):
      let text = address.description
      guard text.utf8.starts(with: "//".utf8) else { return "\(transport):\(text)" }
      let rest = String(text.unicodeScalars.dropFirst())
      return "\(transport):\(UnixAddress.escape(ASCII.slash))\(rest)"
    case .vsock(let address): return "\(transport)://\(address)"
    case .x25(let address): return "\(transport)://\(address)"
    }
  }

  private static func bracketed(_ host: String) -> String {
    host.utf8.contains(ASCII.colon) ? "[\(host)]" : host
  }
}

extension Endpoint: ExpressibleByStringLiteral {
  /// Takes an endpoint that is written in the program's text.
  ///
  /// A wrong one is a bug of the program and stops it with the error's text. For a text from
  /// outside use ``init(parsing:)``.
  public init(stringLiteral text: String) {
    do {
      try self.init(parsing: text)
    } catch {
      // A literal cannot depend on input. fatalError, because it prints the sentence in release builds too.
      fatalError("a literal is not an endpoint: \(error)")
    }
  }
}

// MARK: Parsing

extension Endpoint {
  /// Parses the endpoint that the whole text is.
  static func parse(_ text: Span<UInt8>) throws(ParseFailure) -> Endpoint {
    let all = text.indices
    guard !all.isEmpty else { throw ParseFailure(.empty, at: 0) }
    guard let colon = text.position(of: ASCII.colon, in: all) else {
      throw ParseFailure(.transportMissing, at: 0)
    }
    guard let transport = Transport.named(text, 0..<colon) else {
      throw ParseFailure(colon == 0 ? .transportMissing : .transportUnknown, at: 0)
    }
    let hasSlashes = text.hasPrefix("//", in: colon + 1..<all.upperBound)
    if transport.family == .unix {
      guard !hasSlashes else { throw ParseFailure(.slashesNotAllowed, at: colon + 1) }
      guard colon + 1 < all.upperBound else { throw ParseFailure(.pathMissing, at: colon + 1) }
      let address = try UnixAddress.parse(text, colon + 1..<all.upperBound)
      return Endpoint(transport: transport, target: .unix(address))
    }
    guard hasSlashes else { throw ParseFailure(.slashesMissing, at: colon) }
    let rest = colon + 3..<all.upperBound
    guard !rest.isEmpty else { throw ParseFailure(.hostMissing, at: rest.lowerBound) }
    let target: Target =
      switch transport.family {
      case .vsock: .vsock(try VsockAddress.parse(text, rest))
      case .x25: .x25(try X25Address.parse(text, rest))
      default: try parseIP(transport, text, rest)
      }
    return Endpoint(transport: transport, target: target)
  }

  /// A host and, where the transport has ports, a service.
  private static func parseIP(
    _ transport: Transport,
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> Target {
    let host = try hostRange(text, range)
    guard !transport.hasPort || host.upperBound < range.upperBound else {
      throw ParseFailure(.portMissing, at: host.upperBound)
    }
    let address = try hostAddress(transport, text, host)
    if let address, !transport.accepts(address.family) {
      throw ParseFailure(.wrongIPVersion, at: host.lowerBound)
    }
    guard transport.hasPort else {
      guard host.upperBound == range.upperBound else {
        throw ParseFailure(.portNotAllowed, at: host.upperBound)
      }
      guard !host.isEmpty else { throw ParseFailure(.hostMissing, at: host.lowerBound) }
      guard let address else { return .name(host: string(text, host), service: "") }
      return .ip(IPSocketAddress(address, port: .any))
    }
    let service = host.upperBound + 1..<range.upperBound
    guard !service.isEmpty else { throw ParseFailure(.portMissing, at: service.lowerBound) }
    // What begins with a digit is a port, so that 80x is an error and not the name of a service.
    guard ASCII.isLetter(text[service.lowerBound]) else {
      if text[range.lowerBound] == ASCII.openBracket {
        return .ip(try IPSocketAddress.parse(text, range))
      }
      let port = try Port.parse(text, service)
      guard let address else {
        return .name(host: string(text, host), service: string(text, service))
      }
      return .ip(IPSocketAddress(address, port: port))
    }
    try checkServiceName(text, service)
    return .name(
      host: address?.description ?? string(text, host),
      service: string(text, service)
    )
  }

  /// Where the host stands, with its brackets; what follows it is a colon or nothing.
  private static func hostRange(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) -> Range<Int> {
    if text[range.lowerBound] == ASCII.openBracket {
      guard let close = text.position(of: ASCII.closeBracket, in: range) else {
        throw ParseFailure(.bracketNotClosed, at: range.upperBound)
      }
      guard close + 1 == range.upperBound || text[close + 1] == ASCII.colon else {
        throw ParseFailure(.unexpectedCharacter, at: close + 1)
      }
      return range.lowerBound..<close + 1
    }
    guard let colon = text.position(of: ASCII.colon, in: range) else { return range }
    guard text.position(of: ASCII.colon, in: colon + 1..<range.upperBound) == nil else {
      throw ParseFailure(.ipv6NeedsBrackets, at: range.lowerBound)
    }
    return range.lowerBound..<colon
  }

  /// The address that a host is, or `nil` when it is a well-formed name.
  private static func hostAddress(
    _ transport: Transport,
    _ text: Span<UInt8>,
    _ host: Range<Int>
  ) throws(ParseFailure) -> IPAddress? {
    if host.isEmpty {
      return transport.family == .ipv6 ? .ipv6(.loopback) : .ipv4(.loopback)
    }
    if text.equals("*", in: host) {
      return transport.family == .ipv4 ? .ipv4(.any) : .ipv6(.any)
    }
    if text[host.lowerBound] == ASCII.openBracket {
      let inside = host.lowerBound + 1..<host.upperBound - 1
      guard !inside.isEmpty else { throw ParseFailure(.hostMissing, at: inside.lowerBound) }
      return .ipv6(try IPv6Address.parse(text, inside))
    }
    if try HostName.check(text, host) { return nil }
    do {
      return .ipv4(try IPv4Address.parse(text, host))
    } catch {
      // A letter is only wrong because the last label is a number: say so.
      guard error.reason == .unexpectedCharacter else { throw error }
      throw ParseFailure(.hostIsNumber, at: error.position)
    }
  }

  private static func checkServiceName(
    _ text: Span<UInt8>,
    _ range: Range<Int>
  ) throws(ParseFailure) {
    for index in range {
      switch text[index] {
      case ASCII.hyphen, ASCII.underscore, ASCII.plus, ASCII.dot: continue
      case let byte where ASCII.isDigit(byte) || ASCII.isLetter(byte): continue
      default: throw ParseFailure(.serviceMalformed, at: index)
      }
    }
    guard range.count <= 31 else { throw ParseFailure(.serviceTooLong, at: range.lowerBound) }
  }

  /// The bytes of the range, known to be ASCII, as a text.
  private static func string(_ text: Span<UInt8>, _ range: Range<Int>) -> String {
    var result = ""
    result.reserveCapacity(range.count)
    for index in range { result.unicodeScalars.append(Unicode.Scalar(text[index])) }
    return result
  }
}

/// The form of a host's name (RFC 1123, section 2.1, with the underscore that many networks use).
enum HostName {
  /// Checks the form of the name that fills the range.
  ///
  /// - Returns: false when the last label is a number, decimal or after `0x`: then the host must be
  ///   an IPv4 address, since resolvers would read it as one in its old short forms.
  static func check(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) -> Bool {
    var end = range.upperBound
    if range.count > 1, text[end - 1] == ASCII.dot { end -= 1 }
    var label = range.lowerBound
    var last = label..<label
    while label <= end {
      let dot = text.position(of: ASCII.dot, in: label..<end) ?? end
      last = label..<dot
      label = dot + 1
    }
    if isNumber(text, last) { return false }
    try checkLabels(text, range.lowerBound..<end)
    guard end - range.lowerBound <= 253 else {
      throw ParseFailure(.hostTooLong, at: range.lowerBound)
    }
    return true
  }

  private static func isNumber(_ text: Span<UInt8>, _ label: Range<Int>) -> Bool {
    if text.isDecimal(label) { return true }
    guard text.hasPrefix("0x", in: label) || text.hasPrefix("0X", in: label) else { return false }
    for index in label.dropFirst(2) where ASCII.hexadecimalValue(text[index]) == nil {
      return false
    }
    return true
  }

  private static func checkLabels(_ text: Span<UInt8>, _ range: Range<Int>) throws(ParseFailure) {
    var start = range.lowerBound
    for index in range.lowerBound..<range.upperBound + 1 {
      if index < range.upperBound, text[index] != ASCII.dot {
        let byte = text[index]
        guard
          ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.hyphen
            || byte == ASCII.underscore
        else { throw ParseFailure(.unexpectedCharacter, at: index) }
        continue
      }
      guard index > start, index - start <= 63, text[start] != ASCII.hyphen,
        text[index - 1] != ASCII.hyphen
      else { throw ParseFailure(.hostLabelMalformed, at: start) }
      start = index + 1
    }
  }
}
