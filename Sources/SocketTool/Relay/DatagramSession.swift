// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// What a sender and the target send each other by way of the relay.
final class DatagramSession: Sendable {
  private struct Forth {
    var faults: DatagramFaults
    var version: Int
    var idleSince: Deadline
    /// How many datagrams wait for their time.
    var held = 0
    var isOver = false
  }

  /// More than any datagram of a family has: of UDP 65,507 bytes, of Unix sockets as much as their buffers hold.
  static func bufferByteCount(_ family: AddressFamily) -> Int {
    family == .unix ? 1 << 18 : 1 << 16
  }

  private let number: Int
  private let target: SocketAddress
  private let caller: AnsweringSocket.Caller
  /// Towards the target.
  private let socket: DatagramSocket
  /// Towards the sender, which all sessions share.
  private let shared: AnsweringSocket
  private let idle: Duration
  private let state: RelayState
  private let addresses: CaptureAddresses
  private let forth: Guarded<Forth>

  private init(
    _ number: Int, _ target: SocketAddress, _ caller: AnsweringSocket.Caller,
    _ socket: DatagramSocket, _ shared: AnsweringSocket, _ idle: Duration, _ state: RelayState
  ) {
    self.number = number
    self.target = target
    self.caller = caller
    self.socket = socket
    self.shared = shared
    self.idle = idle
    self.state = state
    addresses = CaptureAddresses(
      client: caller.address, server: Self.asked(caller, shared.socket), number: number)
    forth = Guarded(
      Forth(
        faults: DatagramFaults(seed: state.seed, number: number, direction: .toTarget),
        version: state.faults.version, idleSince: .now))
  }

  /// The address that a caller has sent to.
  private static func asked(
    _ caller: AnsweringSocket.Caller, _ shared: DatagramSocket
  ) -> SocketAddress? {
    guard let address = try? shared.localAddress(), let ip = address.ip, let local = caller.local
    else { return try? shared.localAddress() }
    return .ip(local, port: ip.port)
  }

  /// Makes a session.
  static func open(
    to target: SocketAddress, for caller: AnsweringSocket.Caller, by shared: AnsweringSocket,
    idle: Duration, _ state: RelayState
  ) async throws(SocketError) -> DatagramSession {
    let socket = try await DatagramSocket.connect(
      to: target, .datagram, state.target.transport.protocolNumber(for: target.family),
      on: shared.socket.loop
    ) { socket throws(SocketError) in
      // Without a name of its own a Unix socket gets no answers.
      if target.family == .unix { try socket.bind(to: .unix(.unnamed)) }
    }
    return DatagramSession(state.opened(), target, caller, socket, shared, idle, state)
  }

  // MARK: To the target

  /// Notes that there is life in it.
  ///
  /// - Returns: whether the session goes on.
  func touch() -> Bool {
    forth.withLock { forth in
      if !forth.isOver { forth.idleSince = .now }
      return !forth.isOver
    }
  }

  /// Decides about a datagram of the sender's.
  func take(_ bytes: [UInt8]) -> (bytes: [UInt8], due: Int64)? {
    let (settings, version) = state.faults
    let (result, tally) = forth.withLock { forth in
      if forth.version != version {
        forth.version = version
        forth.faults.release()
      }
      let result = forth.faults.take(bytes, at: Deadline.now.nanoseconds, settings)
      return (result, forth.faults.takeTally())
    }
    if tally != FaultTally() { state.count { $0.faults += tally } }
    return result
  }

  /// Takes room for a datagram, which keeps the session from being idle.
  ///
  /// - Returns: whether there is room.
  func hold(_ byteCount: Int) -> Bool {
    guard state.queued.take(byteCount + QueueBudget.datagramCost) else { return false }
    forth.withLock { $0.held += 1 }
    return true
  }

  /// Gives the room back.
  func letGo(_ byteCount: Int) {
    state.queued.change(from: byteCount + QueueBudget.datagramCost, to: 0)
    forth.withLock { forth in
      forth.held -= 1
      forth.idleSince = .now
    }
  }

  /// Sends a datagram for which there was room.
  func sendHeld(_ bytes: [UInt8]) async {
    await send(bytes)
    letGo(bytes.count)
  }

  /// Sends to the target.
  private func send(_ bytes: [UInt8]) async {
    await capture(bytes, .toTarget)
    do throws(SocketError) {
      do throws(SocketError) {
        try await socket.send(bytes)
      } catch  where error.errno == .connectionRefused && socket.family != .unix {
        // That is the answer to an earlier datagram; this one has not gone yet.
        try await socket.send(bytes)
      }
      state.count { $0.add(bytes.count, .toTarget) }
    } catch {
      // The session or the relay has ended meanwhile.
      guard !error.isCancellation, error.cause != .closed else { return state.dropped(1) }
      state.failed(error.about(target))
      // A Unix socket stays connected to one that is gone, also when there is a new one.
      if socket.family == .unix, error.errno == .connectionRefused { await end() }
    }
  }

