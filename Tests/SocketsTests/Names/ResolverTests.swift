// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// The system's own answers: what needs no name server.
@Suite(.blocking) struct ResolverTests {
  private let resolver = Resolver.system

  /// The time and not the instant: a test may begin long after its arguments were made.
  @Test(arguments: [nil, Duration.seconds(120)])
  func localhostIsLoopback(_ time: Duration?) throws {
    let deadline = time.map(Deadline.after) ?? .never
    let answer = try resolver.addresses(
      of: "localhost",
      service: "7000",
      hints: ResolutionHints(family: .ipv4),
      deadline: deadline
    )
    #expect(
      answer.addresses.contains(
        ResolvedAddress(
          address: .ipv4(.loopback, port: 7000),
          type: .stream,
          protocolNumber: .tcp
        )
      )
    )
    #expect(answer.canonicalName == nil)
  }

  @Test func digitsAreAnAddress() throws {
    let hints = ResolutionHints(type: .datagram, flags: [.numericHost, .numericService])
    #expect(
      try resolver.addresses(of: "::1", service: "53", hints: hints).addresses == [
        ResolvedAddress(
          address: .ipv6(.loopback, port: 53),
          type: .datagram,
          protocolNumber: .udp
        )
      ]
    )
    #expect(
      try resolver.addresses(of: "192.0.2.7", hints: hints, deadline: .now).addresses.map(\.address)
        == [.ipv4(IPv4Address(192, 0, 2, 7), port: 0)]
    )
  }

  @Test func aNameIsNotFoundWhereDigitsAreWanted() throws {
    let error = #expect(throws: ResolutionError.self) {
      try resolver.addresses(
        of: "localhost",
        service: "80",
        hints: ResolutionHints(flags: .numericHost)
      )
    }
    #expect(error?.code == .nameNotFound)
    #expect(
      error?.description
        == "resolve localhost:80: the name or the service is not known (EAI_NONAME)"
    )
  }

  @Test func withoutATypeEachTypeIsListed() throws {
    let hints = ResolutionHints(type: nil, flags: .numericHost)
    let types = try resolver.addresses(of: "127.0.0.1", service: "80", hints: hints)
      .addresses.map(\.type)
    #expect(Set(types).isSuperset(of: [.stream, .datagram]) && types.count == Set(types).count)
  }

  @Test func withoutANameTheMachineItselfIsMeant() throws {
    let hints = ResolutionHints(family: .ipv4)
    #expect(
      try resolver.addresses(of: nil, service: "80", hints: hints).addresses.map(\.address)
        == [.ipv4(.loopback, port: 80)]
    )
    let passive = ResolutionHints(family: .ipv4, flags: .passive)
    #expect(
      try resolver.addresses(of: nil, service: "80", hints: passive).addresses.map(\.address)
        == [.ipv4(.any, port: 80)]
    )
    #expect(throws: ResolutionError.self) { try resolver.addresses(of: nil) }
  }

  @Test func mappedAddressesAreOffered() throws {
    let hints = ResolutionHints(family: .ipv6, flags: [.v4Mapped, .numericHost])
    let mapped = IPv6Address(mapping: IPv4Address(192, 0, 2, 7))
    #expect(
      try resolver.addresses(of: "192.0.2.7", service: "9", hints: hints).addresses.map(\.address)
        == [.ipv6(mapped, port: 9)]
    )
    let strict = ResolutionHints(family: .ipv6, flags: .numericHost)
    let error = #expect(throws: ResolutionError.self) {
      try resolver.addresses(of: "192.0.2.7", hints: strict)
    }
    #expect(error?.code == .noAddressOfFamily)
  }

  @Test func theCanonicalNameIsToldWhenAskedFor() throws {
    let hints = ResolutionHints(flags: [.canonicalName, .numericHost])
    #expect(try resolver.addresses(of: "127.0.0.1", hints: hints).canonicalName == "127.0.0.1")
  }

  @Test func contradictingHintsHaveTheirOwnCodes() throws {
    func code(_ hints: ResolutionHints, _ service: String = "80") -> ResolutionError.Code? {
      let error = #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: "127.0.0.1", service: service, hints: hints)
      }
      return error?.code
    }
    #expect(code(ResolutionHints(family: .x25)) == .familyNotSupported)
    #expect(code(ResolutionHints(type: SocketType(rawValue: 77))) == .typeNotSupported)
    #expect(code(ResolutionHints(flags: .init(rawValue: 1 << 30))) == .invalidHints)
    #expect(code(ResolutionHints(), "no-such-service") == .serviceNotFound)
    #expect(code(ResolutionHints(flags: .numericService), "http") == .nameNotFound)
  }

  @Test(arguments: [ResolutionError.TextFault.empty, .containsNUL, .tooLong])
  func textThatCWouldMisreadIsRefused(_ fault: ResolutionError.TextFault) throws {
    let text =
      switch fault {
      case .empty: ""
      case .containsNUL: "a\0b"
      case .tooLong: String(repeating: "a", count: Resolver.maximumTextByteCount + 1)
      }
    for (name, service) in [(text, "80"), ("localhost", text)] {
      let error = #expect(throws: ResolutionError.self) {
        try resolver.addresses(of: name, service: service, deadline: .seconds(1))
      }
      #expect(error?.cause == .unusableText(fault))
      // The text of the error has no control characters and does not run on for ever.
      let description = try #require(error?.description)
      #expect(description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
      #expect(description.count < 400)
    }
  }

  @Test func addressesHaveNamesInDigits() throws {
    let numeric: NamingFlags = [.numericHost, .numericService]
    #expect(
      try resolver.name(of: .ipv4(IPv4Address(192, 0, 2, 7), port: 8080), flags: numeric)
        == ResolvedName(host: "192.0.2.7", service: "8080")
    )
    #expect(
      try resolver.name(of: .ipv6(.loopback, port: 1), flags: numeric)
        == ResolvedName(host: "::1", service: "1")
    )
    let loopback = try resolver.name(
      of: .ipv4(.loopback, port: 80),
      flags: .numericService,
      deadline: .patience
    )
    #expect(loopback.service == "80")
    #expect(loopback.host == "localhost")
  }

  @Test func anAddressThatCannotBeNamedIsAnError() throws {
    let error = #expect(throws: ResolutionError.self) { try resolver.name(of: SocketAddress()) }
    #expect(error?.code == .familyNotSupported)
  }

  @Test(.requires(.file("/etc/services")))
  func servicesAreFoundByNameAndByPort() throws {
    let http = try #require(try resolver.service(named: "http", protocolName: "tcp"))
    #expect(http.name == "http" && http.port == 80 && http.protocolName == "tcp")
    #expect("\(http)".hasPrefix("http 80/tcp"))
    #expect(try resolver.service(at: 80, protocolName: "tcp") == http)
    #expect(try resolver.service(at: 53, protocolName: "udp")?.name == "domain")
    #expect(try resolver.service(at: 53)?.port == 53)
    #expect(try resolver.service(named: "no-such-service") == nil)
    #expect(try resolver.service(at: 80, protocolName: "no-such-protocol") == nil)
    #expect(
      try resolver.addresses(of: "127.0.0.1", service: "http").addresses.map(\.address)
        == [.ipv4(.loopback, port: 80)]
    )
    #expect(
      try resolver.name(of: .ipv4(.loopback, port: 80), flags: .numericHost).service == "http"
    )
    #expect(throws: ResolutionError.self) { try resolver.service(named: "a\0b") }
  }

  @Test func anEndpointsAddressesHaveItsTransport() throws {
    func addresses(_ text: String) throws -> [ResolvedAddress] {
      try resolver.addresses(for: Endpoint(parsing: text), deadline: .patience)
    }
    let mptcp = try addresses("mptcp://localhost:7000")
    #expect(
      mptcp.contains(
        ResolvedAddress(
          address: .ipv4(.loopback, port: 7000),
          type: .stream,
          protocolNumber: .mptcp
        )
      )
    )
    #expect(
      try addresses("icmp4://localhost").contains(
        ResolvedAddress(address: .ipv4(.loopback, port: 0), type: .raw, protocolNumber: .icmp)
      )
    )
    #expect(try addresses("udp4://localhost:53").allSatisfy { $0.type == .datagram })
    let path = try Endpoint(parsing: "unix:/run/none")
    #expect(
      try resolver.addresses(for: path, deadline: .now).map(\.address)
        == [try #require(path.socketAddress)]
    )
  }

  @Test func everyCodeHasItsCNameAndAText() {
    for code in ResolutionError.Code.known {
      #expect(code.cName.hasPrefix("EAI_") && !code.cName.contains("("))
      #expect(!code.sentence.isEmpty)
    }
    #expect(Set(ResolutionError.Code.known).count == ResolutionError.Code.known.count)
    #expect(ResolutionError.Code(rawValue: -104).cName == "EAI_(-104)")
  }

  @Test func theErrorsTextEndsWithTheCName() {
    let system = ResolutionError(
      .system(.tooManyOpenFiles),
      .addresses(name: "::1", service: nil)
    )
    #expect(system.description.hasPrefix("resolve [::1]: "))
    #expect(system.description.hasSuffix("(EAI_SYSTEM)"))
    let service = ResolutionError(
      .resolver(.serviceNotFound),
      .service(named: "x\ny", protocolName: "tcp")
    )
    #expect(
      service.description
        == #"find service x\ny/tcp: the service is not known for this type of socket (EAI_SERVICE)"#
    )
  }
}
