// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets

/// A relay from its first socket to its last number.
struct Relay: Sendable {
  let from: Endpoint
  let state: RelayState
  let control: Endpoint?
  /// How many connections at once.
  let limit: Int
  /// Whether those that wait for their turn are served in the order in which they came.
  let keepsOrder: Bool
  /// After how long a session of datagrams ends.
  let idle: Duration
  let showsProgress: Bool

  private var isDatagrams: Bool { from.socketType == .datagram }

  /// Relays until the task is cancelled.
  func run() async throws {
    let deadline = Deadline.after(state.timeout)
    let controlListener = try await listenForControl(deadline)
    let serving: @Sendable () async throws -> Void
    if isDatagrams {
      let target = try await Resolver.system.resolve(state.target, deadline: deadline)[0]
      let address = try await Resolver.system.resolve(from, deadline: deadline)[0]
      let socket = try await DatagramSocket.bind(
        to: address, .datagram, from.transport.protocolNumber(for: address.family))
      let relay = DatagramRelay(state: state, limit: limit, idle: idle, target: target)
      serving = {
        try await relay.run(socket)
        try await socket.close()
      }
      announce(try socket.localAddress())
    } else {
      // Where connections are told apart by their numbers, or wait for their turn, they come one after the other.
      let listener =
        state.isBlind && !keepsOrder
        ? try await Listener.bindOnManyLoops(to: from, deadline: deadline)
        : try await Listener.bind(to: from, deadline: deadline)
      let relay = StreamRelay(state: state, limit: limit)
      serving = {
        try await relay.run(listener)
        try await listener.close()
      }
      announce(try listener.localAddress())
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await serving() }
      if let controlListener {
        let server = RelayControl(state: state, isDatagrams: isDatagrams)
        group.addTask {
          try await server.run(controlListener)
          try await controlListener.close()
        }
      }
      if showsProgress {
        group.addTask { try await RelayProgress(state: state).run() }
      }
      // Whichever ends first ends the others.
      defer { group.cancelAll() }
      try await group.next()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  private func listenForControl(_ deadline: Deadline) async throws -> Listener? {
    guard let control else { return nil }
    let listener = try await RelayControl.listen(at: control, deadline: deadline)
    let text = Endpoint(control.transport, try listener.localAddress()).map { "\($0)" }
    Output.error("control at \(text ?? "\(control)")")
    return listener
  }

  private func announce(_ address: SocketAddress) {
    // An address that the transport cannot have does not come back from the kernel.
    let text = Endpoint(from.transport, address).map { "\($0)" } ?? "\(from)"
    Output.error("listening on \(text)")
  }
}
