// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// Finds addresses of names, names of addresses, and ports of services.
///
///     let resolution = try Resolver.system.addresses(
///       of: "db.example", service: "5432", deadline: .seconds(2))
///     for candidate in resolution.addresses { … }
///
/// Without a deadline a lookup runs on the calling thread, for as long as the system waits for name
/// servers. With one it runs on a thread of ``LookupThreads``, and the call returns when the
/// deadline passes, whatever the name servers do. A question for which nobody needs to be asked,
/// since its flags say that all of it is in digits, is answered on the calling thread.
public struct Resolver: Sendable {
  /// Who answers.
  public var nameService: any NameService
  /// Where lookups with a deadline run.
  public var threads: LookupThreads

  /// Makes a resolver.
  ///
  /// - Parameters:
  ///   - nameService: who answers, the system unless another is given.
  ///   - threads: where lookups with a deadline run.
  public init(
    nameService: any NameService = SystemNameService(),
    threads: LookupThreads = .shared
  ) {
    self.nameService = nameService
    self.threads = threads
  }

  /// The system's resolver, with the shared threads.
  public static let system = Resolver()

  /// The longest name or service that is asked for, in bytes.
  ///
  /// Domain names have at most 253 (RFC 1035, 2.3.4).
  ///
  /// The corresponding C constant is `NI_MAXHOST`, which counts the NUL.
  public static let maximumTextByteCount = 1024

  /// Finds the addresses of a name and a service.
  ///
  /// - Parameters:
  ///   - name: a host's name or an address in digits; `nil` for this machine: its loopback
  ///     addresses, or with ``ResolutionHints/Flags/passive`` the wildcard ones.
  ///   - service: a service's name or a port in digits; `nil` for port 0.
  ///   - hints: what is wanted.
  ///   - deadline: when to give up.
  /// - Returns: all addresses in the system's order, the best first.
  /// - Throws: ``ResolutionError`` with code `.nameNotFound` when the name does not exist or
  ///   neither a name nor a service was given, `.tryAgain` when the name servers did not answer,
  ///   `.serviceNotFound` when the service does not exist, and cause `.deadlinePassed` or
  ///   `.unusableText`.
  ///
  /// The corresponding C function is `getaddrinfo`.
  public func addresses(
    of name: String?,
    service: String? = nil,
    hints: ResolutionHints = ResolutionHints(),
    deadline: Deadline = .never
  ) throws(ResolutionError) -> Resolution {
    let question = ResolutionError.Question.addresses(name: name, service: service)
    try Self.check(name, question)
    try Self.check(service, question)
    let needsNobody = hints.flags.isSuperset(of: [.numericHost, .numericService])
    return try run(question, needsNobody ? .never : deadline) { asked throws(ResolutionError) in
      try asked.addresses(of: name, service: service, hints: hints)
    }
  }

  /// Finds the name of an address.
  ///
  /// Who asks must not trust the answer: it is written by whoever owns the address.
  ///
  /// - Parameters:
  ///   - address: an IP or Unix address.
  ///   - flags: what is wanted.
  ///   - deadline: when to give up.
  /// - Returns: the names, or the digits where there is no name.
  /// - Throws: ``ResolutionError`` with code `.nameNotFound` when there is no name and
  ///   ``NamingFlags/nameRequired`` asked for one, `.tryAgain` when the name servers did not
  ///   answer, `.familyNotSupported` when the address is of another family, and cause
  ///   `.deadlinePassed`.
  ///
  /// The corresponding C function is `getnameinfo`.
  public func name(
    of address: SocketAddress,
    flags: NamingFlags = [],
    deadline: Deadline = .never
  ) throws(ResolutionError) -> ResolvedName {
    let needsNobody = flags.isSuperset(of: [.numericHost, .numericService])
    return try run(.name(address), needsNobody ? .never : deadline) {
      asked throws(ResolutionError) in
      try asked.name(of: address, flags: flags)
    }
  }

  /// Finds a service by its name or one of its aliases.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - protocolName: the protocol's name, for example `tcp`; `nil` for the first of any.
  /// - Returns: the service, or `nil` when the database has none.
  /// - Throws: ``ResolutionError`` with cause `.unusableText`.
  ///
  /// The corresponding C function is `getservbyname`.
  public func service(
    named name: String,
    protocolName: String? = nil
  ) throws(ResolutionError) -> ServiceName? {
    let question = ResolutionError.Question.service(named: name, protocolName: protocolName)
    try Self.check(name, question)
    try Self.check(protocolName, question)
    return try nameService.service(named: name, protocolName: protocolName)
  }

  /// Finds a service by its port.
  ///
  /// - Parameters:
  ///   - port: the port.
  ///   - protocolName: the protocol's name, for example `tcp`; `nil` for the first of any.
  /// - Returns: the service, or `nil` when the database has none.
  /// - Throws: ``ResolutionError`` with cause `.unusableText`.
  ///
  /// The corresponding C function is `getservbyport`.
  public func service(
    at port: Port,
    protocolName: String? = nil
  ) throws(ResolutionError) -> ServiceName? {
    try Self.check(protocolName, .port(port, protocolName: protocolName))
    return try nameService.service(at: port, protocolName: protocolName)
  }

  // MARK: How

  /// Asks on this thread, or with a deadline on another.
  private func run<R: Sendable>(
    _ question: ResolutionError.Question,
    _ deadline: Deadline,
    _ ask: @escaping @Sendable (any NameService) throws(ResolutionError) -> R
  ) throws(ResolutionError) -> R {
    guard deadline != .never else { return try ask(nameService) }
    guard !deadline.hasPassed else { throw ResolutionError(.deadlinePassed, question) }
    let nameService = nameService
    let answer: Result<R, ResolutionError>?
    do {
      answer = try threads.run(until: deadline) {
        do throws(ResolutionError) { return .success(try ask(nameService)) } catch {
          return .failure(error)
        }
      }
    } catch {
      throw ResolutionError(.system(error), question)
    }
    guard let answer else { throw ResolutionError(.deadlinePassed, question) }
    return try answer.get()
  }

  /// Refuses what C would misread.
  private static func check(
    _ text: String?,
    _ question: ResolutionError.Question
  ) throws(ResolutionError) {
    guard let text else { return }
    if text.isEmpty { throw ResolutionError(.unusableText(.empty), question) }
    if text.utf8.count > maximumTextByteCount {
      throw ResolutionError(.unusableText(.tooLong), question)
    }
    if text.utf8.contains(0) { throw ResolutionError(.unusableText(.containsNUL), question) }
  }
}
