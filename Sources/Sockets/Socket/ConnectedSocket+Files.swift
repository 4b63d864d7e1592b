// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

// Bytes that go from file to socket, or from socket to socket, without passing through the program.
extension ConnectedSocket {
  /// Sends a part of a file, without copying it through the program.
  ///
  /// - Parameters:
  ///   - file: an open file that can be mapped, such as a regular file; it is not closed, and its own position
  ///     is neither used nor moved.
  ///   - offset: where the part begins, in bytes; zero or more.
  ///   - byteCount: how many bytes; `nil` for all up to the end of the file.
  ///   - deadline: when to give up; it holds for the whole call. With one, the descriptor becomes
  ///     non-blocking and stays so (see ``SocketOwner/isNonBlocking()``): `sendfile` has no flag for it.
  /// - Returns: how many bytes were sent; fewer than asked for only when the file ended first.
  /// - Throws: ``SocketError`` as `write` does, and `EINVAL` when the file is not of a kind that can be sent,
  ///   `EBADF` when it is not open for reading; ``SocketError/bytesTransferred`` says how many bytes went.
  ///
  /// The corresponding C function is `sendfile`, repeated, with `SIGPIPE` held back.
  public func sendFile(
    _ file: FileDescriptor,
    from offset: Int64 = 0,
    byteCount: Int? = nil,
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    guard offset >= 0, byteCount ?? 0 >= 0 else {
      throw SocketError(.sendFile, .system(.invalidArgument))
    }
    var position = offset
    var sent = 0
    var retry = Retry()
    if deadline != .never { try makeNonBlocking(owned.number, .sendFile) }
    while sent < byteCount ?? .max {
      // The kernel moves at most 2 GiB a call (sendfile(2)); less keeps a deadline honest.
      let turn = min((byteCount ?? .max) - sent, deadline == .never ? 1 << 30 : 1 << 16)
      let count = Syscall.sendfile(
        owned.number, from: file.rawValue, offset: &position, count: turn)
      if count == 0 { break }
      if count > 0 {
        sent += count
        retry = Retry()
        if deadline.hasPassed && sent < byteCount ?? .max {
          throw SocketError(.sendFile, .deadlinePassed, bytesTransferred: sent)
        }
        continue
      }
      do throws(SocketError) {
        try Transfer.Call(self, .sendFile, deadline).waitToSend(after: count, &retry)
      } catch {
        var error = error
        error.bytesTransferred = sent
        throw error
      }
    }
    return sent
  }

  /// Sends as much of a part of a file as there is room for, without waiting, by one call: for loops.
  ///
  /// - Returns: how many bytes were sent, zero at the file's end; `nil` when it would have to wait.
  /// - Throws: ``SocketError`` as ``sendFile(_:from:byteCount:deadline:)`` does.
  package func trySendFile(
    _ file: FileDescriptor, from offset: Int64, byteCount: Int
  ) throws(SocketError) -> Int? {
    guard offset >= 0, byteCount >= 0 else {
      throw SocketError(.sendFile, .system(.invalidArgument))
    }
    try makeNonBlocking(owned.number, .sendFile)
    var position = offset
    let count = Syscall.sendfile(
      owned.number, from: file.rawValue, offset: &position, count: byteCount)
    if count >= 0 { return count }
    if Transfer.wouldBlock(count) { return nil }
    throw Transfer.Call(self, .sendFile, .now).error(count)
  }
}

/// For the calls that take no flag for it: with a deadline, the kernel must not do the waiting.
private func makeNonBlocking(
  _ descriptor: Int32, _ operation: SocketError.Operation
) throws(SocketError) {
  let status = Wait.setNonBlocking(descriptor, true)
  guard status >= 0 else { throw SocketError(operation, result: status) }
}

/// Moves bytes from one connection to another inside the kernel.
///
/// Linux moves them through a pipe, which this owns, so one is made for each direction of a relay and kept. What
/// has been taken from the source and not yet given to the target is in the pipe: ``pendingByteCount``.
///
///     var splice = try Splice()
///     while try splice.move(from: client, to: server, upTo: 65536) > 0 {}
///     try server.shutdown(.write)
///
/// The corresponding C function is `splice`.
public struct Splice: ~Copyable, Sendable {
  private let entry: OwnedDescriptor
  private let exit: OwnedDescriptor

  /// How many bytes have been taken from the source and not been given to the target.
  public private(set) var pendingByteCount = 0

