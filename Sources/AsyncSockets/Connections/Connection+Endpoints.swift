// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

extension Connection {
  /// Connects to an endpoint: an address of any family, or a name, whose addresses race (RFC 8305).
  ///
  ///     let connection = try await Connection.connect(to: "tcp://example.org:443")
  ///
  /// - Parameters:
  ///   - endpoint: whom to connect to.
  ///   - deadline: when to give up; it holds for resolving and connecting together.
  ///   - loop: the loop that the connection is to belong to; `nil` for the caller's own, or one of
  ///     ``EventLoopPool/shared``.
  ///   - resolver: who finds the addresses of a name.
  ///   - rules: how the addresses race.
  ///   - configure: sets options or binds before each attempt.
  /// - Returns: the connection; close it, or let its last reference go.
  /// - Throws: `ResolutionError` when the name has no address; otherwise `SocketError` of the first attempt, as
  ///   ``connect(to:_:_:deadline:on:configure:)`` throws it, or with cause `deadlinePassed` or `cancelled` when that ended the
  ///   attempts. Nothing is left open then.
  ///
  /// The corresponding C functions are `getaddrinfo`, `socket` and `connect`.
  public static func connect(
    to endpoint: Endpoint, deadline: Deadline = .never, on loop: EventLoop? = nil,
    resolver: Resolver = .system, rules: HappyEyeballs = HappyEyeballs(),
    configure: @escaping @Sendable (borrowing Socket) throws(SocketError) -> Void = { _ in }
  ) async throws -> Connection {
    let transport = endpoint.transport
    let loop = try EventLoopPool.choose(loop)
    let attempt: @Sendable (SocketAddress) async throws(SocketError) -> Connection = {
      address throws(SocketError) in
      try await connect(
        to: address, transport.socketType, transport.protocolNumber(for: address.family),
        deadline: deadline, on: loop, configure: configure)
    }
    if let address = endpoint.socketAddress { return try await attempt(address) }
    guard transport.family == .unspecified else {
      return try await oneByOne(
        try await resolver.resolve(endpoint, deadline: deadline), rules, loop, attempt)
    }
    return try await race(endpoint, deadline, loop, resolver, rules, attempt)
  }

  private enum Event: Sendable {
    case answered(AddressFamily, Result<[SocketAddress], ResolutionError>)
    case resolutionDelayPassed
    case attemptDelayPassed(Int)
    case ended(Int, Result<Connection, SocketError>)
  }

  /// The addresses of one version of IP race as well.
  private static func oneByOne(
    _ addresses: [SocketAddress], _ rules: HappyEyeballs, _ loop: EventLoop,
    _ attempt: @escaping @Sendable (SocketAddress) async throws(SocketError) -> Connection
  ) async throws -> Connection {
    let family = addresses[0].family
    let other: AddressFamily = family == .ipv4 ? .ipv6 : .ipv4
    return try await run(rules, loop, attempt) { group in
      group.addTask { .answered(family, .success(addresses)) }
      group.addTask { .answered(other, .success([])) }
    }
  }

  private static func race(
    _ endpoint: Endpoint, _ deadline: Deadline, _ loop: EventLoop, _ resolver: Resolver,
    _ rules: HappyEyeballs,
    _ attempt: @escaping @Sendable (SocketAddress) async throws(SocketError) -> Connection
  ) async throws -> Connection {
    try await run(rules, loop, attempt) { group in
      for family in [AddressFamily.ipv6, .ipv4] {
        group.addTask {
          do throws(ResolutionError) {
            return .answered(
              family,
              .success(
                try await resolver.resolve(endpoint, family: family, deadline: deadline)))
          } catch {
            return .answered(family, .failure(error))
          }
        }
      }
    }
  }

