// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

/// Runs a server's handlers, in turn or by threads, and counts those that failed.
///
/// It belongs to the one thread that hands it connections.
final class HandlerCrew {
  typealias Handler = @Sendable (consuming ConnectedSocket, SocketAddress) throws -> Void

  private let limit: Int?
  private let onFailure: @Sendable (ServingFailure) -> Void
  private let handler: Handler
  /// Each thread writes one byte when it is done, so the counts need no lock.
  private let done: DoneCounter
  private var active = 0
  private var failed = 0

  init(
    model: ServingModel,
    onFailure: @escaping @Sendable (ServingFailure) -> Void,
    handler: @escaping Handler
  ) throws(SocketError) {
    switch model {
    case .oneAtATime: limit = nil
    case .threads(let atMost):
      precondition(atMost > 0, "a server by threads needs at least one thread")
      limit = atMost
    }
    self.onFailure = onFailure
    self.handler = handler
    done = try DoneCounter()
  }

  /// Has a connection served; returns when the next one can be taken.
  ///
  /// - Parameters:
  ///   - connection: the connection.
  ///   - peer: who it is from.
  ///   - whenDone: is told, on the handler's thread, whether the handler failed.
  func take(
    _ connection: consuming ConnectedSocket,
    _ peer: SocketAddress,
    whenDone: @escaping @Sendable (_ failed: Bool) -> Void = { _ in }
  ) {
    guard let limit else {
      let didFail = Self.run(handler, connection, peer, onFailure)
      failed += didFail ? 1 : 0
      whenDone(didFail)
      return
    }
    start(connection, peer, whenDone)
    active -= done.collect(&failed)
    while active >= limit { active -= done.wait(&failed) }
  }

  /// Waits for the handlers that run; returns how many failed in all.
  func finish() -> Int {
    while active > 0 { active -= done.wait(&failed) }
    return failed
  }

  private func start(
    _ connection: consuming ConnectedSocket,
    _ peer: SocketAddress,
    _ whenDone: @escaping @Sendable (Bool) -> Void
  ) {
    // A closure cannot consume what it captured, so the number travels and is owned again over there.
    let family = connection.family
    let type = connection.type
    let number = connection.release().rawValue
    let started = Thread.start(named: "connection") { [handler, onFailure, done] in
      let connection = ConnectedSocket(
        owned: OwnedDescriptor(owning: number, family: family, type: type)
      )
      let didFail = Self.run(handler, connection, peer, onFailure)
      whenDone(didFail)
      done.signal(failed: didFail)
    }
    guard started < 0 else {
      active += 1
      return
    }
    _ = Syscall.close(number)
    failed += 1
    onFailure(.accept(SocketError(.serve, result: started)))
    whenDone(true)
  }

  /// Runs a handler; whether it threw.
  private static func run(
    _ handler: Handler,
    _ connection: consuming ConnectedSocket,
    _ peer: SocketAddress,
    _ onFailure: @Sendable (ServingFailure) -> Void
  ) -> Bool {
    do {
      try handler(connection, peer)
      return false
    } catch {
      onFailure(.handler(error))
      return true
    }
  }
}
