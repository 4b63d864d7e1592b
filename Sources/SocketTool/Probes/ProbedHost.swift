// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

/// A machine to be asked, as it stands on a command line: a name, or an address with or without brackets.
struct HostText: Hashable, Sendable {
  /// As it was written.
  var text: String
  /// The address, when it is one in digits.
  var literal: IPAddress?

  /// As it is told to people: the text, and behind a name the address that was found.
  func described(_ address: IPAddress) -> String {
    literal == nil ? "\(text) (\(address))" : "\(address)"
  }

  /// Reads a word of the command line.
  static func parse(_ text: String) throws -> HostText {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.utf8.count > 2
    let inner = isBracketed ? String(text.dropFirst().dropLast()) : text
    if let literal = IPAddress(inner), !isBracketed || literal.ipv6 != nil {
      // Of an IPv4 address in the form of IPv6 the packets are those of IPv4, and so must be what is asked of the socket.
      return HostText(text: inner, literal: literal.unmapped)
    }
    let scheme = "icmp://"
    do throws(AddressParseError) {
      // The parser of endpoints knows what may be a name.
      if try Endpoint(parsing: scheme + text).host == nil {
        throw AddressParseError(input: scheme + text, reason: .unexpectedCharacter, position: 7)
      }
    } catch {
      let place = max(0, error.position - scheme.utf8.count)
      throw ValidationError(
        "\(AddressParseError(input: text, reason: error.reason, position: place))")
    }
    return HostText(text: text, literal: nil)
  }
}

/// From which address, and by which version of IP: options that the commands with a host have in common.
struct HostOptions: ParsableArguments, Sendable {
  @Option(
    name: .long, help: "Send from this address of this machine.", transform: ArgumentText.source)
  var from: IPAddress?

  @OptionGroup var version: VersionOptions

  /// Whether the address in digits, if the host is one, is of the version that is asked for.
  func validate(_ host: HostText) throws {
    for literal in [host.literal, from].compactMap(\.self)
    where literal.family != version.family ?? literal.family {
      throw ValidationError("\(literal) is not of IP\(version.ipv4 ? "v4" : "v6")")
    }
    if let literal = host.literal, let from, literal.family != from.family {
      throw ValidationError("\(literal) and \(from) are of two versions of IP")
    }
  }

  /// The first address of the host, of the version that is asked for, or that the source has; name servers have ten seconds.
  ///
  /// - Throws: `ResolutionError`; `CancellationError`.
  func address(of host: HostText) async throws -> IPAddress {
    if let literal = host.literal { return literal }
    let endpoint = try Endpoint(parsing: "icmp://\(host.text)")
    let found = try await Resolver.system.resolve(
      endpoint, family: version.family ?? from?.family ?? .unspecified, deadline: .seconds(10))
    guard let address = found.lazy.compactMap(\.ip).first?.address else {
      throw CommandFailure("resolve \(host.text): no address of IP")
    }
    return address.unmapped
  }
}

extension ArgumentText {
  /// A host.
  static func host(_ text: String) throws -> HostText { try HostText.parse(text) }

  /// An address of this machine, in digits.
  static func source(_ text: String) throws -> IPAddress {
    guard let address = try HostText.parse(text).literal else {
      throw ValidationError("'\(text)' is no IP address of this machine")
    }
    return address
  }
}
