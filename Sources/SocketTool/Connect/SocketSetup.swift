// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets
import SystemPackage

/// What a socket gets before it connects: an address of its own, an interface, options.
struct SocketSetup: Sendable {
  var local: SocketAddress?
  var interface: String?
  var options: [OptionAssignment]

  /// Reads `--from` for an endpoint: `ADDRESS`, `ADDRESS:PORT`, `:PORT`, a Unix path or `@NAME`, `CONTEXT:PORT`, an X.25 address.
  static func localAddress(_ text: String, for endpoint: Endpoint) throws -> SocketAddress {
    let transport = endpoint.transport
    do throws(AddressParseError) {
      switch transport.family {
      case .unix:
        if text.hasPrefix("@") { return try .unix(abstract: String(text.dropFirst())) }
        return try .unix(path: text)
      case .vsock: return try VsockAddress(parsing: text).socketAddress
      case .x25: return try X25Address(parsing: text).socketAddress
      default: return try internetAddress(text, for: endpoint)
      }
    } catch {
      throw ValidationError("--from \(error)")
    }
  }

  private static func internetAddress(
    _ text: String, for endpoint: Endpoint
  ) throws(AddressParseError) -> SocketAddress {
    if let address = IPAddress(text) { return .ip(address, port: .any) }
    guard text.hasPrefix(":") else {
      return try IPSocketAddress(parsing: text).socketAddress
    }
    let isIPv6 = endpoint.family == .ipv6
    return try IPSocketAddress(parsing: (isIPv6 ? "[::]" : "0.0.0.0") + text).socketAddress
  }

  /// The endpoint with names resolved for the family of the local address alone.
  func narrowed(_ endpoint: Endpoint) throws -> Endpoint {
    guard let local else { return endpoint }
    if endpoint.family != .unspecified {
      guard endpoint.family == local.family else {
        throw ValidationError("--from is \(local), which is of another family than \(endpoint)")
      }
      return endpoint
    }
    guard let host = endpoint.host, let service = endpoint.service else { return endpoint }
    let isIPv6 = local.family == .ipv6
    let transport: Transport? =
      switch endpoint.transport {
      case .tcp: isIPv6 ? .tcp6 : .tcp4
      case .udp: isIPv6 ? .udp6 : .udp4
      default: nil
      }
    guard let transport else { return endpoint }
    return try Endpoint(transport, host: host, service: service)
  }

  /// Gives a fresh socket all but its address.
  func apply(to socket: borrowing some SocketOwner & ~Copyable) throws(SocketError) {
    if let interface { try socket.setOption(.boundDevice, to: interface) }
    for option in options { try option.entry.set(option.value, on: socket) }
  }
}
