// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import Testing

@Suite struct SocketAddressTextTests {
  @Test(arguments: [
    (SocketAddress.ipv4(.loopback, port: 80), "127.0.0.1:80"),
    (.ipv6(.loopback, port: 80), "[::1]:80"),
    (.ip(.ipv4(.any), port: 0), "0.0.0.0:0"),
    (.ipv6(IPv6Address(bits: 0xfe80 << 112 | 1, zone: 1), port: 80), "[fe80::1%lo]:80"),
    (.ipv6(IPv6Address(bits: 0xfe80 << 112 | 1, zone: 99_999), port: 80), "[fe80::1%99999]:80"),
    (.ipv6(.loopback, port: 1, flowInformation: 0x12345), "[::1]:1/flow=0x12345"),
    (.ipv6(IPv6Address(mapping: .loopback), port: 9), "[::ffff:127.0.0.1]:9"),
    (.unix(.unnamed), "(unnamed)"),
    (.x25(.any), "x25:*"), (.x25(.none), "x25:(none)"),
    (.vsock(cid: .host, port: 5000), "vsock:2:5000"),
    (.vsock(cid: .any, port: VsockAddress.anyPort), "vsock:*:*"),
    (.netlink(NetlinkAddress(portID: 1234, groups: 0x11)), "netlink:1234,groups=0x11"),
    (.packet(LinkLayerAddress(interface: .any)), "packet:*"),
    (.packet(LinkLayerAddress(interface: InterfaceIndex(rawValue: 1))), "packet:lo"),
    (SocketAddress(), "(none)"),
  ])
  func eachFamilyPrintsAsAPersonWritesIt(address: SocketAddress, text: String) {
    #expect(address.description == text)
  }

  @Test func pathsAndNamesPrintAsTheyAreWritten() throws {
    #expect(try SocketAddress.unix(path: "/run/a.sock").description == "/run/a.sock")
    #expect(try SocketAddress.unix(path: FilePath("/run/a.sock")).description == "/run/a.sock")
    #expect(try SocketAddress.unix(abstract: "abstract").description == "@abstract")
    #expect(SocketAddress.x25(try X25Address(parsing: "12345")).description == "x25:12345")
  }

  @Test func anUnknownFamilyPrintsItsNumberAndItsBytes() throws {
    let address = try #require(SocketAddress(bytes: [29, 0, 0x0a, 0xff]))
    #expect(address.description == "AF_(29):0aff")
  }
}

@Suite struct EndpointTests {
  @Test(arguments: [
    "tcp://127.0.0.1:7000", "tcp://[::1]:7000", "tcp://localhost:http", "udp://example.org:53",
    "unix:/run/app.sock", "unix:@abstract", "unix-datagram:/run/a b", "unix-packet:x",
    "vsock://2:5000", "x25://12345", "icmp://host", "icmp://[::1]", "tcp6://[fe80::1%lo]:1",
  ])
  func textIsParsedAndPrintedBack(text: String) throws {
    #expect(try Endpoint(parsing: text).description == text)
  }
}
