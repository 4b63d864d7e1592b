// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What a program listens on or dials, as a person writes it: a transport and an address or a name.
///
/// | text | meaning |
/// | --- | --- |
/// | `tcp://127.0.0.1:7000`, `tcp://[::1]:7000` | an address and a port |
/// | `tcp://localhost:http` | a name and a service, to be resolved |
/// | `tcp://:7000` | loopback: `127.0.0.1`, or `::1` for `tcp6` |
/// | `tcp://*:7000` | all addresses: `[::]`, which takes IPv4 too, or `0.0.0.0` for `tcp4` |
/// | `udp://…`, `mptcp://…`, `sctp://…`, `udp-lite://…` | the same |
/// | `icmp://host` | the same without a port |
/// | `unix:/run/app.sock`, `unix:@name` | a path, an abstract name; see ``UnixAddress`` |
/// | `unix-datagram:…`, `unix-packet:…` | the same |
/// | `vsock://2:5000`, `vsock://*:5000` | a context and a port |
/// | `x25://12345`, `x25://*` | an X.25 address |
///
/// An IPv6 address stands in brackets always. A host whose last label is a number must be a whole
/// IPv4 address, so that `127.1` is an error and never a name. Names are kept as they are written;
/// nothing is resolved here except the zone of an IPv6 address. Nothing is percent-encoded.
///
/// A listener at `tcp://*:7000` takes IPv4 as well, a datagram socket at `udp://*:7000` unless
/// `/proc/sys/net/ipv6/bindv6only` is 1; where the machine has no IPv6, write `tcp://0.0.0.0:7000`.
public struct Endpoint: Hashable, Sendable {
  /// How bytes travel there.
  public let transport: Transport
  /// Where it is.
  public let target: Target

  /// Where an endpoint is.
  public enum Target: Hashable, Sendable {
    /// An IP address and a port, 0 where the transport has none.
    case ip(IPSocketAddress)
    /// A host and a service of which at least one is a name; the service is empty where there are
    /// no ports.
    case name(host: String, service: String)
    /// A Unix path or name.
    case unix(UnixAddress)
    /// A virtual machine's context and a port.
    case vsock(VsockAddress)
    /// An X.25 address.
    case x25(X25Address)
  }

  /// For the parser, which has checked that the two belong together.
  init(transport: Transport, target: Target) {
    self.transport = transport
    self.target = target
  }

  /// Puts a transport and an address together.
  ///
  /// The result is `nil` when the address is of a family that the transport does not use, when its
  /// bytes are malformed, or when it has a port and the transport has none.
  ///
  /// - Parameters:
  ///   - transport: how bytes travel there.
  ///   - address: an address of any family, for example `.ipv4(.loopback, port: 80)`.
  public init?(_ transport: Transport, _ address: SocketAddress) {
    guard transport.accepts(address.family) else { return nil }
    let target: Target? =
      switch address.family {
      case .ipv4, .ipv6: address.ip.map(Target.ip)
      case .unix: address.unix.map(Target.unix)
      case .vsock: address.vsock.map(Target.vsock)
      case .x25: address.x25.map(Target.x25)
      default: nil
      }
    guard let target else { return nil }
    if case .ip(let ip) = target, !transport.hasPort, ip.port != .any || ip.flowInformation != 0 {
      return nil
    }
    self.init(transport: transport, target: target)
  }

  /// Puts a transport, a host and a service together, as names or as numbers.
  ///
  /// - Parameters:
  ///   - transport: one that runs over IP and has ports.
  ///   - host: a name or an address; an IPv6 address without brackets.
  ///   - service: a name or a port.
  /// - Throws: ``AddressParseError``, whose input is the text of the whole endpoint.
  public init(
    _ transport: Transport,
    host: String,
    service: String
  ) throws(AddressParseError) {
    let host = host.utf8.contains(ASCII.colon) ? "[\(host)]" : host
    try self.init(parsing: "\(transport)://\(host):\(service)")
  }
}

// MARK: Facts

extension Endpoint {
  /// The address, when it is known without asking a resolver.
  public var socketAddress: SocketAddress? {
    switch target {
    case .ip(let address): address.socketAddress
    case .name: nil
    case .unix(let address): address.socketAddress
    case .vsock(let address): address.socketAddress
    case .x25(let address): address.socketAddress
    }
  }

  /// The host to resolve, as it was written, an IPv6 address without brackets; otherwise `nil`.
  public var host: String? {
    if case .name(let host, _) = target { host } else { nil }
  }

  /// The service to resolve, a name or digits; `nil` when there is nothing to resolve or no port.
  public var service: String? {
    if case .name(_, let service) = target, !service.isEmpty { service } else { nil }
  }

  /// The family, or ``AddressFamily/unspecified`` when only the resolver can say.
  public var family: AddressFamily { socketAddress?.family ?? transport.family }

  /// The type of a socket for it.
  public var socketType: SocketType { transport.socketType }

  /// The protocol of a socket for it; ``ProtocolNumber/automatic`` for `icmp` and a name, see
  /// ``Transport/protocolNumber(for:)``.
  public var protocolNumber: ProtocolNumber { transport.protocolNumber(for: family) }
}
