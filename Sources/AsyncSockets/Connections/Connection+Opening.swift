// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets
internal import SystemPackage

extension Connection {
  /// Connects to an address.
  ///
  /// - Parameters:
  ///   - address: the peer's address, of any family.
  ///   - type: what the connection carries.
  ///   - protocolNumber: the protocol.
  ///   - deadline: when to give up.
  ///   - loop: the loop that the connection is to belong to; `nil` for the caller's own, or one of
  ///     ``EventLoopPool/shared``.
  ///   - configure: sets options or binds before the connection is begun.
  /// - Returns: the connection; close it, or let its last reference go.
  /// - Throws: `SocketError` as `Socket.connect(to:deadline:)` does; cause
  ///   `cancelled`. Nothing is left open then.
  ///
  /// The corresponding C functions are `socket` and `connect`.
  public static func connect(
    to address: SocketAddress,
    _ type: SocketType = .stream,
    _ protocolNumber: ProtocolNumber = .automatic,
    deadline: Deadline = .never,
    on loop: EventLoop? = nil,
    configure: (borrowing Socket) throws(SocketError) -> Void = { _ in }
  ) async throws(SocketError) -> Connection {
    let loop = try EventLoopPool.choose(loop)
    if Task.isCancelled { throw SocketError(.connect, .cancelled, subject: .address(address)) }
    while true {
      let socket = try Socket(address.family, type, protocolNumber)
      try configure(socket)
      do throws(SocketError) {
        let connecting = try socket.beginConnecting(to: address)
        let isTCP =
          type == .stream && address.ip != nil
          && (protocolNumber == .automatic || protocolNumber == .tcp)
        return try await finish(connecting, deadline, loop, isTCP: isTCP ? true : nil)
      } catch {
        // A Unix listener whose backlog is full has room later (connect(2), EAGAIN).
        guard address.family == .unix, error.errno == .resourceTemporarilyUnavailable else {
          throw error
        }
        let status = await loop.sleep(nanoseconds: 2_000_000, deadline: deadline)
        guard status >= 0 else {
          throw SocketError(.connect, loopResult: status, subject: .address(address))
        }
      }
    }
  }

  /// Waits for the end of an attempt; a failed one is closed.
  private static func finish(
    _ connecting: consuming ConnectingSocket, _ deadline: Deadline, _ loop: EventLoop, isTCP: Bool?
  ) async throws(SocketError) -> Connection {
    let address = connecting.address
    let connection = Connection(
      await LoopSocket.make(connecting.taken(), on: loop, isTCP: isTCP))
    do throws(SocketError) {
      let status = await connection.socket.wait(for: .writable, deadline: deadline)
      guard status >= 0 else {
        throw SocketError(.connect, loopResult: status, subject: .address(address))
      }
      try connection.socket.lend(.connect) { owned throws(SocketError) in
        let number = owned.release()
        try Lifecycle.concludeConnecting(number, address)
      }
      return connection
    } catch {
      _ = await connection.socket.close()
      throw error
    }
  }

  /// Connects to an address, lends the connection to a body, and closes it when the body is done.
  ///
  /// The body runs on the connection's loop, where reading and writing are fastest, unless the caller is isolated to an actor: then
  /// it stays there, which is correct and slower. When the task is cancelled, whatever waits on the connection ends.
  ///
  /// - Parameters:
  ///   - address: the peer's address, of any family.
  ///   - deadline: when to give up connecting.
  ///   - loop: the loop that the connection is to belong to; `nil` for one of ``EventLoopPool/shared``.
  ///   - configure: sets options or binds before the connection is begun.
  ///   - body: uses the connection.
  /// - Returns: what the body returned.
  /// - Throws: `SocketError` of connecting or closing, or what the body threw.
  ///
  /// The corresponding C functions are `socket`, `connect` and `close`.
  public static func connect<R>(
    to address: SocketAddress,
    deadline: Deadline = .never,
    on loop: EventLoop? = nil,
    configure: (borrowing Socket) throws(SocketError) -> Void = { _ in },
    _ body: (Connection) async throws -> R
  ) async throws -> R {
    let connection = try await connect(
      to: address, deadline: deadline, on: loop, configure: configure)
    return try await connection.closing(body)
  }

  /// Runs a body on the connection's loop, and closes the connection when it is done.
  ///
  /// A caller that is isolated to an actor stays there meanwhile, which is correct and slower.
  ///
  /// - Parameter body: uses the connection.
  /// - Returns: what the body returned.
  /// - Throws: what the body threw; otherwise `SocketError` of closing.
  public func closing<R>(_ body: (Connection) async throws -> R) async throws -> R {
    let result: R
    do {
      result = try await loop.runInPlace {
        try await socket.withCancellationWatched { try await body(self) }
      }
    } catch {
      _ = await socket.close()
      throw error
    }
    try await close()
    return result
  }
}
