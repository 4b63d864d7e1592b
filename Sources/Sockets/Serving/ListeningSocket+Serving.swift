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
    let crew = try HandlerCrew(model: model, onFailure: onFailure, handler: handler)
    defer { _ = crew.finish() }
    var summary = try acceptLoop(until: stop, onFailure: onFailure) { connection, peer in
      crew.take(connection, peer)
      return .goOn
    }
    summary.failed = crew.finish()
    return summary
  }

  /// What the accept loop does after a connection was handed over.
  enum AcceptDecision { case goOn, stop }

  /// The one accept loop of the package's blocking servers.
  ///
  /// - Parameters:
  ///   - stop: ends the loop.
  ///   - onFailure: is told of pauses.
  ///   - waiting: waits for a connection, `false` to end the loop; `nil` waits for it or for the signal.
  ///   - take: is given each connection.
  /// - Returns: what was done.
  /// - Throws: ``SocketError`` when the listening socket is of no more use, and what `take` threw.
  func acceptLoop(
    until stop: StopSignal?,
    onFailure: @Sendable (ServingFailure) -> Void,
    waiting: (() throws(SocketError) -> Bool)? = nil,
    take: (consuming ConnectedSocket, SocketAddress) throws(SocketError) -> AcceptDecision
  ) throws(SocketError) -> ServingSummary {
    var summary = ServingSummary()
    var pause: Int64 = 0
    while true {
      let goesOn =
        if let waiting { try waiting() } else {
          try Wait.untilReadable(owned.number, or: stop?.descriptor.rawValue)
        }
      guard goesOn else { break }
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
