// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

/// The figure F15: what is said of a descriptor's number reaches only the socket that has it now.
@Suite(.serialized) struct DescriptorReuse {
  /// `SOCKETS_REUSE_ROUNDS=1000000` for the whole figure.
  private static let rounds = Int(environment("SOCKETS_REUSE_ROUNDS") ?? "") ?? 6000

  @Test(.tags(.slow), arguments: Setting.engines, [Carrier.tcp4, .unixAbstract])
  func aNumberThatIsUsedAgainBringsNobodyElsesBytes(
    _ engine: EngineKind, _ carrier: Carrier
  ) async throws {
    let setting = Setting(engine: engine, carrier: carrier, isOnLoop: true, isReversed: false)
    let folder = try ScratchFolder()
    try await setting.run { loop in
      let listener = try await Listener.bind(to: carrier.address(in: folder), on: loop)
      let address = try listener.localAddress()
      var last: (client: Connection, server: Connection)?
      var reused = 0
      // Other tests take numbers as well: there are more rounds when they are quick.
      let end = Deadline.patience
      var round = 0
      while round < Self.rounds / 6 || reused <= Self.rounds / 24 && !end.hasPassed {
        round += 1
        // The last one is closed while bytes for it are on their way and a task of its own waits for them.
        if let last {
          let number = last.client.descriptor
          let waiting = Task(executorPreference: loop) { try? await last.client.bytes() }
          await Task.yield()
          try? await last.server.write([0xff, 0xff, 0xff, 0xff])
          try await last.client.close()
          let client = try await Connection.connect(to: address, deadline: .patience, on: loop)
          if client.descriptor == number { reused += 1 }
          let server = try await listener.accept(deadline: .patience)
          try? await last.server.write([0xff])
          try await last.server.close()
          let own = littleEndian(UInt32(round))
          async let received = client.bytes(exactly: 4)
          try await server.write(own)
          #expect(try await received == own)
          #expect(await waiting.value.map { $0.allSatisfy { $0 == 0xff } } != false)
        }
        let client = try await Connection.connect(to: address, deadline: .patience, on: loop)
        last = (client, try await listener.accept(deadline: .patience))
      }
      #expect(reused > Self.rounds / 24)
      try await last?.client.close()
      try await last?.server.close()
      try await listener.close()
    }
  }

  private func littleEndian(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) & 0x7f }
  }
}
