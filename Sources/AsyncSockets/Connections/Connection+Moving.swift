// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// What is the core's own call, attempted without waiting, and a wait in between: several pieces, files, other connections.

public import Sockets
public import SystemPackage

extension Connection {
  /// Writes several pieces one after the other, as if they were one.
  ///
  /// On records all the pieces together are one record. Empty pieces are fine.
  ///
  /// - Parameters:
  ///   - pieces: what to send, in order.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` as ``write(_:deadline:)-(RawSpan,_)`` does; `EMSGSIZE` also for a record of more than
  ///   1,024 pieces. `SocketError.bytesTransferred` says how many bytes the kernel had taken.
  ///
  /// The corresponding C function is `writev`, done by `sendmsg` with `MSG_NOSIGNAL`, repeated.
  public func write(
    gathering pieces: [[UInt8]], deadline: Deadline = .never
  ) async throws(SocketError) {
    var left = pieces
    _ = try await moving(.write, .writable, deadline) { connected throws(SocketError) in
      do throws(SocketError) {
        try connected.write(gathering: left, deadline: .now)
        return (0, true)
      } catch {
        left.removeFirstBytes(error.bytesTransferred)
        return (try error.progress, false)
      }
    }
  }

  /// Sends a part of a file, without copying it through the program.
  ///
  /// - Parameters:
  ///   - file: an open file that can be mapped, such as a regular file; its own position is neither used nor moved. A
  ///     file that is not in memory holds the loop up while it is read.
  ///   - offset: where the part begins, in bytes.
  ///   - byteCount: how many bytes; `nil` for all up to the end of the file.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Returns: how many bytes were sent; fewer than asked for only when the file ended first.
  /// - Throws: `SocketError` as ``write(_:deadline:)-(RawSpan,_)`` does, and `EINVAL` when the file is not of a kind that
  ///   can be sent, `EBADF` when it is not open for reading.
  ///
  /// The corresponding C function is `sendfile`, repeated.
  @discardableResult
  public func sendFile(
    _ file: FileDescriptor, from offset: Int64 = 0, byteCount: Int? = nil,
    deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    var position = offset
    var left = byteCount ?? .max
    return try await moving(.sendFile, .writable, deadline) { connected throws(SocketError) in
      guard left != 0 else { return (0, true) }
      // Others on the loop wait meanwhile.
      let turn = min(left, Self.fileTurn)
      let sent = try connected.trySendFile(file, from: position, byteCount: turn)
      guard let sent else { return (0, false) }
      position += Int64(sent)
      left -= sent
      return (sent, sent == 0 || left == 0)
    }
  }

  /// How much of a file one call gives to the kernel, which takes no more of it than there is room for.
  private static let fileTurn = 1 << 21

  /// Moves what comes on this connection to another, inside the kernel, until this one's stream ends.
  ///
  /// One direction of a proxy: two of them in two tasks are one. The other connection stays open for writing; end it
  /// by ``shutdown(_:)``, which is how the end is passed on.
  ///
  /// - Parameters:
  ///   - target: where the bytes go; another connection than this, of any loop.
  ///   - deadline: when to give up; it holds for the whole call.
  ///   - onProgress: is told how many bytes have reached the other connection since it was told last.
  /// - Returns: how many bytes were moved.
  /// - Throws: `SocketError` with operation `splice` as reading and writing do; `SocketError.bytesTransferred` says how
  ///   many bytes had reached the other connection. Up to 64 KiB that were taken may be lost then.
  ///
  /// The corresponding C function is `splice`, repeated.
  @discardableResult
  public func splice(
    to target: Connection, deadline: Deadline = .never,
    onProgress: (Int) -> Void = { _ in }
  ) async throws(SocketError) -> Int {
    precondition(target !== self, "a connection cannot be moved to itself")
    var pipe = try Splice()
    var pauses = MemoryPauses()
    var moved = 0
    // Each of the two may be used only for so long.
    let deadline = Deadline(
      nanoseconds: min(
        deadline.nanoseconds, socket.lastInstant.nanoseconds,
        target.socket.lastInstant.nanoseconds))
    while true {
      var status = min(socket.permission, target.socket.permission)
      guard status >= 0 else {
        throw SocketError(.splice, loopResult: status, bytesTransferred: moved)
      }
      do throws(SocketError) {
        let count = try withBoth(self, target) { source, target throws(SocketError) in
          try pipe.move(from: source, to: target, upTo: 1 << 16, deadline: .now)
        }
        if count == 0 {
          socket.noteEnd()
          return moved
        }
        moved += count
        onProgress(count)
        pauses = MemoryPauses()
        // Where there is always something to move nothing waits for the deadline.
        if deadline.hasPassed { status = LoopResult.deadlinePassed }
        await socket.loop.takeTurn(isDone: false)
      } catch {
        moved += error.bytesTransferred
        if error.bytesTransferred > 0 {
          onProgress(error.bytesTransferred)
          pauses = MemoryPauses()
        }
        if error.cause != .deadlinePassed {
          guard let pause = pauses.next(after: error) else {
            throw error.withCount(moved)
          }
          status = await socket.loop.sleep(nanoseconds: pause, deadline: deadline)
        } else if pipe.pendingByteCount > 0 {
          status = await target.socket.wait(for: .writable, deadline: deadline)
        } else {
          status = await socket.wait(for: .readable, deadline: deadline)
        }
      }
      guard status >= 0 else {
        throw SocketError(.splice, loopResult: status, bytesTransferred: moved)
      }
    }
  }

