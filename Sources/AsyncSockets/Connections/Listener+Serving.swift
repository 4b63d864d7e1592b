// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

extension Listener {
  /// Serves clients until the task is cancelled: each connection is handed to the handler, in a task of its own on the loop
  /// that accepted it.
  ///
  ///     try await listener.serve { connection in
  ///       …
  ///     }
  ///
  /// - A connection is closed when its handler is done: gracefully when it returned, at once when it threw. A handler that
  ///   throws ends its own connection only.
  /// - When descriptors or memory run out, accepting pauses, from 5 ms doubling to one second or until one of the
  ///   server's own connections is closed, and goes on; clients wait in the backlog meanwhile.
  /// - When the task is cancelled, nothing more is accepted; handlers that run go on for ``ServingLimits/drain``, are
  ///   cancelled then, and the call returns when all have ended. The listener stays open: close it yourself.
  /// - Nobody else cancels a handler's task: `UnsafeCurrentTask.cancel()` ends what it begins afterwards, and no wait.
  ///
  /// - Parameters:
  ///   - limits: what clients may do.
  ///   - onFailure: is told what a handler threw, or why accepting paused (with no connection, and once for each
  ///     shortage, however often it pauses); on the loop's thread, so it must not block.
  ///   - onStatistics: is told the numbers whenever they change, in that order; on a loop's thread, so it must not block.
  ///   - handler: serves one connection.
  /// - Throws: `SocketError` when the listener is of no more use: cause `closed` when it was
  ///   closed. The handlers that ran have ended by then. A cancelled server returns without an error.
  ///
  /// The corresponding C function is `accept4`, repeated.
  public func serve(
    _ limits: ServingLimits = ServingLimits(),
    onFailure: @escaping @Sendable (Connection?, any Error) -> Void = { _, _ in },
    onStatistics: @escaping @Sendable (ServingStatistics) -> Void = { _ in },
    _ handler: @escaping @Sendable (Connection) async throws -> Void
  ) async throws(SocketError) {
    let server = Server(
      shards, limits, onFailure: onFailure, onStatistics: onStatistics, handler: handler)
    servers.withLock { $0.append(server) }
    defer { servers.withLock { $0.removeAll { $0 === server } } }
    let failure = await withTaskGroup(of: SocketError?.self) { group in
      for (place, shard) in shards.enumerated() {
        group.addTask(executorPreference: shard.socket.loop) { await server.serve(shard, place) }
      }
      var first: SocketError?
      for await failure in group {
        guard let failure else { continue }
        first = first ?? failure
        group.cancelAll()
      }
      return first
    }
    if let failure { throw failure }
  }
}
