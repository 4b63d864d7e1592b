// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// What is internal can be tested in a debug build alone.
#if DEBUG

import AsyncSockets
import Sockets
import SystemPackage
import TestSupport
import Testing

@testable import SocketTool

/// The control endpoint of a relay, without the relay.
@Suite struct RelayControlTests {
  /// Runs a control endpoint beside a body, which gets its path.
  private func controlling(
    idle: Duration, _ body: @escaping @Sendable (SocketAddress, RelayState) throws -> Void
  ) async throws {
    let folder = try ScratchFolder()
    let endpoint = try Endpoint(parsing: "unix:\(folder.path)/control")
    let state = RelayState(
      target: "tcp://127.0.0.1:1", timeout: .seconds(1), seed: 1, faults: FaultSettings(),
      canSwitch: true, capture: nil, pipes: 0)
    let control = RelayControl(state: state, isDatagrams: false, idle: idle)
    try await EventLoopPool.shared.next().run {
      let listener = try await RelayControl.listen(
        at: endpoint, deadline: .patience)
      let address = try listener.localAddress()
      let serving = Task { try await control.run(listener) }
      let result: Result<Void, any Error>
      do {
        result = .success(try await BackgroundThread.run { try body(address, state) })
      } catch {
        result = .failure(error)
      }
      serving.cancel()
      try await serving.value
      try await listener.close()
      try result.get()
    }
  }

  /// Whoever says nothing does not keep one of the few places.
  @Test func aConnectionWithoutALineIsClosed() async throws {
    try await controlling(idle: .seconds(2)) { address, _ in
      let silent = try ConnectedSocket.connected(to: address, deadline: .patience)
      let slow = try ConnectedSocket.connected(to: address, deadline: .patience)
      // The beginning of a line is no line.
      try slow.write("sho".utf8, deadline: .patience)
      let talking = try ConnectedSocket.connected(to: address, deadline: .patience)
      try talking.write("show\n".utf8, deadline: .patience)
      #expect(try nextBytes(of: talking).starts(with: #"{"ok":true"#.utf8))
      #expect(try Self.isEnded(silent))
      #expect(try Self.isEnded(slow))
      #expect(try Self.isEnded(talking))
    }
  }

  /// Whether the other side ends, also by a reset where it has not read all.
  private static func isEnded(_ client: borrowing ConnectedSocket) throws -> Bool {
    do throws(SocketError) {
      return try nextBytes(of: client).isEmpty
    } catch {
      guard error.errno == .connectionReset else { throw error }
      return true
    }
  }

  /// A hundred silent ones do not keep a person out for longer than that.
  @Test func silentConnectionsMakeRoom() async throws {
    try await controlling(idle: .seconds(1)) { address, state in
      let crowd = try (0..<100).map { _ in
        SilentClient(try ConnectedSocket.connected(to: address, deadline: .patience))
      }
      let person = try ConnectedSocket.connected(to: address, deadline: .patience)
      try person.write("set delay 5ms\n".utf8, deadline: .patience)
      #expect(try nextBytes(of: person).starts(with: #"{"ok":true"#.utf8))
      #expect(state.faults.faults.delay == .milliseconds(5))
      #expect(crowd.count == 100)
    }
  }

  private final class SilentClient {
    private let socket: ConnectedSocket
    init(_ socket: consuming ConnectedSocket) { self.socket = socket }
  }

  @Test func whatIsNoCommandEndsItsConnection() async throws {
    try await controlling(idle: .seconds(120)) { address, state in
      let browser = try ConnectedSocket.connected(to: address, deadline: .patience)
      try browser.write(
        "POST / HTTP/1.1\r\nHost: x\r\n\r\nset delay 5s\n".utf8, deadline: .patience)
      let answer = String(decoding: ServedScratch.rest(of: browser), as: UTF8.self)
      #expect(answer.hasPrefix(#"{"ok":false"#) && answer.split(separator: "\n").count == 1)
      #expect(state.faults.faults.delay == .zero)
      // What only goes on wrongly may be mended by whoever typed it.
      let person = try ConnectedSocket.connected(to: address, deadline: .patience)
      try person.write("set delay never\nset delay 1s\n".utf8, deadline: .patience)
      try person.shutdown(.write)
      let lines = String(decoding: ServedScratch.rest(of: person), as: UTF8.self)
        .split(separator: "\n")
      #expect(lines.map { $0.hasPrefix(#"{"ok":true"#) } == [false, true])
      #expect(state.faults.faults.delay == .seconds(1))
    }
  }
}

#endif
