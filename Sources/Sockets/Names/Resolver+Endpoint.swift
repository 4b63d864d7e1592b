// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

extension Resolver {
  /// Finds the addresses that an endpoint means.
  ///
  /// An endpoint that is an address already is returned at once, whatever the deadline.
  ///
  /// - Parameters:
  ///   - endpoint: what to find.
  ///   - flags: what else is wanted, for example ``ResolutionHints/Flags/addressConfigured``.
  ///   - deadline: when to give up.
  /// - Returns: the addresses in the system's order, each with the type and protocol of the
  ///   endpoint's transport; at least one.
  /// - Throws: ``ResolutionError`` as ``addresses(of:service:hints:deadline:)`` does.
  ///
  /// The corresponding C function is `getaddrinfo`.
  public func addresses(
    for endpoint: Endpoint,
    flags: ResolutionHints.Flags = [],
    deadline: Deadline = .never
  ) throws(ResolutionError) -> [ResolvedAddress] {
    let transport = endpoint.transport
    if let address = endpoint.socketAddress { return [transport.resolved(address)] }
    let hints = ResolutionHints(
      family: transport.family,
      type: transport.socketType,
      protocolNumber: transport.resolverProtocol,
      flags: flags
    )
    let resolution = try addresses(
      of: endpoint.host,
      service: endpoint.service,
      hints: hints,
      deadline: deadline
    )
    return resolution.addresses.map { transport.resolved($0.address) }
  }
}

extension Transport {
  /// The protocol to ask the C library for, which knows neither MPTCP nor a name for raw sockets.
  fileprivate var resolverProtocol: ProtocolNumber {
    switch self {
    case .mptcp: .tcp
    case .icmp, .icmp4, .icmp6: .automatic
    default: protocolNumber(for: family)
    }
  }

  /// An address with this transport's socket.
  fileprivate func resolved(_ address: SocketAddress) -> ResolvedAddress {
    ResolvedAddress(
      address: address,
      type: socketType,
      protocolNumber: protocolNumber(for: address.family)
    )
  }
}