  /// Makes the pipe.
  ///
  /// - Throws: ``SocketError`` with `EMFILE` or `ENFILE` when there are no two descriptors left.
  ///
  /// The corresponding C function is `pipe2`.
  public init() throws(SocketError) {
    var ends: (Int32, Int32) = (-1, -1)
    let status = Syscall.pipe(&ends, flags: Constants.socketCloseOnExec)
    guard status >= 0 else { throw SocketError(.splice, result: status) }
    exit = OwnedDescriptor(owning: ends.0, family: .unspecified, type: .stream)
    entry = OwnedDescriptor(owning: ends.1, family: .unspecified, type: .stream)
  }

  /// Moves what has come, at most as many bytes as asked for, waiting for the first.
  ///
  /// What an earlier call left pending is given to the target first.
  ///
  /// - Parameters:
  ///   - source: is read from.
  ///   - target: is written to.
  ///   - limit: the most bytes to take from the source; a pipe usually holds 65,536.
  ///   - deadline: when to give up; it holds for the whole call. With one, both descriptors become
  ///     non-blocking and stay so (see ``SocketOwner/isNonBlocking()``): the flag of `splice` is for pipes.
  /// - Returns: how many bytes reached the target; zero at the end of the source's stream.
  /// - Throws: ``SocketError`` with operation ``SocketError/Operation/splice`` as `read` and `write` do.
  ///   ``SocketError/bytesTransferred`` says how many bytes reached the target, ``pendingByteCount`` how many
  ///   are in the pipe: a later call goes on with them.
  ///
  /// The corresponding C function is `splice`, twice, with `SIGPIPE` held back.
  public mutating func move(
    from source: borrowing ConnectedSocket,
    to target: borrowing ConnectedSocket,
    upTo limit: Int,
    deadline: Deadline = .never
  ) throws(SocketError) -> Int {
    if deadline != .never {
      try makeNonBlocking(source.owned.number, .splice)
      try makeNonBlocking(target.owned.number, .splice)
    }
    if pendingByteCount == 0 {
      guard limit > 0 else { return 0 }
      pendingByteCount = try step(
        source.owned.number, entry.number, limit, waitingFor: source.owned.number,
        Constants.pollIn, deadline,
        stopsAtUrgent: source.type == .stream
          && (source.family == .ipv4 || source.family == .ipv6))
    }
    var moved = 0
    while pendingByteCount > 0 {
      do throws(SocketError) {
        let count = try step(
          exit.number, target.owned.number, pendingByteCount,
          waitingFor: target.owned.number, Constants.pollOut, deadline)
        // A pipe with bytes in it has no end.
        guard count > 0 else { throw SocketError(.splice, .malformed) }
        moved += count
        pendingByteCount -= min(count, pendingByteCount)
      } catch {
        var error = error
        error.bytesTransferred = moved
        throw error
      }
    }
    return moved
  }

  /// One `splice`; the pipe never makes it wait, so the socket's side is waited for.
  ///
  /// From TCP the kernel takes bytes up to the urgent one, and then behaves as at an end or as if nothing had come. A read goes on
  /// behind it.
  private func step(
    _ from: Int32,
    _ to: Int32,
    _ count: Int,
    waitingFor socket: Int32,
    _ events: Int16,
    _ deadline: Deadline,
    stopsAtUrgent: Bool = false
  ) throws(SocketError) -> Int {
    var retry = Retry()
    while true {
      let flags = Constants.spliceMove | (deadline == .never ? 0 : Constants.spliceNonBlocking)
      let result = Syscall.splice(
        from: from, to: to, count: count, flags: flags, isToSocket: to == socket)
      if result > 0 { return result }
      if Transfer.isOutOfMemory(result), retry.pauseForMemory(deadline) { continue }
      guard result == 0 || Transfer.wouldBlock(result) else {
        throw SocketError(.splice, result: result)
      }
      let isUrgent =
        stopsAtUrgent
        && Syscall.ioctlNumber(from, request: Constants.atMark, cName: "SIOCATMARK") > 0
      if isUrgent, let passed = try passUrgentByte(from, to) { return passed }
      if result == 0, !isUrgent { return 0 }
      try retry.waitUntilReady(events, socket, deadline: deadline, operation: .splice)
    }
  }

  /// Moves the byte behind the urgent one, which is dropped as every read drops it.
  ///
  /// - Returns: one; zero when the stream ends there; `nil` when nothing more has come.
  private func passUrgentByte(_ source: Int32, _ pipe: Int32) throws(SocketError) -> Int? {
    var byte: UInt8 = 0
    let count = Syscall.receiveByte(source, &byte)
    if Transfer.wouldBlock(count) { return nil }
    let written = count > 0 ? Syscall.writeByte(pipe, byte) : count
    guard written >= 0 else { throw SocketError(.splice, result: written) }
    return written
  }
}