  private static func run(
    _ rules: HappyEyeballs, _ loop: EventLoop,
    _ attempt: @escaping @Sendable (SocketAddress) async throws(SocketError) -> Connection,
    _ ask: (inout TaskGroup<Event>) -> Void
  ) async throws -> Connection {
    try await withTaskGroup(of: Event.self, returning: Result<Connection, any Error>.self) {
      group in
      var race = AddressRace(rules)
      var failures: [(number: Int, error: SocketError)] = []
      var unresolved: ResolutionError?
      ask(&group)
      while !race.isOver, let event = await group.next() {
        switch event {
        case .answered(let family, let answer):
          if case .failure(let error) = answer { unresolved = unresolved ?? error }
          if race.answered(family, (try? answer.get()) ?? []) {
            group.addTask {
              await pause(rules.resolutionDelay, loop)
              return .resolutionDelayPassed
            }
          }
        case .resolutionDelayPassed: race.resolutionDelayPassed()
        case .attemptDelayPassed(let number): race.attemptDelayPassed(of: number)
        case .ended(_, .success(let connection)):
          group.cancelAll()
          await close(&group)
          return .success(connection)
        case .ended(let number, .failure(let error)):
          failures.append((number, error))
          race.failed()
        }
        while let address = race.next() {
          let number = race.begun
          group.addTask {
            do throws(SocketError) {
              return .ended(number, .success(try await attempt(address)))
            } catch {
              return .ended(number, .failure(error))
            }
          }
          group.addTask {
            await pause(rules.attemptDelay, loop)
            return .attemptDelayPassed(number)
          }
        }
      }
      group.cancelAll()
      await close(&group)
      if failures.isEmpty, let unresolved { return .failure(unresolved) }
      return .failure(reason(failures))
    }.get()
  }

  /// Why the whole was in vain: it was ended from outside, or else what became of the first attempt.
  private static func reason(_ failures: [(number: Int, error: SocketError)]) -> SocketError {
    let ended = failures.first {
      $0.error.cause == .cancelled || $0.error.cause == .deadlinePassed
    }
    let first = failures.min { $0.number < $1.number }
    return ended?.error ?? first?.error ?? SocketError(.connect, .cancelled)
  }

  /// Closes those that came too late.
  private static func close(_ group: inout TaskGroup<Event>) async {
    for await event in group {
      guard case .ended(_, .success(let late)) = event else { continue }
      _ = await late.socket.close()
    }
  }

  private static func pause(_ duration: Duration, _ loop: EventLoop) async {
    _ = await loop.sleep(until: .after(duration))
  }
}

extension Listener {
  /// Listens at an endpoint; a name is resolved, and the first of its addresses is taken.
  ///
  /// A transport that is of IPv6 only refuses IPv4 clients.
  ///
  /// - Parameters:
  ///   - endpoint: where to listen, for example `"tcp://127.0.0.1:0"` or `"unix:/run/app"`.
  ///   - deadline: when to give up resolving.
  ///   - backlog: how many connections may wait; `nil` for as many as the system allows.
  ///   - loop: the loop that it is to belong to; `nil` for the caller's own, or one of ``EventLoopPool/shared``.
  ///   - resolver: who finds the addresses of a name.
  /// - Returns: the listener.
  /// - Throws: `ResolutionError` when the name has no address; `SocketError` as
  ///   ``bind(to:_:_:backlog:onlyIPv6:access:on:)`` does.
  ///
  /// The corresponding C functions are `getaddrinfo`, `socket`, `bind` and `listen`.
  public static func bind(
    to endpoint: Endpoint, deadline: Deadline = .never, backlog: Int? = nil,
    on loop: EventLoop? = nil, resolver: Resolver = .system
  ) async throws -> Listener {
    let address = try await resolver.resolve(endpoint, deadline: deadline)[0]
    return try await bind(
      to: address, endpoint.socketType, endpoint.transport.protocolNumber(for: address.family),
      backlog: backlog, onlyIPv6: endpoint.transport.family == .ipv6, on: loop)
  }
}
