// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Which hosts a server that only its own machine reaches answers for.
///
/// The owner of any name on the Internet can let it lead to 127.0.0.1, and the pages of that name then read what such a server has
/// (DNS rebinding). So it answers only for names that cannot be anybody's: `localhost`, those beneath it, and addresses.
package struct HostRule: Hashable, Sendable {
  /// One more name, in small letters.
  private let named: [UInt8]

  /// - Parameter named: the host that the server was told to listen at.
  package init(named: String) { self.named = Array(named.lowercased().utf8) }

  /// Whether a request may be answered.
  ///
  /// - Parameter parser: has read the head of a request.
  /// - Returns: whether its host is one of the known ones; a request of HTTP/1.0 may have none.
  package func allows(_ parser: borrowing RequestParser) -> Bool {
    let head = parser.head
    if !head.authority.isEmpty { return allows(parser.bytes(head.authority)) }
    switch head.host {
    case .missing: return true
    case .once(let value): return allows(parser.bytes(value))
    case .repeated: return false
    }
  }

  /// Whether a host with or without a port is known.
  ///
  /// - Parameter authority: well-formed, as the parser lets it through.
  /// - Returns: whether a request for it may be answered.
  package func allows(_ authority: ArraySlice<UInt8>) -> Bool {
    // In brackets there are addresses alone.
    if authority.first == UInt8(ascii: "[") { return true }
    var host = authority.prefix { $0 != UInt8(ascii: ":") }
    // No top-level domain has a name of digits, so these are addresses of IPv4.
    if host.allSatisfy({ Byte.isDigit($0) || $0 == UInt8(ascii: ".") }) { return true }
    if host.last == UInt8(ascii: ".") { host = host.dropLast() }
    let suffix = ".localhost"
    return host.isText("localhost") || host.suffix(suffix.utf8.count).isText(suffix)
      || host.count == named.count && zip(host, named).allSatisfy { Self.lowercased($0) == $1 }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
