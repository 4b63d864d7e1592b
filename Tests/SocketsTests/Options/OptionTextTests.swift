// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import Testing

/// Options whose values are given as text.
@Suite struct OptionTextTests {
  private func entry(_ name: String) throws -> OptionCatalog.Entry {
    try #require(OptionCatalog.entries.first { $0.swiftName == name }, "\(name)")
  }

  @Test(arguments: [
    ("keepAlive", "on", "off", "maybe"), ("timeToLive", "7", "0x40", "7.5"),
    ("linger", "none", "5s", "-1"), ("receiveTimeout", "200ms", "1", "0"),
    ("boundDevice", "lo", "", "an-interface-name-too-long"),
    ("pathMTUDiscoveryIPv4", "never", "2", "often"), ("typeOfService", "16", "0xff", "256"),
    ("localPortRange", "1000-2000", "0-0", "1-70000"), ("mark", "1", "4294967295", "4294967296"),
    ("membershipJoinIPv4", "239.0.0.1", "239.0.0.1%lo", "239.0.0.1%"),
    (
      "fastOpenKey", "000102030405060708090a0b0c0d0e0f",
      "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f", "0"
    ),
  ]) func textsAreValuesOrNot(name: String, one: String, other: String, wrong: String) throws {
    let entry = try entry(name)
    #expect(entry.settableForm?.isEmpty == false)
    #expect(entry.canSet(one))
    #expect(entry.canSet(other))
    #expect(!entry.canSet(wrong))
  }

  @Test func whatIsSetAsTextIsRead() throws {
    let socket = try Socket(.ipv4, .stream)
    for (name, text, value) in [
      ("keepAlive", "true", "on"), ("noDelay", "1", "on"), ("timeToLive", "9", "9 hops"),
      ("linger", "3s", "3.0 seconds"), ("linger", "none", "none"),
      ("pathMTUDiscoveryIPv4", "never", "never"),
      ("keepAliveInterval", "7", "7.0 seconds"),
    ] {
      let entry = try entry(name)
      try entry.set(text, on: socket)
      let read = try entry.liveValue(of: socket)
      #expect(read == value, "\(name)")
    }
  }

  @Test func whatCannotBeSetSaysSo() throws {
    let socket = try Socket(.ipv4, .stream)
    let readOnly = try entry("tcpInformation")
    #expect(readOnly.settableForm == nil)
    #expect(!readOnly.canSet("1"))
    let unsupported = SocketError.Cause.system(.notSupported)
    var cause: SocketError.Cause?
    do throws(SocketError) { try readOnly.set("1", on: socket) } catch { cause = error.cause }
    #expect(cause == unsupported)
    let noDelay = try entry("noDelay")
    do throws(SocketError) { try noDelay.set("x", on: socket) } catch { cause = error.cause }
    #expect(cause == .malformed)
  }

  /// Programs, keys, rings, descriptors: structures that nobody types.
  @Test func nearlyAllThatCanBeSetHasAText() {
    let without = OptionCatalog.entries.filter { $0.access != .readOnly && $0.settableForm == nil }
    #expect(
      Set(without.map(\.valueType)) == [
        "AddressFamily", "Array<DeviceMemoryTokens>", "Array<FilterInstruction>",
        "Array<TCPRepairOption>", "FileDescriptor", "GroupSourceFilter", "GroupSourceMembership",
        "ICMPFilter", "ICMPv6Filter", "IPv4SourceFilter", "IPv4SourceMembership",
        "IPv6FlowLabel", "IPv6SourceInformation", "PacketFanout", "PacketMembership",
        "PacketRing", "TCPRepairWindow", "TCPSignatureKey", "Timestamping", "TransmitTime",
        "X25Cause", "X25Facilities", "X25Subscription", "X25TerminalFacilities",
      ])
  }
}
