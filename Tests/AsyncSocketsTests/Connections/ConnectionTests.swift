// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import TestSupport
import Testing

@Suite(.serialized) struct Connections {
  @Test(arguments: Setting.all)
  func cancellationEndsAReadAndLosesNothing(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let hasBegun = Guarded(false)
      let reading = Task {
        hasBegun.withLock { $0 = true }
        return try await one.bytes(deadline: .never)
      }
      while !hasBegun.withLock({ $0 }) { await Task.yield() }
      reading.cancel()
      await #expect(throws: SocketError(.read, .cancelled)) { _ = try await reading.value }
      try await other.write([1, 2, 3])
      #expect(try await one.bytes() == [1, 2, 3])
    }
  }

  @Test(arguments: Setting.all)
  func closingEndsAReadOfAnotherTask(_ setting: Setting) async throws {
    try await setting.withPair { one, _ in
      let reading = Task { try await one.bytes(deadline: .never) }
      await Task.yield()
      try await one.close()
      await #expect(throws: SocketError(.read, .closed)) { _ = try await reading.value }
      await #expect(throws: SocketError(.read, .closed)) { _ = try await one.bytes() }
      await #expect(throws: SocketError(.write, .closed)) { try await one.write([1]) }
      #expect(throws: SocketError(.adopt, .closed)) { try one.peerAddress() }
    }
  }

  /// A short text lies in the memory of the call that waits.
  @Test(arguments: Setting.all)
  func aShortTextThatHasToWaitArrivesWhole(_ setting: Setting) async throws {
    try await setting.withPair { one, other in
      let filling = [UInt8](repeating: 7, count: 65536)
      var count = 0
      do throws(SocketError) {
        while true {
          try await one.write(filling, deadline: .now)
          count += filling.count
        }
      } catch {
        #expect(error.cause == .deadlinePassed)
        count += error.bytesTransferred
      }
      async let writing: Void = one.write("abc\n".utf8, deadline: .patience)
      await Task.yield()
      var last: [UInt8] = []
      var left = count + 4
      while left > 0 {
        let bytes = try await other.bytes()
        try #require(!bytes.isEmpty)
        left -= bytes.count
        last = (last + bytes).suffix(4)
      }
      try await writing
      #expect(last == Array("abc\n".utf8))
    }
  }

  @Test(arguments: Setting.all)
  func aServerServesManyAndStopsWhenItsListenerIsClosed(_ setting: Setting) async throws {
    let folder = try ScratchFolder()
    try await setting.run { loop in
      let listener = try await Listener.bind(
        to: try setting.carrier.address(in: folder), setting.carrier.type, on: loop)
      async let serving: Void = listener.serve { connection in
        while true {
          let bytes = try await connection.bytes(deadline: .never)
          if bytes.isEmpty { return }
          try await connection.write(bytes)
        }
      }
      let address = try listener.localAddress()
      try await withThrowingTaskGroup { group in
        for number in 0..<20 {
          group.addTask {
            let client = try await Connection.connect(
              to: address, setting.carrier.type, deadline: .patience, on: loop)
            for round in 0..<10 {
              let bytes = [UInt8(number), UInt8(round)]
              try await client.write(bytes)
              #expect(try await client.bytes() == bytes)
            }
            try await client.closeGracefully()
          }
        }
        try await group.waitForAll()
      }
      try await listener.close()
      do {
        try await serving
        Issue.record("the server went on")
      } catch {
        #expect(error as? SocketError == SocketError(.accept, .closed))
      }
    }
  }
}