  /// Lends both sockets, always in the same order: two tasks that move in opposite directions would wait for each other.
  private func withBoth<R>(
    _ source: Connection, _ target: Connection,
    _ body: (borrowing ConnectedSocket, borrowing ConnectedSocket) throws(SocketError) -> R
  ) throws(SocketError) -> R {
    if ObjectIdentifier(source) < ObjectIdentifier(target) {
      try source.lent(to: .splice) { source throws(SocketError) in
        try target.lent(to: .splice) { target throws(SocketError) in try body(source, target) }
      }
    } else {
      try target.lent(to: .splice) { target throws(SocketError) in
        try source.lent(to: .splice) { source throws(SocketError) in try body(source, target) }
      }
    }
  }

  /// Does something of the core that does not wait, as often as it takes, waiting in between.
  ///
  /// - Parameters:
  ///   - operation: its name for errors.
  ///   - readiness: what to wait for.
  ///   - deadline: when to give up.
  ///   - attempt: says how many bytes it moved, and whether that was all; none means that it must wait.
  /// - Returns: how many bytes were moved in all.
  /// - Throws: what an attempt threw, and the ends of waits, with the count of all bytes.
  private func moving(
    _ operation: SocketError.Operation, _ readiness: Operation.Kind, _ deadline: Deadline,
    _ attempt: (borrowing ConnectedSocket) throws(SocketError) -> (Int, isDone: Bool)
  ) async throws(SocketError) -> Int {
    var pauses = MemoryPauses()
    var moved = 0
    while true {
      var status = socket.permission
      guard status >= 0 else {
        throw SocketError(operation, loopResult: status, bytesTransferred: moved)
      }
      do throws(SocketError) {
        let (count, isDone) = try lent(to: operation) { connected throws(SocketError) in
          try attempt(connected)
        }
        moved += count
        if count > 0 { pauses = MemoryPauses() }
        if isDone || count > 0 { await socket.loop.takeTurn(isDone: isDone) }
        if isDone { return moved }
        if count == 0 {
          status = await socket.wait(for: readiness, deadline: deadline)
        } else if deadline.hasPassed {
          // Where there is always room nothing waits for it.
          status = LoopResult.deadlinePassed
        }
      } catch {
        moved += error.bytesTransferred
        if error.bytesTransferred > 0 { pauses = MemoryPauses() }
        guard let pause = pauses.next(after: error) else { throw error.withCount(moved) }
        status = await socket.loop.sleep(nanoseconds: pause, deadline: deadline)
      }
      guard status >= 0 else {
        throw SocketError(operation, loopResult: status, bytesTransferred: moved)
      }
    }
  }
}

/// How long to wait when the kernel has no memory for the moment: ten pauses, a second in all.
struct MemoryPauses {
  private var nanoseconds: Int64 = 1_000_000

  /// The next pause, or `nil` when the error is another or it has lasted too long.
  mutating func next(after error: SocketError) -> Int64? {
    guard error.errno == .noBufferSpace || error.errno == .noMemory else { return nil }
    return next()
  }

  /// The next pause, or `nil` when it has lasted too long.
  mutating func next() -> Int64? {
    guard nanoseconds <= 512_000_000 else { return nil }
    defer { nanoseconds *= 2 }
    return nanoseconds
  }
}

extension SocketError {
  /// How many bytes an attempt moved that ended because it would have had to wait; any other error is thrown.
  fileprivate var progress: Int {
    get throws(SocketError) {
      guard cause == .deadlinePassed else { throw self }
      return bytesTransferred
    }
  }

  /// The same error, after so many bytes in all.
  fileprivate func withCount(_ byteCount: Int) -> SocketError {
    var error = self
    error.bytesTransferred = byteCount
    return error
  }
}

extension [[UInt8]] {
  /// Drops so many bytes from the beginning of the first pieces.
  fileprivate mutating func removeFirstBytes(_ byteCount: Int) {
    var left = byteCount
    while let first, left >= first.count {
      left -= first.count
      removeFirst()
    }
    if left > 0, let first { self[0] = Array<UInt8>(first.dropFirst(left)) }
  }
}
