// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import Sockets
import SystemPackage

/// How many bytes a served connection moved.
final class ServedCounts: Sendable {
  private let counts = Guarded((received: 0, sent: 0))

  var received: Int { counts.withLock { $0.received } }
  var sent: Int { counts.withLock { $0.sent } }

  func add(received: Int = 0, sent: Int = 0) {
    counts.withLock {
      $0.received += received
      $0.sent += sent
    }
  }
}

/// What a server does with each connection.
enum ServedAction: Sendable {
  /// Everything is sent back (RFC 862).
  case echo
  /// Everything is dropped (RFC 863).
  case discard
  /// Lines of characters without an end (RFC 864).
  case characters
  /// A command has the connection as its standard input and output.
  case command(String)
}

/// The lines that a generator of characters sends (RFC 864, section "Data Syntax").
enum CharacterLines {
  /// All the lines of one round: 95 of 72 characters.
  static let round: [UInt8] = (0..<95).flatMap { line(UInt($0)) }

  /// One line, with CR and LF.
  static func line(_ number: UInt) -> [UInt8] {
    (0..<72).map { UInt8(truncatingIfNeeded: 0x20 + (number + $0) % 95) } + [0x0d, 0x0a]
  }
}

/// Serves one connection by echo, discard or characters, and ends it well when the server is stopped.
///
/// When the server's task is cancelled so is each connection's. What the peer had sent by then is still answered, in a task of its
/// own; only then the connection is closed.
struct ServedStream: Sendable {
  /// How long a connection that was in the middle of something may go on after a stop, and one that was idle.
  private static let grace = Duration.seconds(1)
  private static let idleGrace = Duration.milliseconds(50)

  let connection: Connection
  let counts: ServedCounts

  private static let bufferByteCount = 1 << 16

  // MARK: Echo and discard

  /// Sends back, or drops, what comes until the peer's end.
  func answer(echoing: Bool) async throws {
    do {
      try await pass(echoing: echoing)
    } catch let error as SocketError where error.cause == .cancelled {
      // Only a cancelled read is an idle connection's; a cancelled write has a rest.
      await finish(nil, echoing: echoing)
    } catch let rest as Unsent {
      await finish(rest.bytes, echoing: echoing)
    }
  }

  /// Bytes that were to be sent back when the server was stopped.
  private struct Unsent: Error {
    var bytes: [UInt8]
  }

  private func pass(echoing: Bool) async throws {
    var buffer: [UInt8] = []
    while let count = try await next(into: &buffer) {
      counts.add(received: count)
      guard echoing else { continue }
      do throws(SocketError) {
        try await send(buffer[..<count])
      } catch {
        counts.add(sent: error.bytesTransferred)
        guard error.cause == .cancelled else { throw error }
        throw Unsent(bytes: Array(buffer[error.bytesTransferred..<count]))
      }
      counts.add(sent: count)
    }
  }

  /// What comes next, bytes of a stream or a record; `nil` at the peer's end.
  private func next(
    into buffer: inout [UInt8], deadline: Deadline = .never
  ) async throws(SocketError) -> Int? {
    guard connection.type == .stream else {
      return try await connection.nextRecord(into: &buffer, deadline: deadline)
    }
    if buffer.isEmpty {
      // An idle connection has no buffer.
      try await connection.waitUntilReadable(deadline: deadline)
      buffer = [UInt8](repeating: 0, count: Self.bufferByteCount)
    }
    let count = try await connection.read(into: &buffer, deadline: deadline)
    return count == 0 ? nil : count
  }

  private func send(
    _ bytes: ArraySlice<UInt8>, deadline: Deadline = .never
  ) async throws(SocketError) {
    guard connection.type == .stream else {
      return try await connection.sendRecord(bytes, deadline: deadline)
    }
    try await connection.write(bytes, deadline: deadline)
  }

  /// Answers what is there, after the server was stopped.
  ///
  /// - Parameters:
  ///   - rest: what was to be sent back then; `nil` for nothing, which is no record without bytes.
  ///   - echoing: whether what comes is sent back.
  private func finish(_ rest: [UInt8]?, echoing: Bool) async {
    let task = Task(executorPreference: connection.loop) { () async -> Void in
      let end = Deadline.after(Self.grace)
      let idleEnd = Deadline.after(Self.idleGrace)
      var isIdle = rest == nil
      do {
        if let rest {
          try await send(rest[...], deadline: end)
          counts.add(sent: rest.count)
        }
        var buffer: [UInt8] = []
        // What has come by now; from a peer that sends without a pause, what comes until the grace is over.
        while !end.hasPassed, let count = try await next(into: &buffer, deadline: .now) {
          isIdle = false
          counts.add(received: count)
          guard echoing else { continue }
          try await send(buffer[..<count], deadline: end)
          counts.add(sent: count)
        }
      } catch {
        // Nothing more has come; or the peer is gone or does not read, and cannot be answered.
      }
      try? await connection.closeGracefully(deadline: isIdle ? idleEnd : end)
    }
    await task.value
  }

  // MARK: Characters

  /// Sends lines until the peer goes, dropping what it sends.
  func generate() async throws {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask {
          var buffer: [UInt8] = []
          while let count = try await next(into: &buffer) { counts.add(received: count) }
        }
        group.addTask {
          while true {
            try await connection.write(CharacterLines.round)
            counts.add(sent: CharacterLines.round.count)
          }
        }
        // A peer that has ended its half still reads: only a failed write is the end.
        while try await group.next() != nil {}
      }
    } catch let error as SocketError {
      counts.add(sent: error.operation == .write ? error.bytesTransferred : 0)
      // That the peer goes is how this ends.
      let isOrdinary = error.errno == .brokenPipe || error.errno == .connectionReset
      guard isOrdinary || error.cause == .cancelled else { throw error }
    }
  }
}
