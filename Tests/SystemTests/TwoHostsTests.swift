// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage
import TestSupport
import Testing

/// What two machines say to each other over a wire.
@Suite(.requires(.networkNamespaces, .program("ip")), .timeLimit(.minutes(1)))
struct TwoHostsTests {
  /// The same talk over each kind of IP address.
  struct Path: Sendable, CustomTestStringConvertible {
    /// The right host, as the left host names it.
    let right: String
    /// The right host, as it names itself.
    let own: String
    /// The left host, as the right host sees it.
    let left: String
    let family: AddressFamily

    var testDescription: String { right }

    static let all = [
      Path(right: "10.0.0.2", own: "10.0.0.2", left: "10.0.0.1", family: .ipv4),
      Path(right: "[fd00::2]", own: "[fd00::2]", left: "[fd00::1]", family: .ipv6),
      Path(
        right: "[fe80::2%left]", own: "[fe80::2%right]", left: "[fe80::1%right]", family: .ipv6),
    ]
  }

  @Test(arguments: Path.all) func tcpEchoes(over path: Path) async throws {
    try await BackgroundThread.run {
      let hosts = try TwoHosts()
      let listener = try hosts.right.run {
        try Socket(path.family).bind(to: address("\(path.own):0")).listen()
      }
      let port = try port(of: listener)
      let (client, target) = try hosts.left.run {
        let target = try address("\(path.right):\(port)")
        return Pair(try Socket(path.family).connect(to: target, deadline: .seconds(10)), target)
      }.parts()
      var peer = SocketAddress()
      let server = try listener.accept(from: &peer, deadline: .seconds(10))
      try hosts.right.run {
        let left = try address("\(path.left):\(peer.ip?.port ?? .any)")
        #expect(peer == left)
      }
      #expect(try client.peerAddress() == target)
      let message = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      try client.write(message)
      try server.write(try bytes(message.count, of: server))
      #expect(try bytes(message.count, of: client) == message)
      try client.shutdown(.write)
      #expect(try nextBytes(of: server) == [])
      try server.close()
      #expect(try nextBytes(of: client) == [])
    }
  }
}
