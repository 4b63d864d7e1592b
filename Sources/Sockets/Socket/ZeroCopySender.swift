// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets
internal import SystemPackage

/// A socket that sends without copying: the kernel takes the bytes out of the caller's pages while it sends them.
///
///     var sender = try ZeroCopySender(connection)
///     let sent = try sender.send(pages)
///     …
///     try sender.wait(for: sent)
///     let pages = sent.takePages()
///
/// Worth its price from about ten kilobytes a call on; below, the bookkeeping costs more than the copy. Over loopback, and to
/// interfaces that cannot gather, the kernel copies all the same and says so.
///
/// The corresponding C constants are `SO_ZEROCOPY` and `MSG_ZEROCOPY`.
public struct ZeroCopySender<Owner: DataSocket & ~Copyable>: ~Copyable, Sendable {
  /// The socket, for everything else.
  ///
  /// Nobody else may send from it by `MSG_ZEROCOPY` or read its error queue.
  public let socket: Owner
  /// The number that the kernel will give to the next call; it counts per socket, and begins anew after 2^32.
  private var nextNumber: UInt32 = 0
  /// What has been sent and not been released, oldest first.
  private var flights: [Flight] = []
  /// Records of the error queue that were about something else, in their order.
  public private(set) var otherRecords: [ErrorQueueRecord] = []

  /// Takes over a socket from which nothing has been sent without copying before.
  ///
  /// - Parameter socket: a TCP, UDP, raw, packet or vsock socket; it is closed with the sender.
  /// - Throws: ``SocketError`` with `EOPNOTSUPP` for a family that cannot (a Unix socket), `ENOPROTOOPT` before
  ///   Linux 4.14. The socket is closed then.
  ///
  /// The corresponding C constant is `SO_ZEROCOPY`.
  public init(_ socket: consuming Owner) throws(SocketError) {
    try Options.set(
      SocketOption(
        level: CS_SOL_SOCKET, name: CS_SO_ZEROCOPY, cName: "SO_ZEROCOPY", coding: .flag),
      to: true, of: socket.descriptor.rawValue)
    self.socket = socket
  }

  /// Ends the sender and gives the socket back; what is on its way goes on.
  ///
  /// - Returns: the socket.
  public consuming func release() -> Owner { socket }

  /// How many calls have not been released yet, as far as is known.
  public var pendingCount: Int { flights.count }

  /// Sends pages without copying them.
  ///
  /// When the kernel has no room for the bookkeeping (`ENOBUFS`; see `net.core.optmem_max`), it is done by copying.
  ///
  /// - Parameters:
  ///   - pages: what to send: all its bytes.
  ///   - address: who a datagram is for, or `nil` for the peer that the socket is connected to.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Returns: the pages while they are the kernel's: they can be read, not changed.
  /// - Throws: ``SocketError`` as `write` and `sendDatagram` do, with the count of the bytes that went; the pages are
  ///   given up then.
  ///
  /// The corresponding C function is `sendmsg` with `MSG_ZEROCOPY`.
  public mutating func send(
    _ pages: consuming PageBuffer, to address: SocketAddress? = nil, deadline: Deadline = .never
  ) throws(SocketError) -> SentPages {
    let flight = Flight(first: nextNumber)
    var sent = 0
    let total = pages.byteCount
    repeat {
      let (count, isCopied) = try sendOnce(pages, from: sent, to: address, deadline)
      sent += count
      // Only a call that took bytes without copying is given a number.
      if count > 0, !isCopied {
        nextNumber &+= 1
        flight.add()
      }
      if isCopied { flight.noteCopy() }
    } while sent < total && socket.type == .stream
    if !flight.isReleased { flights.append(flight) }
    return SentPages(pages, flight)
  }

  private func sendOnce(
    _ pages: borrowing PageBuffer, from start: Int, to address: SocketAddress?,
    _ deadline: Deadline
  ) throws(SocketError) -> (count: Int, isCopied: Bool) {
    do throws(SocketError) {
      let count = try pages.withBytes { (bytes) throws(SocketError) in
        try socket.sendMessage(
          bytes.extracting(droppingFirst: start), to: address, flags: .zeroCopy,
          deadline: deadline)
      }
      return (count, false)
    } catch {
      guard error.errno == .noBufferSpace else { throw error.moved(start) }
    }
    do throws(SocketError) {
      let count = try pages.withBytes { (bytes) throws(SocketError) in
        try socket.sendMessage(
          bytes.extracting(droppingFirst: start), to: address, deadline: deadline)
      }
      return (count, true)
    } catch {
      throw error.moved(start)
    }
  }

