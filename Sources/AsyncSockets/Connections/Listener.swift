// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

/// A socket that hands out connections.
public final class Listener: Sendable {
  package let socket: LoopSocket

  package init(_ socket: consuming LoopSocket) { self.socket = socket }

  /// The loop that the listener belongs to.
  public var loop: EventLoop { socket.loop }

  /// Gives a listening socket of the core to a loop.
  public static func adopt(
    _ listening: consuming ListeningSocket, on loop: EventLoop? = nil
  ) async throws(SocketError) -> Listener {
    let loop = try EventLoopPool.choose(loop)
    let owned = OwnedDescriptor(owning: listening.descriptor.rawValue, family: listening.family, type: listening.type)
    _ = listening.release()
    return await Listener(LoopSocket.make(owned, on: loop))
  }

  /// Takes the next connection out of the backlog, waiting for one if there is none.
  public func accept(deadline: Deadline = .never) async throws(SocketError) -> Connection {
    let result = unsafe await socket.perform(.accept, deadline: deadline)
    guard result >= 0 else { throw SocketError(.accept, loopResult: result) }
    return Connection(
      await LoopSocket.make(
        OwnedDescriptor(
          owning: Int32(truncatingIfNeeded: result), family: socket.family, type: socket.type),
        on: loop))
  }

  public func serve(
    _ handler: @escaping @Sendable (Connection) async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(loop) {
      try await withThrowingDiscardingTaskGroup { group in
        while true {
          let connection = try await self.accept()
          group.addTask(executorPreference: self.loop) {
            try? await connection.socket.withCancellationWatched {
              try await handler(connection)
            }
            try? await connection.close()
          }
        }
      }
    }
  }
}
