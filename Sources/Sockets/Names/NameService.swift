// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Who answers the questions of a ``Resolver``: the system, or a script in a test.
///
/// Calls come from several threads at once, and may take as long as they like: the resolver's
/// deadlines do not depend on the service's patience.
public protocol NameService: Sendable {
  /// Finds the addresses of a name and a service; not both are `nil`.
  ///
  /// - Parameters:
  ///   - name: a host's name or an address in digits; `nil` for this machine.
  ///   - service: a service's name or a port in digits; `nil` for port 0.
  ///   - hints: what is wanted.
  /// - Returns: the addresses, the best first.
  /// - Throws: ``ResolutionError``.
  func addresses(
    of name: String?,
    service: String?,
    hints: ResolutionHints
  ) throws(ResolutionError) -> Resolution

  /// Finds the name of an address.
  ///
  /// - Parameters:
  ///   - address: an IP or Unix address.
  ///   - flags: what is wanted.
  /// - Returns: the names of the host and of the service.
  /// - Throws: ``ResolutionError``.
  func name(of address: SocketAddress, flags: NamingFlags) throws(ResolutionError) -> ResolvedName

  /// Finds a service by its name or one of its aliases.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - protocolName: the protocol's name, for example `tcp`; `nil` for the first of any.
  /// - Returns: the service, or `nil` when the database has none.
  /// - Throws: ``ResolutionError``.
  func service(named name: String, protocolName: String?) throws(ResolutionError) -> ServiceName?

  /// Finds a service by its port.
  ///
  /// - Parameters:
  ///   - port: the port.
  ///   - protocolName: the protocol's name, for example `tcp`; `nil` for the first of any.
  /// - Returns: the service, or `nil` when the database has none.
  /// - Throws: ``ResolutionError``.
  func service(at port: Port, protocolName: String?) throws(ResolutionError) -> ServiceName?
}

/// The system's name service: the C library, as `/etc/nsswitch.conf` tells it to look.
///
/// A call blocks for as long as the C library waits for name servers, by default up to half a
/// minute.
public struct SystemNameService: NameService {
  /// Makes the system's name service.
  public init() {}

  /// Finds the addresses of a name and a service.
  ///
  /// - Parameters:
  ///   - name: a host's name or an address in digits; `nil` for this machine.
  ///   - service: a service's name or a port in digits; `nil` for port 0.
  ///   - hints: what is wanted.
  /// - Returns: the addresses, the best first.
  /// - Throws: ``ResolutionError``.
  ///
  /// The corresponding C function is `getaddrinfo`.
  public func addresses(
    of name: String?,
    service: String?,
    hints: ResolutionHints
  ) throws(ResolutionError) -> Resolution {
    let question = ResolutionError.Question.addresses(name: name, service: service)
    return try Self.answer(to: question, NameDatabase.addresses(of: name, service, hints))
  }

  /// Finds the name of an address.
  ///
  /// - Parameters:
  ///   - address: an IP or Unix address.
  ///   - flags: what is wanted.
  /// - Returns: the names of the host and of the service.
  /// - Throws: ``ResolutionError`` with `EAI_FAMILY` when the address is of another family or
  ///   malformed.
  ///
  /// The corresponding C function is `getnameinfo`.
  public func name(
    of address: SocketAddress,
    flags: NamingFlags
  ) throws(ResolutionError) -> ResolvedName {
    try Self.answer(to: .name(address), NameDatabase.name(of: address, flags))
  }

  /// Finds a service by its name or one of its aliases.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - protocolName: the protocol's name, for example `tcp`; `nil` for the first of any.
  /// - Returns: the service, or `nil` when the database has none.
  /// - Throws: ``ResolutionError``.
  ///
  /// The corresponding C function is `getservbyname`.
  public func service(
    named name: String,
    protocolName: String?
  ) throws(ResolutionError) -> ServiceName? {
    let question = ResolutionError.Question.service(named: name, protocolName: protocolName)
    return try Self.answer(to: question, NameDatabase.service(named: name, protocolName))
  }

  /// Finds a service by its port.
  ///
  /// - Parameters:
  ///   - port: the port.
  ///   - protocolName: the protocol's name, for example `tcp`; `nil` for the first of any.
  /// - Returns: the service, or `nil` when the database has none.
  /// - Throws: ``ResolutionError``.
  ///
  /// The corresponding C function is `getservbyport`.
  public func service(
    at port: Port,
    protocolName: String?
  ) throws(ResolutionError) -> ServiceName? {
    let question = ResolutionError.Question.port(port, protocolName: protocolName)
    return try Self.answer(to: question, NameDatabase.service(at: port, protocolName))
  }

  private static func answer<R>(
    to question: ResolutionError.Question,
    _ answer: Result<R, NameDatabase.Failure>
  ) throws(ResolutionError) -> R {
    switch answer {
    case .success(let value): return value
    case .failure(let failure): throw ResolutionError(failure.cause, question)
    }
  }
}
