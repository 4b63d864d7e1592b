// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

/// Names: a script answers in place of name servers.
private final class Names: NameService {
  enum Answer: Sendable {
    case addresses([SocketAddress])
    case notFound
    /// Nobody answers until the test ends.
    case silence
  }

  private let answers: [AddressFamily: Answer]
  private let gate = Guarded(false)
  private let asked = Guarded<Set<AddressFamily>>([])

  init(ipv6: Answer, ipv4: Answer) { answers = [.ipv6: ipv6, .ipv4: ipv4] }

  func open() { gate.withLock { $0 = true } }

  func addresses(
    of name: String?, service: String?, hints: ResolutionHints
  ) throws(ResolutionError) -> Resolution {
    let question = ResolutionError.Question.addresses(name: name, service: service)
    asked.withLock { _ = $0.insert(hints.family) }
    switch answers[hints.family] {
    case .addresses(let addresses):
      // Who is silent has been asked by then.
      let silent = answers.filter { if case .silence = $0.value { true } else { false } }.keys
      _ = settles { asked.withLock { $0.isSuperset(of: silent) } }
      return Resolution(
        addresses: addresses.map {
          ResolvedAddress(address: $0, type: .stream, protocolNumber: .tcp)
        })
    case .silence:
      _ = settles { gate.withLock { $0 } }
      throw ResolutionError(.resolver(.tryAgain), question)
    case .notFound, nil: throw ResolutionError(.resolver(.nameNotFound), question)
    }
  }

  func name(
    of address: SocketAddress, flags: NamingFlags
  ) throws(ResolutionError) -> ResolvedName {
    throw ResolutionError(.resolver(.nameNotFound), .name(address))
  }

  func service(named name: String, protocolName: String?) throws(ResolutionError) -> ServiceName? {
    nil
  }

  func service(at port: Port, protocolName: String?) throws(ResolutionError) -> ServiceName? {
    nil
  }
}

@Suite(.serialized) struct EndpointConnections {
  private let endpoint: Endpoint = "tcp://somewhere.example:80"

