// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

/// How a blocking server treats connections that come while earlier ones are still being served.
public enum ServingModel: Hashable, Sendable {
  /// One after the other: the next client waits in the backlog until this one is done.
  case oneAtATime
  /// Side by side, a thread each, at most so many; the next client waits in the backlog.
  case threads(atMost: Int)
}

/// What a server did, in counts.
public struct ServingSummary: Hashable, Sendable {
  /// Connections that were accepted.
  public var accepted = 0
  /// Connections whose handler, or worker, failed.
  public var failed = 0
  /// How often accepting had to pause, because descriptors or memory had run out.
  public var pauses = 0

  /// All zero.
  public init() {}
}

/// Something that went wrong while serving and did not end the server.
public enum ServingFailure: Sendable {
  /// A handler threw this; its connection is closed.
  case handler(any Error)
  /// Accepting failed with this and is paused.
  case accept(SocketError)
  /// A worker process could not be started, or ended badly.
  case worker(WorkerFailure)
}

extension ListeningSocket {
  /// Accepts connections and hands each to a handler, until told to stop.
  ///
  /// The listening socket goes on listening meanwhile, whatever the model. A handler that throws ends its own
  /// connection only. When descriptors or memory run out, accepting pauses, from 5 ms doubling to one second, and
  /// goes on; clients wait in the backlog. When it is told to stop it accepts no more, and returns when the
  /// handlers that run have returned.
  ///
  /// - Parameters:
  ///   - model: one at a time, or by threads.
  ///   - stop: ends the server; `nil` serves for ever.
  ///   - onFailure: is told what went wrong, on the thread where it did.
  ///   - handler: serves one connection, which is closed when the handler ends, if not before.
  /// - Returns: what was done.
  /// - Throws: ``SocketError`` when the listening socket is of no more use; the handlers that run have
  ///   returned by then.
  ///
  /// The corresponding C functions are `poll` and `accept4`.
  public func serve(
    by model: ServingModel = .oneAtATime,
    until stop: StopSignal? = nil,
    onFailure: @escaping @Sendable (ServingFailure) -> Void = { _ in },
    handler: @escaping @Sendable (consuming ConnectedSocket, SocketAddress) throws -> Void
  ) throws(SocketError) -> ServingSummary {
    switch model {
    case .oneAtATime:
      var failed = 0
      var summary = try acceptLoop(until: stop, onFailure: onFailure) { connection, peer in
        failed += Self.run(handler, connection, peer, onFailure)
        return .goOn
      }
      summary.failed = failed
      return summary
    case .threads(let limit):
      precondition(limit > 0, "a server by threads needs at least one thread")
      return try serveByThreads(limit, stop, onFailure, handler)
    }
  }

  /// Runs a handler; one when it threw, else zero.
  private static func run(
    _ handler: @Sendable (consuming ConnectedSocket, SocketAddress) throws -> Void,
    _ connection: consuming ConnectedSocket,
    _ peer: SocketAddress,
    _ onFailure: @Sendable (ServingFailure) -> Void
  ) -> Int {
    do {
      try handler(connection, peer)
      return 0
    } catch {
      onFailure(.handler(error))
      return 1
    }
  }

  private func serveByThreads(
    _ limit: Int,
    _ stop: StopSignal?,
    _ onFailure: @escaping @Sendable (ServingFailure) -> Void,
    _ handler: @escaping @Sendable (consuming ConnectedSocket, SocketAddress) throws -> Void
  ) throws(SocketError) -> ServingSummary {
    // Each thread writes one byte when it is done: the loop counts by itself and needs no lock.
    let done = try DoneCounter()
    var active = 0
    var failed = 0
    defer { while active > 0 { active -= done.wait(&failed) } }
    var summary = try acceptLoop(until: stop, onFailure: onFailure) { connection, peer in
      let family = connection.family
      let type = connection.type
      let number = connection.release().rawValue
      let started = Thread.start {
        let connection = ConnectedSocket(
          owned: OwnedDescriptor(owning: number, family: family, type: type)
        )
        done.signal(failed: Self.run(handler, connection, peer, onFailure) != 0)
      }
      if started >= 0 {
        active += 1
      } else {
        _ = Syscall.close(number)
        failed += 1
        onFailure(.accept(SocketError(.serve, result: started)))
      }
      active -= done.collect(&failed)
      while active >= limit { active -= done.wait(&failed) }
      return .goOn
    }
    while active > 0 { active -= done.wait(&failed) }
    summary.failed += failed
    return summary
  }

  /// What the accept loop does after a connection was handed over.
  enum AcceptDecision { case goOn, stop }

  /// The one accept loop of the package's blocking servers.
  ///
  /// - Parameters:
  ///   - stop: ends the loop.
  ///   - onFailure: is told of pauses.
  ///   - take: is given each connection.
  /// - Returns: what was done.
  /// - Throws: ``SocketError`` when the listening socket is of no more use, and what `take` threw.
  func acceptLoop(
    until stop: StopSignal?,
    onFailure: @Sendable (ServingFailure) -> Void,
    take: (consuming ConnectedSocket, SocketAddress) throws(SocketError) -> AcceptDecision
  ) throws(SocketError) -> ServingSummary {
    var summary = ServingSummary()
    var pause: Int64 = 0
    while try Wait.untilReadable(owned.number, or: stop?.descriptor.rawValue) {
      var peer = SocketAddress()
      let connection: ConnectedSocket?
      do throws(SocketError) {
        connection = try tryAccept(from: &peer)
        pause = 0
      } catch {
        guard error.acceptAdvice != .listenerDead else { throw error }
        // One report for a pause that goes on, not one for each try.
        if pause == 0 { onFailure(.accept(error)) }
        pause = pause == 0 ? 5_000_000 : min(pause * 2, 1_000_000_000)
        summary.pauses += 1
        if Wait.pause(nanoseconds: pause, unless: stop?.descriptor.rawValue) { break }
        continue
      }
      guard let connection else { continue }
      summary.accepted += 1
      if try take(connection, peer) == .stop { break }
    }
    return summary
  }
}
