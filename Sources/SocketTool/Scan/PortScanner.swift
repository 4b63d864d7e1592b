// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// How a port is.
enum PortState: String, Sendable {
  /// A connection was accepted.
  case open
  /// A connection was refused: the machine is there, and nobody listens.
  case closed
  /// Nothing came back, or somebody said that it is not allowed or not possible.
  case filtered
}

/// What was found out about a port.
struct ScannedPort: Sendable {
  var port: UInt16
  var state: PortState
  /// Why it counts as filtered.
  var reason: String?
  /// How long the answer took.
  var milliseconds: Double?
}

/// Tries ports by connecting to them, some at once.
struct PortScanner: Sendable {
  let address: IPAddress
  let source: IPAddress?
  let timeout: Duration
  let concurrency: Int
  /// How many connections a second are begun at most.
  let rate: Int?

  /// Tries the ports.
  ///
  /// - Parameters:
  ///   - ports: which ones.
  ///   - loop: where the sockets are to be.
  ///   - tell: is told each port, as its answer comes.
  /// - Throws: `SocketError` of this machine; `CancellationError`.
  func run(
    _ ports: [UInt16], on loop: EventLoop, _ tell: (ScannedPort) -> Void
  ) async throws {
    var pace = rate.map { ScanPace(rate: $0, start: Deadline.now.nanoseconds) }
    try await withThrowingTaskGroup(of: Event.self) { group in
      defer { group.cancelAll() }
      var underWay = 0
      var isDue = true
      var next = ports.makeIterator()
      var waiting = next.next()
      while true {
        while isDue, underWay < concurrency, let port = waiting {
          underWay += 1
          waiting = next.next()
          group.addTask(executorPreference: loop) { .settled(try await scan(port, on: loop)) }
          guard waiting != nil, let due = pace?.next(at: Deadline.now.nanoseconds) else { continue }
          isDue = false
          let instant = Deadline(nanoseconds: due)
          group.addTask(executorPreference: loop) {
            if await loop.sleep(until: instant) < 0 { throw CancellationError() }
            return .due
          }
        }
        switch try await group.next() {
        case .due?: isDue = true
        case .settled(let found)?:
          underWay -= 1
          tell(found)
        case nil: return
        }
      }
    }
  }

  /// What a child task has to tell.
  private enum Event: Sendable {
    /// The next connection may be begun.
    case due
    case settled(ScannedPort)
  }

  /// Errors of a machine that has too much to do: they pass.
  private static let passing: [Errno] = [
    .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory,
    .addressNotAvailable, .resourceTemporarilyUnavailable,
  ]

  private func scan(_ port: UInt16, on loop: EventLoop) async throws -> ScannedPort {
    let target = SocketAddress.ip(address, port: Port(port))
    var attempts = 0
    while true {
      do {
        let result = try await ConnectProbe.run(
          to: target, from: source, timeToLive: nil, deadline: .after(timeout), on: loop)
        if case .failed(let error, nil, _) = result, let errno = error.errno,
          Self.passing.contains(errno), attempts < 100
        {
          throw error
        }
        return Self.judge(result, port)
      } catch let error as SocketError {
        guard let errno = error.errno, Self.passing.contains(errno), attempts < 100 else {
          throw error
        }
        attempts += 1
        if await loop.sleep(nanoseconds: 50_000_000) < 0 { throw CancellationError() }
      }
    }
  }

  private static func judge(_ result: ConnectProbe.Result, _ port: UInt16) -> ScannedPort {
    switch result {
    case .answered(let manner, let nanoseconds):
      return ScannedPort(
        port: port, state: manner == .accepted ? .open : .closed,
        milliseconds: Double(nanoseconds) / 1e6)
    case .silent: return ScannedPort(port: port, state: .filtered, reason: "no answer")
    case .failed(let error, let record, _):
      let text = record.flatMap(ICMPReason.init)?.text ?? ProbeText.reason(error)
      let sender = record?.offender?.ip.map { ", says \($0.address)" } ?? ""
      return ScannedPort(port: port, state: .filtered, reason: text + sender)
    }
  }
}