  // MARK: To the sender

  /// Hands back what the target sends, until nothing has come from either side for long enough.
  func run() async {
    do throws(SocketError) {
      try await handBack()
    } catch {
      if !error.isCancellation, error.cause != .closed { state.failed(error.about(target)) }
    }
    await end()
    state.count { $0.active -= 1 }
  }

  private func handBack() async throws(SocketError) {
    var faults = DatagramFaults(seed: state.seed, number: number, direction: .toClient)
    var waiting = DelayQueue<[UInt8]>()
    var version = state.faults.version
    var held = 0
    defer {
      state.dropped(waiting.count)
      state.queued.change(from: held, to: 0)
    }
    while true {
      let now = Deadline.now.nanoseconds
      if state.canSwitch, state.faults.version != version {
        version = state.faults.version
        waiting.release(at: now)
        faults.release()
      }
      while let bytes = waiting.takeDue(at: now) {
        await giveBack(bytes)
        let cost = bytes.count + QueueBudget.datagramCost
        state.queued.change(from: cost, to: 0)
        held -= cost
      }
      if waiting.count > 0 { _ = touch() }
      guard let end = idleEnd() else { return }
      let due = waiting.nextDue.map { state.looking(until: $0).nanoseconds } ?? .max
      do throws(SocketError) {
        // Many sessions that are idle need no memory for what may come.
        try await socket.waitUntilReadable(
          deadline: Deadline(nanoseconds: min(due, end.nanoseconds)))
        let bytes = try await receive()
        let cost = bytes.count + QueueBudget.datagramCost
        guard waiting.count < DatagramRelay.mostWaiting, state.queued.take(cost) else {
          state.dropped(1)
          continue
        }
        let result = faults.take(bytes, at: Deadline.now.nanoseconds, state.faults.faults)
        if let (bytes, due) = result {
          waiting.add(bytes, due: due)
          held += cost
        } else {
          state.queued.change(from: cost, to: 0)
        }
        let tally = faults.takeTally()
        if tally != FaultTally() { state.count { $0.faults += tally } }
      } catch {
        if error.cause == .deadlinePassed { continue }
        guard error.errno != nil || error.cause == .limitExceeded else { throw error }
        // Nobody listens there at the moment: the next one may be heard.
        state.failed(error.about(target))
      }
    }
  }

  /// Takes what has come.
  private func receive() async throws(SocketError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: Self.bufferByteCount(socket.family))
    let received = try await socket.receive(into: &buffer, deadline: .now)
    _ = touch()
    guard !received.isTruncated else { throw SocketError(.receiveDatagram, .limitExceeded) }
    return Array(buffer[..<received.byteCount])
  }

  /// When the session ends if nothing comes; `nil` when it is over.
  private func idleEnd() -> Deadline? {
    forth.withLock { forth in
      // What waits for its time is life.
      if forth.held > 0, !forth.isOver { forth.idleSince = .now }
      let length = Deadline.after(idle).nanoseconds - Deadline.now.nanoseconds
      let end = Deadline(nanoseconds: forth.idleSince.nanoseconds + length)
      if end.hasPassed { forth.isOver = true }
      return forth.isOver ? nil : end
    }
  }

  private func giveBack(_ bytes: [UInt8]) async {
    // A sender without an address gets no answer.
    guard caller.address.byteCount > 2 else { return }
    await capture(bytes, .toClient)
    do throws(SocketError) {
      try await shared.send(bytes, to: caller)
      state.count { $0.add(bytes.count, .toClient) }
    } catch {
      if !error.isCancellation, error.cause != .closed { state.failed(error.about(caller.address)) }
    }
  }

  private func end() async {
    forth.withLock { $0.isOver = true }
    // It is over, whatever the kernel has to say.
    try? await socket.close()
  }

  private func capture(_ bytes: [UInt8], _ direction: RelayDirection) async {
    guard let file = state.capture else { return }
    let isForth = direction == .toTarget
    await file.add(on: socket.loop) {
      [
        SyntheticPacket.datagram(
          from: isForth ? addresses.client : addresses.server,
          to: isForth ? addresses.server : addresses.client, payload: bytes)
      ]
    }
  }
}

extension SocketError {
  /// The same error with the address that it is about, unless it names something already.
  fileprivate func about(_ address: SocketAddress) -> SocketError {
    var error = self
    if error.subject == .none { error.subject = .address(address) }
    return error
  }
}
