// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// What is wanted of a resolution.
///
/// The corresponding C type is `struct addrinfo` as `hints`.
public struct ResolutionHints: Hashable, Sendable {
  /// The family of the addresses; ``AddressFamily/unspecified`` for any.
  public var family: AddressFamily
  /// What the sockets carry; `nil` for every type that the system knows, which lists each address
  /// once a type.
  public var type: SocketType?
  /// The protocol; ``ProtocolNumber/automatic`` for any.
  public var protocolNumber: ProtocolNumber
  /// The rest.
  public var flags: Flags

  /// Makes hints.
  ///
  /// - Parameters:
  ///   - family: the family of the addresses, any unless it is given.
  ///   - type: what the sockets carry, a stream unless it is given.
  ///   - protocolNumber: the protocol, any unless it is given.
  ///   - flags: the rest.
  public init(
    family: AddressFamily = .unspecified,
    type: SocketType? = .stream,
    protocolNumber: ProtocolNumber = .automatic,
    flags: Flags = []
  ) {
    self.family = family
    self.type = type
    self.protocolNumber = protocolNumber
    self.flags = flags
  }

  /// What else is wanted; see `getaddrinfo(3)`.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The C library's bits.
    public let rawValue: Int32

    /// Makes flags from the C library's bits.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The addresses are to be bound: without a name they are the wildcard ones, and not loopback.
    ///
    /// The corresponding C constant is `AI_PASSIVE`.
    public static let passive = Flags(rawValue: 0x1)
    /// The first answer tells the canonical name.
    ///
    /// The corresponding C constant is `AI_CANONNAME`.
    public static let canonicalName = Flags(rawValue: 0x2)
    /// The name is an address in digits: nobody is asked, and a real name is not found.
    ///
    /// The corresponding C constant is `AI_NUMERICHOST`.
    public static let numericHost = Flags(rawValue: 0x4)
    /// With family IPv6, a host that has only IPv4 addresses gets them in their IPv6 form.
    ///
    /// The corresponding C constant is `AI_V4MAPPED`.
    public static let v4Mapped = Flags(rawValue: 0x8)
    /// With ``v4Mapped``, the IPv6 and the mapped addresses both.
    ///
    /// The corresponding C constant is `AI_ALL`.
    public static let all = Flags(rawValue: 0x10)
    /// Only families of which this machine has an address of its own, loopback not counted.
    ///
    /// The corresponding C constant is `AI_ADDRCONFIG`.
    public static let addressConfigured = Flags(rawValue: 0x20)
    /// The service is a port in digits.
    ///
    /// The corresponding C constant is `AI_NUMERICSERV`.
    public static let numericService = Flags(rawValue: 0x400)
  }
}

/// The answer of a resolution: all addresses, in the order in which the system would try them.
public struct Resolution: Hashable, Sendable {
  /// The addresses, the best first (RFC 6724, as the system is configured); at least one.
  public var addresses: [ResolvedAddress]
  /// The host's canonical name, when ``ResolutionHints/Flags/canonicalName`` asked for it.
  public var canonicalName: String?

  /// Makes an answer.
  public init(addresses: [ResolvedAddress], canonicalName: String? = nil) {
    self.addresses = addresses
    self.canonicalName = canonicalName
  }
}

/// One address of a name, and the socket that goes with it.
///
/// The corresponding C type is `struct addrinfo`.
public struct ResolvedAddress: Hashable, Sendable {
  /// The address, with the port of the service.
  public var address: SocketAddress
  /// What the socket carries.
  public var type: SocketType
  /// The socket's protocol.
  public var protocolNumber: ProtocolNumber

  /// Makes one answer.
  public init(address: SocketAddress, type: SocketType, protocolNumber: ProtocolNumber) {
    self.address = address
    self.type = type
    self.protocolNumber = protocolNumber
  }
}

/// What is wanted when an address is to be named; see `getnameinfo(3)`.
public struct NamingFlags: OptionSet, Hashable, Sendable {
  /// The C library's bits.
  public let rawValue: Int32

  /// Makes flags from the C library's bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The host in digits: nobody is asked.
  ///
  /// The corresponding C constant is `NI_NUMERICHOST`.
  public static let numericHost = NamingFlags(rawValue: 1)
  /// The port in digits.
  ///
  /// The corresponding C constant is `NI_NUMERICSERV`.
  public static let numericService = NamingFlags(rawValue: 2)
  /// Only the host part of a name of the local domain.
  ///
  /// The corresponding C constant is `NI_NOFQDN`.
  public static let localNameOnly = NamingFlags(rawValue: 4)
  /// A host without a name is `EAI_NONAME`, instead of its address in digits.
  ///
  /// The corresponding C constant is `NI_NAMEREQD`.
  public static let nameRequired = NamingFlags(rawValue: 8)
  /// The service is that of datagrams, where a port has two.
  ///
  /// The corresponding C constant is `NI_DGRAM`.
  public static let datagram = NamingFlags(rawValue: 16)
}

/// The name of an address.
public struct ResolvedName: Hashable, Sendable {
  /// The host: a name, or the address in digits.
  public var host: String
  /// The service: a name, or the port in digits.
  public var service: String

  /// Makes an answer.
  public init(host: String, service: String) {
    self.host = host
    self.service = service
  }
}