  @Test func theFirstConnectionWinsAndTheDeadAddressIsLeft() async throws {
    let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any))
    let dead = try DeafPort(.ipv6(.loopback, port: .any))
    let names = Names(
      ipv6: .addresses([dead.address]), ipv4: .addresses([try listener.localAddress()]))
    let connection = try await Connection.connect(
      to: endpoint, deadline: .patience, resolver: Resolver(nameService: names))
    #expect(try connection.peerAddress() == listener.localAddress())
    try await connection.close()
    try await listener.close()
  }

  @Test func oneVersionIsEnoughWhenTheOtherIsSilent() async throws {
    let listener = try await Listener.bind(to: .ipv4(.loopback, port: .any))
    let names = Names(ipv6: .silence, ipv4: .addresses([try listener.localAddress()]))
    let threads = LookupThreads(maximumCount: 2)
    let connection = try await Connection.connect(
      to: endpoint, deadline: .patience,
      resolver: Resolver(nameService: names, threads: threads),
      rules: HappyEyeballs(resolutionDelay: .milliseconds(5)))
    #expect(try connection.peerAddress() == listener.localAddress())
    // The lookup that nobody waits for is left to end by itself.
    #expect(threads.statistics.abandoned == 1)
    names.open()
    try await connection.close()
    try await listener.close()
  }

  @Test func nobodyAnswersUntilTheDeadlineOrTheCancellation() async throws {
    let names = Names(ipv6: .silence, ipv4: .silence)
    let resolver = Resolver(nameService: names, threads: LookupThreads(maximumCount: 8))
    let endpoint = endpoint
    let late = await #expect(throws: ResolutionError.self) {
      _ = try await Connection.connect(
        to: endpoint, deadline: .milliseconds(5), resolver: resolver)
    }
    #expect(late?.cause == .deadlinePassed)
    let waiting = Task { try await resolver.resolve(endpoint, family: .ipv6) }
    await Task.yield()
    waiting.cancel()
    let cancelled = await #expect(throws: ResolutionError.self) { _ = try await waiting.value }
    #expect(cancelled?.cause == .cancelled)
    names.open()
  }

  @Test func theErrorIsTheNamesOrTheFirstAttempts() async throws {
    let unknown = Names(ipv6: .notFound, ipv4: .notFound)
    let unresolved = await #expect(throws: ResolutionError.self) {
      _ = try await Connection.connect(to: endpoint, resolver: Resolver(nameService: unknown))
    }
    #expect(unresolved?.code == .nameNotFound)
    // An answer without an address is none.
    let empty = Resolver(nameService: Names(ipv6: .addresses([]), ipv4: .addresses([])))
    for endpoint in [endpoint, "tcp4://somewhere.example:80"] {
      let unresolved = await #expect(throws: ResolutionError.self) {
        _ = try await Connection.connect(to: endpoint, resolver: empty)
      }
      #expect(unresolved?.code == .nameNotFound)
    }
    await #expect(throws: ResolutionError.self) {
      _ = try await Listener.bind(to: "tcp4://somewhere.example:80", resolver: empty)
    }
    let nobody = try DeafPort(.ipv4(.loopback, port: .any))
    let dead = nobody.address
    let names = Names(ipv6: .notFound, ipv4: .addresses([dead]))
    let refused = await #expect(throws: SocketError.self) {
      _ = try await Connection.connect(to: endpoint, resolver: Resolver(nameService: names))
    }
    #expect(refused?.subject == .address(dead) && refused?.operation == .connect)
  }

  @Test func anEndpointThatIsAnAddressNeedsNoName() async throws {
    let folder = try ScratchFolder()
    let endpoint = try Endpoint(parsing: "unix:\(folder.path)/s")
    let listener = try await Listener.bind(to: endpoint)
    let client = try await Connection.connect(to: endpoint, deadline: .patience)
    let server = try await listener.accept(deadline: .patience)
    try await client.write("hello".utf8)
    #expect(try await server.bytes() == Array("hello".utf8))
    try await client.close()
    try await server.close()
    try await listener.close()
  }

  @Test(.requires(.family(.ipv6)), arguments: [("tcp6://*:0", true), ("tcp://*:0", false)])
  func aTransportOfIPv6OnlyListensOnThatAlone(text: String, isOnly: Bool) async throws {
    let listener = try await Listener.bind(to: try Endpoint(parsing: text))
    let option = try listener.withSocket { socket throws(SocketError) in
      try socket.option(.v6Only)
    }
    #expect(option == isOnly)
    try await listener.close()
  }

  // MARK: The race itself

  private func address(_ family: AddressFamily, _ number: UInt16) -> SocketAddress {
    family == .ipv4
      ? .ipv4(.loopback, port: Port(number)) : .ipv6(.loopback, port: Port(number))
  }

  @Test func theVersionsTakeTurnsAndTheFirstIsIPv6() {
    var race = AddressRace(HappyEyeballs())
    let waits = race.answered(.ipv4, [address(.ipv4, 1), address(.ipv4, 2)])
    // The other version's answer is waited for.
    let early = race.next()
    let waitsAgain = race.answered(.ipv6, [address(.ipv6, 3), address(.ipv6, 4)])
    #expect(waits && early == nil && !waitsAgain)
    var order = [race.next()]
    // Not before the first has had its time.
    order.append(race.next())
    race.attemptDelayPassed(of: 1)
    for _ in 0..<3 {
      order.append(race.next())
      race.failed()
    }
    #expect(
      order == [
        address(.ipv6, 3), nil, address(.ipv4, 1), address(.ipv6, 4), address(.ipv4, 2),
      ])
    #expect(!race.isOver)
    race.failed()
    #expect(race.isOver)
  }

  @Test func theDelayEndsTheWaitForIPv6AndTheCountGoesFirst() {
    var race = AddressRace(HappyEyeballs(firstFamilyCount: 2, prefersIPv4: true))
    let waits = race.answered(.ipv6, [address(.ipv6, 1)])
    race.resolutionDelayPassed()
    let first = race.next()
    #expect(waits && first == address(.ipv6, 1))
    _ = race.answered(.ipv4, (2...4).map { address(.ipv4, $0) })
    var order: [SocketAddress] = []
    for _ in 0..<3 {
      // That of an earlier attempt means nothing.
      race.attemptDelayPassed(of: race.begun - 1)
      #expect(race.next() == nil)
      race.attemptDelayPassed(of: race.begun)
      order += race.next().map { [$0] } ?? []
    }
    #expect(order == (2...4).map { address(.ipv4, $0) })
    for _ in 0..<4 { race.failed() }
    #expect(race.isOver)
  }
}
