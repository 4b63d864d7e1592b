// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import TestSupport
import Testing

/// The library's parsers against their slow twins.
@Suite struct TwinParserTests {
  @Test func bothTakeAndRefuseTheSameOfTheCorpus() {
    for (text, reason) in addressCorpus {
      expectAgreement(text, because: reason)
    }
  }

  /// Each text of the corpus as each part of an endpoint.
  @Test func bothTakeAndRefuseTheSameEndpointsMadeOfTheCorpus() {
    let transports: [Transport] = [.tcp, .tcp6, .icmp4, .unix, .vsock, .x25]
    for (text, reason) in addressCorpus {
      for transport in transports {
        expectAgreementOnEndpoint("\(transport):\(text)", because: reason)
        expectAgreementOnEndpoint("\(transport)://\(text)", because: reason)
      }
      for start in ["tcp://host:", "tcp://[", "tcp://127.0.0.1:"] {
        expectAgreementOnEndpoint(start + text, because: reason)
      }
      expectAgreementOnEndpoint("tcp://\(text):80", because: reason)
      expectAgreementOnEndpoint("tcp://[\(text)]:80", because: reason)
    }
  }

  @Test func bothTakeAndRefuseTheSameOfRandomMutations() {
    var random = SeededGenerator()
    let alphabet = Array("0123456789abcdefgx:.%/[]*@\\()-_+,= \n\u{0}ü".unicodeScalars)
    for _ in 0..<300 {
      var scalars = Array((addressCorpus.randomElement(using: &random)?.text ?? "").unicodeScalars)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0...scalars.count, using: &random)
        let scalar = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: scalars.insert(scalar, at: place)
        case 1 where place < scalars.count: scalars[place] = scalar
        case 2 where place < scalars.count: scalars.remove(at: place)
        default:
          let other = Array(
            (addressCorpus.randomElement(using: &random)?.text ?? "").unicodeScalars)
          scalars = Array(scalars[..<place] + other.dropFirst(min(place, other.count)))
        }
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      expectAgreement(text, because: "a random mutation")
    }
  }

  private func expectAgreement(_ text: String, because reason: String) {
    let characters = SlowParser.characters(text)
    expect(text, reason, IPv4Address.init(parsing:), SlowParser.ipv4(characters))
    expect(text, reason, IPv6Address.init(parsing:), SlowParser.ipv6(characters))
    expect(text, reason, IPAddress.init(parsing:), SlowParser.ip(characters))
    expect(text, reason, IPPrefix.init(parsing:), SlowParser.prefix(characters))
    expect(text, reason, Port.init(parsing:), SlowParser.port(characters))
    expect(text, reason, IPSocketAddress.init(parsing:), SlowParser.ipSocketAddress(characters))
    expect(text, reason, UnixAddress.init(parsing:), SlowParser.unix(characters))
    expect(text, reason, X25Address.init(parsing:), SlowParser.x25(characters))
    expect(text, reason, VsockAddress.init(parsing:), SlowParser.vsock(characters))
    expect(text, reason, NetlinkAddress.init(parsing:), SlowParser.netlink(characters))
    expect(text, reason, HardwareAddress.init(parsing:), SlowParser.hardware(characters))
    expect(text, reason, LinkLayerAddress.init(parsing:), SlowParser.linkLayer(characters))
    expectAgreementOnEndpoint(text, because: reason)
  }

  private func expectAgreementOnEndpoint(_ text: String, because reason: String) {
    let endpoint = try? Endpoint(parsing: text)
    let slow = SlowParser.endpoint(SlowParser.characters(text))
    if endpoint.map(SlowParser.facts) != slow {
      Issue.record("\(text.debugDescription) (\(reason)): the twins differ on the endpoint")
    }
    if let endpoint, Endpoint(endpoint.description) != endpoint {
      Issue.record("\(text.debugDescription) (\(reason)): prints as \(endpoint)")
    }
  }

  /// Only differences are reported, so that a hundred thousand comparisons stay fast.
  private func expect<Value: Equatable & LosslessStringConvertible>(
    _ text: String,
    _ reason: String,
    _ parse: (String) throws(AddressParseError) -> Value,
    _ slow: Value?
  ) {
    let name = "\(text.debugDescription) (\(reason)) as \(Value.self)"
    do {
      let value = try parse(text)
      if value != slow { Issue.record("\(name): the twins differ") }
      if Value(value.description) != value { Issue.record("\(name): prints as \(value)") }
    } catch {
      if let slow { Issue.record("\(name): only the slow twin takes it, as \(slow)") }
      if error.input != text || !(0...text.utf8.count).contains(error.position) {
        Issue.record("\(name): the error is \(error)")
      }
    }
  }
}
