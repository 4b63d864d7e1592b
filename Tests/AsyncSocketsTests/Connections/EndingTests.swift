// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// How connections end, seen from both sides.
@Suite(.serialized) struct Endings {
  @Test(arguments: Setting.tcp)
  func closingGracefullyLetsThePeerReadAll(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      try await one.write([9, 9, 9])
      try await other.write(Array("all of it".utf8))
      async let closing: Void = other.closeGracefully(deadline: .patience)
      #expect(try await one.bytes(exactly: 9) == Array("all of it".utf8))
      #expect(try await one.bytes() == [])
      try await one.close()
      try await closing
    }
  }

  @Test(arguments: Setting.all)
  func aReleasedSocketGoesOnInTheCore(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let waiting = Task { try await one.bytes(deadline: .never) }
      await Task.yield()
      let core = try await one.release()
      await #expect(throws: SocketError(.read, .closed)) { _ = try await waiting.value }
      try await other.write([1, 2])
      #expect(try nextBytes(of: core) == [1, 2])
      try core.write([3])
      #expect(try await other.bytes() == [3])
      try core.close()
      #expect(try await other.bytes() == [])
    }
  }

  @Test(arguments: Setting.tcp)
  func connectingToNobodyIsRefusedAndLeavesNothing(_ setting: Setting) async throws {
    try await setting.run { loop in
      let nobody = try DeafPort(
        setting.carrier == .tcp4
          ? .ipv4(.loopback, port: .any) : .ipv6(.loopback, port: .any))
      let address = nobody.address
      await #expect(
        throws: SocketError(.connect, .system(.connectionRefused), subject: .address(address))
      ) {
        _ = try await Connection.connect(to: address, deadline: .patience, on: loop)
      }
      #expect(await loop.socketCount() == 0)
    }
  }
}
