// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import CSockets
import Glibc
import Sockets
import TestSupport
import Testing

/// The bytes of a C structure.
private func bytes<Structure>(of structure: Structure) -> [UInt8] {
  unsafe withUnsafeBytes(of: structure) { unsafe Array($0) }
}

/// Our text against the C library's.
@Suite struct SystemTextTests {
  private func system(_ octets: [UInt8], _ family: Int32) -> String {
    var room = [CChar](repeating: 0, count: 64)
    _ = unsafe inet_ntop(family, octets, &room, 64)
    return String(decoding: room.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private func parsedBySystem(_ text: String, _ family: Int32) -> [UInt8]? {
    var octets = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
    return unsafe inet_pton(family, text, &octets) == 1 ? octets : nil
  }

  @Test func ipv4PrintsAsTheSystemDoes() {
    var random = SeededGenerator()
    for _ in 0..<500 {
      let address = IPv4Address(bits: UInt32.random(in: .min ... .max, using: &random))
      let octets = address.octets.indices.map { address.octets[$0] }
      #expect(address.description == system(octets, AF_INET))
      #expect(parsedBySystem(address.description, AF_INET) == octets)
    }
  }

  @Test func ipv6PrintsAsTheSystemDoes() {
    var random = SeededGenerator()
    for _ in 0..<500 {
      // Many groups are zero, so that gaps of every length and place come up.
      let groups = InlineArray<8, UInt16> { _ in
        Bool.random(using: &random) ? 0 : UInt16.random(in: .min ... .max, using: &random)
      }
      let address = IPv6Address(groups: groups)
      // The system writes the IPv4-compatible form, which RFC 4291 deprecates, with dots; we do not.
      guard address.isIPv4Mapped || address.bits >> 32 != 0 else { continue }
      let octets = address.octets.indices.map { address.octets[$0] }
      #expect(address.description == system(octets, AF_INET6))
      #expect(parsedBySystem(address.description, AF_INET6) == octets)
    }
  }

  @Test func whatTheSystemTakesOfTheCorpusWeTakeAndTheOtherWayRound() {
    for (text, reason) in addressCorpus where !text.contains("%") && !text.utf8.contains(0) {
      let ipv4 = IPv4Address(text).map { address in
        address.octets.indices.map { address.octets[$0] }
      }
      #expect(ipv4 == parsedBySystem(text, AF_INET), "\(reason)")
      let ipv6 = IPv6Address(text).map { address in
        address.octets.indices.map { address.octets[$0] }
      }
      #expect(ipv6 == parsedBySystem(text, AF_INET6), "\(reason)")
    }
  }
}

/// Our bytes against the C structures.
@Suite struct SystemStructureTests {
  @Test func ipv4IsASockaddrIn() throws {
    var structure = sockaddr_in()
    structure.sin_family = sa_family_t(AF_INET)
    structure.sin_port = UInt16(8080).bigEndian
    structure.sin_addr.s_addr = UInt32(0xc000_0201).bigEndian
    let address = SocketAddress.ipv4(IPv4Address(192, 0, 2, 1), port: 8080)
    #expect(address.bytes == bytes(of: structure))
    #expect(SocketAddress(bytes: bytes(of: structure))?.ip?.description == "192.0.2.1:8080")
  }

  @Test func ipv6IsASockaddrIn6() throws {
    var structure = sockaddr_in6()
    structure.sin6_family = sa_family_t(AF_INET6)
    structure.sin6_port = UInt16(8080).bigEndian
    structure.sin6_flowinfo = UInt32(0xabcde).bigEndian
    structure.sin6_scope_id = 1
    _ = unsafe inet_pton(AF_INET6, "fe80::1234", &structure.sin6_addr)
    let ip = try #require(IPv6Address("fe80::1234%1" as String))
    let address = SocketAddress.ipv6(ip, port: 8080, flowInformation: 0xabcde)
    #expect(address.bytes == bytes(of: structure))
    let read = try #require(SocketAddress(bytes: bytes(of: structure))?.ip)
    #expect(read.address == .ipv6(ip))
    #expect(read.flowLabel == 0xabcde)
  }

  @Test func unixIsASockaddrUnAsLongAsItsName() throws {
    let header = bytes(of: sa_family_t(AF_UNIX))
    #expect(SocketAddress.unix(.unnamed).bytes == header)
    #expect(try SocketAddress.unix(path: "/a").bytes == header + [0x2f, 0x61, 0])
    #expect(try SocketAddress.unix(abstract: "a\0b").bytes == header + [0, 0x61, 0, 0x62])
    // As a C program gives it, with the whole structure for its length.
    let whole = header + [0x2f, 0x61] + [UInt8](repeating: 0, count: 106)
    #expect(SocketAddress(bytes: whole)?.unix == (try UnixAddress(path: "/a")))
  }

  @Test func x25IsASockaddrX25() throws {
    var structure = cs_sockaddr_x25()
    structure.family = UInt16(CS_AF_X25)
    structure.digits.0 = 0x31
    structure.digits.1 = 0x32
    let address = try X25Address(parsing: "12")
    #expect(address.socketAddress.bytes == bytes(of: structure))
    structure.digits.5 = 0x39
    let read = try #require(SocketAddress(bytes: bytes(of: structure)))
    #expect(read.x25 == address, "what stands behind the NUL does not count")
  }

  @Test func vsockIsASockaddrVM() throws {
    var structure = cs_sockaddr_vm()
    structure.family = UInt16(CS_AF_VSOCK)
    structure.port = 5000
    structure.context_id = 2
    structure.flags = 1
    let address = VsockAddress(contextID: .host, port: 5000, goesToHost: true)
    #expect(address.socketAddress.bytes == bytes(of: structure))
    #expect(SocketAddress(bytes: bytes(of: structure))?.vsock == address)
    structure.flags = 2
    #expect(SocketAddress(bytes: bytes(of: structure))?.vsock == nil)
  }

  @Test func packetIsASockaddrLL() throws {
    var structure = cs_sockaddr_ll()
    structure.family = UInt16(CS_AF_PACKET)
    structure.protocol = UInt16(0x0800).bigEndian
    structure.interface_index = 1
    structure.hardware_type = 1
    structure.packet_type = 4
    structure.address_length = 6
    structure.address = (2, 0x42, 0xac, 0x11, 0, 2, 0, 0)
    let address = LinkLayerAddress(
      interface: InterfaceIndex(rawValue: 1),
      etherType: 0x0800,
      hardwareType: 1,
      packetType: .outgoing,
      hardwareAddress: HardwareAddress(2, 0x42, 0xac, 0x11, 0, 2)
    )
    let whole = bytes(of: structure)
    #expect(address.socketAddress.bytes == whole)
    #expect(SocketAddress(bytes: whole)?.packet == address)
    // getsockname gives as many bytes as the hardware address needs.
    #expect(SocketAddress(bytes: Array(whole.prefix(18)))?.packet == address)
    #expect(SocketAddress(bytes: Array(whole.prefix(17)))?.packet == nil)
    #expect(
      address.socketAddress.description
        == "packet:lo,ethertype=0x800,hardware=1,packet=4,address=02:42:ac:11:00:02"
    )
  }

  @Test func netlinkIsASockaddrNL() {
    var structure = cs_sockaddr_nl()
    structure.family = UInt16(CS_AF_NETLINK)
    structure.port_id = 1234
    structure.groups = 0x11
    let address = NetlinkAddress(portID: 1234, groups: 0x11)
    #expect(address.socketAddress.bytes == bytes(of: structure))
    #expect(SocketAddress(bytes: bytes(of: structure))?.netlink == address)
  }

  /// Neither a shorter nor a longer structure is taken for one of another length.
  @Test(arguments: AddressFamily.known)
  func aWrongLengthHasNoView(family: AddressFamily) throws {
    let header = bytes(of: family.rawValue)
    let right: Set<Int> =
      switch family {
      case .ipv4, .vsock: [16]
      case .ipv6: [28]
      case .x25: [18]
      case .netlink: [12]
      case .packet: Set(12...128)
      default: Set(2...128)
      }
    for count in 2...128 {
      let rest = [UInt8](repeating: family == .unix ? 0x61 : 0, count: count - 2)
      let address = try #require(SocketAddress(bytes: header + rest))
      let hasView =
        address.ip != nil || address.unix != nil || address.x25 != nil || address.vsock != nil
        || address.packet != nil || address.netlink != nil
      let isRight = right.contains(count) && !(family == .unix && count > 110)
      #expect(hasView == isRight, "\(family), \(count) bytes")
      #expect(hasView != address.description.hasPrefix("AF_"), "\(address)")
      #expect(address.bytes == header + rest)
    }
  }

  @Test func tooManyBytesAndOneByteAreNoAddress() {
    #expect(SocketAddress(bytes: [2]) == nil)
    #expect(SocketAddress(bytes: [UInt8](repeating: 0, count: 129)) == nil)
    #expect(SocketAddress(bytes: [UInt8](repeating: 0, count: 128)) != nil)
    #expect(SocketAddress(bytes: []) == SocketAddress())
  }
}

/// Interfaces by name and by number, against the kernel.
@Suite struct InterfaceIndexTests {
  @Test func theLoopbackInterfaceHasItsNameAndItsNumber() throws {
    let loopback = try #require(InterfaceIndex(name: "lo"))
    let system = unsafe if_nametoindex("lo")
    #expect(loopback.rawValue == system)
    #expect(loopback.name == "lo")
    #expect(loopback.description == "lo")
  }

  @Test func whatDoesNotExistHasNeither() {
    #expect(InterfaceIndex(name: "no-such-name") == nil)
    #expect(InterfaceIndex(name: "") == nil)
    #expect(InterfaceIndex(name: "lo\0x") == nil)
    #expect(InterfaceIndex(name: String(repeating: "a", count: 16)) == nil)
    #expect(InterfaceIndex(rawValue: 4_000_000_000).name == nil)
    #expect(InterfaceIndex(rawValue: 4_000_000_000).description == "4000000000")
    #expect(InterfaceIndex.any.description == "*")
  }
}
