// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The interfaces of the machine that the tests run on, of which every one has loopback.
@Suite struct NetworkInterfaceTests {
  @Test func loopbackHasItsAddressesAndFlags() throws {
    let loopback = try #require(try NetworkInterface.named("lo"))
    #expect(loopback.index == InterfaceIndex(name: "lo"))
    #expect(loopback.name == "lo")
    #expect(loopback.hardwareType == 772)
    #expect(loopback.hardwareAddress == HardwareAddress(0, 0, 0, 0, 0, 0))
    #expect(loopback.flags.isSuperset(of: [.up, .loopback, .running, .lowerUp]))
    #expect(!loopback.flags.contains(.broadcast))
    #expect(loopback.operationalState == .unknown)
    #expect(loopback.mtu >= 1280)
    let address = try #require(loopback.addresses.first { $0.address == .ipv4(.loopback) })
    #expect(address.prefixLength == 8)
    #expect(address.family == .ipv4)
    #expect(address.scope == .host)
    #expect(address.peer == nil)
    #expect(address.network == IPPrefix("127.0.0.0/8"))
    #expect(address.description == "127.0.0.1/8")
  }

  @Test func theThreeWaysOfAskingAgree() throws {
    let all = try NetworkInterface.all()
    #expect(!all.isEmpty)
    #expect(all.map(\.index.rawValue) == all.map(\.index.rawValue).sorted())
    for interface in all {
      #expect(try NetworkInterface.named(interface.name)?.index == interface.index)
      #expect(try NetworkInterface.withIndex(interface.index)?.name == interface.name)
      #expect(interface.index.name == interface.name)
    }
    let loopback = try #require(all.first { $0.name == "lo" })
    #expect(try NetworkInterface.named("lo") == loopback)
    #expect(try NetworkInterface.withIndex(loopback.index) == loopback)
  }

  @Test func whatIsNotThereIsNil() throws {
    for name in [
      "", "no-such-one", "a-name-of-16-byt", "a\0b", String(repeating: "x", count: 70_000),
    ] {
      #expect(try NetworkInterface.named(name) == nil)
    }
    for number: UInt32 in [0, 0x7fff_ffff, 0x8000_0000, .max] {
      #expect(try NetworkInterface.withIndex(InterfaceIndex(rawValue: number)) == nil)
    }
  }

  @Test func setsAndNumbersPrintAsInC() {
    #expect(NetworkInterface.Flags([.up, .lowerUp]).description == "IFF_UP|IFF_LOWER_UP")
    #expect(NetworkInterface.Flags(rawValue: 0x8000_0001).description == "IFF_UP|0x80000000")
    #expect(NetworkInterface.Flags([]).description == "0")
    #expect(NetworkInterface.OperationalState.up.description == "IF_OPER_UP")
    #expect(NetworkInterface.OperationalState(rawValue: 9).description == "IF_OPER_(9)")
    #expect(InterfaceAddress.Scope.link.description == "RT_SCOPE_LINK")
    #expect(InterfaceAddress.Flags([.permanent]).description == "IFA_F_PERMANENT")
  }
}

/// Answers that no kernel should give.
@Suite struct InterfaceDecodingTests {
  private func link(_ payload: [UInt8]) throws -> NetworkInterface {
    let bytes = NetlinkBytes.message(CS_RTM_NEWLINK, payload)
    var cursor = NetlinkMessageCursor()
    let message = try #require(try cursor.next(in: bytes.span))
    return try NetworkInterface(link: message, in: bytes.span)
  }

  private func address(_ payload: [UInt8]) throws -> InterfaceAddress? {
    let bytes = NetlinkBytes.message(CS_RTM_NEWADDR, payload)
    var cursor = NetlinkMessageCursor()
    let message = try #require(try cursor.next(in: bytes.span))
    return try InterfaceAddress(address: message, in: bytes.span)
  }

  private static let fixed: [UInt8] = [0, 0, 1, 0, 7, 0, 0, 0, 0x41, 0, 0, 0, 0, 0, 0, 0]

  @Test func aLinkWithoutAttributesHasItsFixedPart() throws {
    let interface = try link(Self.fixed)
    #expect(interface.index.rawValue == 7)
    #expect(interface.hardwareType == 1)
    #expect(interface.flags == [.up, .running])
    #expect(interface.name == "")
    #expect(interface.hardwareAddress.byteCount == 0)
  }

  @Test func aLinkOfShortPartsIsMalformed() {
    for count in 0..<16 {
      #expect(throws: NetlinkMalformed.self) { try link(Array(Self.fixed.prefix(count))) }
    }
    for attribute in [
      NetlinkBytes.attribute(CS_IFLA_MTU, [1, 2, 3]),
      NetlinkBytes.attribute(CS_IFLA_OPERSTATE, []),
      NetlinkBytes.attribute(CS_IFLA_ADDRESS, [UInt8](repeating: 1, count: 33)),
    ] {
      #expect(throws: NetlinkMalformed.self) { try link(Self.fixed + attribute) }
    }
  }

  @Test func aNameThatIsNotUTF8IsRepairedAndEndsAtItsNUL() throws {
    let name = NetlinkBytes.attribute(CS_IFLA_IFNAME, [0x61, 0xff, 0, 0x62])
    #expect(try link(Self.fixed + name).name == "a\u{fffd}")
  }

  @Test func aPeerIsToldFromTheOwnAddress() throws {
    let fixed: [UInt8] = [2, 32, 0x80, 0, 7, 0, 0, 0]
    let own = NetlinkBytes.attribute(CS_IFA_LOCAL, [10, 0, 0, 1])
    let other = NetlinkBytes.attribute(CS_IFA_ADDRESS, [10, 0, 0, 2])
    let both = try #require(try address(fixed + other + own))
    #expect(both.address == IPAddress("10.0.0.1"))
    #expect(both.peer == IPAddress("10.0.0.2"))
    #expect(both.network == IPPrefix("10.0.0.2/32"))
    #expect(both.description == "10.0.0.1 peer 10.0.0.2/32")
    let one = try #require(try address(fixed + other))
    #expect(one.address == IPAddress("10.0.0.2"))
    #expect(one.peer == nil)
    #expect(try address(fixed) == nil)
  }

  @Test func anAddressOfShortPartsIsMalformedAndOneOfAnotherFamilyNone() throws {
    let fixed: [UInt8] = [10, 64, 0x80, 0, 7, 0, 0, 0]
    for count in 0..<8 {
      #expect(throws: NetlinkMalformed.self) { try address(Array(fixed.prefix(count))) }
    }
    let short = NetlinkBytes.attribute(CS_IFA_ADDRESS, [UInt8](repeating: 1, count: 15))
    #expect(throws: NetlinkMalformed.self) { try address(fixed + short) }
    #expect(throws: NetlinkMalformed.self) {
      try address(fixed + NetlinkBytes.attribute(CS_IFA_FLAGS, [1]))
    }
    #expect(try address([6] + fixed.dropFirst() + short) == nil)
    let long = NetlinkBytes.attribute(CS_IFA_ADDRESS, [UInt8](repeating: 1, count: 16))
    #expect(try address([10, 200] + fixed.dropFirst(2) + long)?.network == nil)
  }
}