  /// Waits until the kernel has released the pages of one call.
  ///
  /// - Parameters:
  ///   - sent: what ``send(_:to:deadline:)`` returned.
  ///   - deadline: when to give up; the pages stay the kernel's then, and it can be waited for again.
  /// - Throws: ``SocketError`` with cause ``SocketError/Cause/deadlinePassed``; an error of reading the error queue.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_ERRQUEUE`.
  public mutating func wait(
    for sent: borrowing SentPages, deadline: Deadline = .never
  ) throws(SocketError) {
    var signals = 0
    while !sent.isReleased {
      if try collect() { continue }
      try ErrorQueue.wait(
        Transfer.Call(socket, .receiveMessage, deadline), &signals, throwsPendingError: false)
    }
  }

  /// Asks the kernel what it has released by now, and never waits.
  ///
  /// - Returns: whether it had anything to say.
  /// - Throws: ``SocketError`` of reading the error queue.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_ERRQUEUE`.
  @discardableResult
  public mutating func collect() throws(SocketError) -> Bool {
    guard let record = try socket.tryReceiveError(payloadLimit: 0) else { return false }
    guard record.error.origin == .zeroCopy else {
      otherRecords.append(record)
      return true
    }
    // The record is of all the calls from one number to another, both counted.
    let first = record.error.information
    let count = record.error.data &- first &+ 1
    let isCopied = record.error.code & UInt8(CS_SO_EE_CODE_ZEROCOPY_COPIED) != 0
    for flight in flights { flight.land(first, count, isCopied: isCopied) }
    flights.removeAll { $0.isReleased }
    return true
  }
}

/// Pages that were sent without copying, until the kernel has released them.
///
/// When it ends before that, the memory goes back to the system, and what the kernel has still to send of it is sent all
/// the same: the pages themselves live as long as somebody needs them.
public struct SentPages: ~Copyable, Sendable {
  private let pages: PageBuffer
  private let flight: Flight

  init(_ pages: consuming PageBuffer, _ flight: Flight) {
    self.pages = pages
    self.flight = flight
  }

  /// Whether the kernel has released the pages, as far as the sender has been told: it asks in
  /// ``ZeroCopySender/collect()`` and ``ZeroCopySender/wait(for:deadline:)``.
  public var isReleased: Bool { flight.isReleased }

  /// Whether the kernel has copied some of the bytes all the same, so that it was not worth it.
  ///
  /// The corresponding C constant is `SO_EE_CODE_ZEROCOPY_COPIED`.
  public var wasCopied: Bool { flight.wasCopied }

  /// Takes the pages back, to be written again.
  ///
  /// - Returns: the pages, or `nil` when they are the kernel's still: then they are given up.
  public consuming func takePages() -> PageBuffer? {
    guard flight.isReleased else { return nil }
    return pages
  }
}

/// The calls of one ``ZeroCopySender/send(_:to:deadline:)`` that the kernel has not reported yet.
package final class Flight: Sendable {
  private struct State {
    var left: UInt32 = 0
    var count: UInt32 = 0
    var wasCopied = false
  }

  private let first: UInt32
  private let state = Guarded(State())

  package init(first: UInt32) { self.first = first }

  package var isReleased: Bool { state.withLock { $0.left == 0 } }
  package var wasCopied: Bool { state.withLock { $0.wasCopied } }

  /// One more call has gone.
  package func add() {
    state.withLock { state in
      state.left += 1
      state.count += 1
    }
  }

  func noteCopy() { state.withLock { $0.wasCopied = true } }

  /// The kernel reports so many calls from a number on; those that are of this flight have landed.
  package func land(_ number: UInt32, _ count: UInt32, isCopied: Bool) {
    state.withLock { state in
      // Distances from the flight's first number: the numbers begin anew after 2^32, the distances do not.
      let begin = Int64(Int32(bitPattern: number &- first))
      let landed = min(begin + Int64(count), Int64(state.count)) - max(begin, 0)
      guard landed > 0 else { return }
      state.left -= min(state.left, UInt32(landed))
      if isCopied { state.wasCopied = true }
    }
  }
}

extension SocketError {
  /// The same error of a call of which so many bytes had gone before.
  fileprivate func moved(_ byteCount: Int) -> SocketError {
    var error = self
    error.bytesTransferred += byteCount
    return error
  }
}
