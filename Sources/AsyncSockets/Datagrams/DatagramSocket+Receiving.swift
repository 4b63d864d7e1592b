// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

extension DatagramSocket {
  /// Receives one message.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts and the sender; a message of zero bytes is one. A longer message than the buffer is cut, which
  ///   is told.
  /// - Throws: `SocketError` with `ECONNREFUSED` on a connected socket when an earlier message was refused; causes
  ///   `cancelled`, `deadlinePassed`, `closed`. No message was taken then.
  ///
  /// The corresponding C function is `recvfrom`.
  public func receive(
    into buffer: inout MutableRawSpan, deadline: Deadline = .never
  ) async throws(SocketError) -> ReceivedDatagram {
    var pace = try begin(.receiveDatagram)
    while true {
      let received = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.tryReceiveDatagram(into: &buffer)
      }
      if let received { return await pace.done(received) }
      try await wait(for: .readable, deadline, &pace)
    }
  }

  /// Receives one message over the array's elements; see ``receive(into:deadline:)-(MutableRawSpan,_)``.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning; it keeps its count.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts and the sender.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `recvfrom`.
  public func receive(
    into buffer: inout [UInt8], deadline: Deadline = .never
  ) async throws(SocketError) -> ReceivedDatagram {
    var pace = try begin(.receiveDatagram)
    while true {
      let received = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.receiveIfAny(into: &buffer)
      }
      if let received { return await pace.done(received) }
      try await wait(for: .readable, deadline, &pace)
    }
  }

  /// Receives one message with its control messages; see `receiveMessage` of the core.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - control: where the control messages go.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts, the sender and the flags.
  /// - Throws: `SocketError` as ``receive(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `recvmsg`.
  public func receiveMessage(
    into buffer: inout MutableRawSpan, control: inout ControlBuffer, deadline: Deadline = .never
  ) async throws(SocketError) -> ReceivedMessage {
    var pace = try begin(.receiveMessage)
    while true {
      let message = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.tryReceiveMessage(into: &buffer, control: &control)
      }
      if let message { return await pace.done(message) }
      try await wait(for: .readable, deadline, &pace)
    }
  }

  /// Receives one message with its control messages over the array's elements; see
  /// ``receiveMessage(into:control:deadline:)-(MutableRawSpan,_,_)``.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning; it keeps its count.
  ///   - control: where the control messages go.
  ///   - deadline: when to give up waiting.
  /// - Returns: the counts, the sender and the flags.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `recvmsg`.
  public func receiveMessage(
    into buffer: inout [UInt8], control: inout ControlBuffer, deadline: Deadline = .never
  ) async throws(SocketError) -> ReceivedMessage {
    var pace = try begin(.receiveMessage)
    while true {
      let message = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.tryReceiveMessage(into: &buffer, control: &control)
      }
      if let message { return await pace.done(message) }
      try await wait(for: .readable, deadline, &pace)
    }
  }

  /// Receives as many messages as have come, by one call, waiting for the first.
  ///
  /// - Parameters:
  ///   - batch: gets the messages; at least one when the call returns.
  ///   - deadline: when to give up waiting.
  /// - Throws: `SocketError` as ``receive(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `recvmmsg`.
  public func receiveBatch(
    into batch: inout DatagramBatch, deadline: Deadline = .never
  ) async throws(SocketError) {
    var pace = try begin(.receiveBatch)
    while true {
      let hasCome = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.tryReceiveBatch(into: &batch)
      }
      if hasCome { return await pace.done() }
      try await wait(for: .readable, deadline, &pace)
    }
  }

  /// Takes one record out of the error queue, waiting for one: why something that was sent did not arrive.
  ///
  /// The kernel keeps records where an option asks for them, `receivesErrorsIPv4` for example.
  ///
  /// - Parameter deadline: when to give up waiting.
  /// - Returns: the record.
  /// - Throws: `SocketError` with `EOPNOTSUPP` when this family has no error queue; causes `cancelled`, `deadlinePassed`,
  ///   `closed`.
  ///
  /// The corresponding C function is `recvmsg` with `MSG_ERRQUEUE`.
  public func receiveError(
    deadline: Deadline = .never
  ) async throws(SocketError) -> ErrorQueueRecord {
    var pace = try begin(.receiveMessage)
    while true {
      let record = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.tryReceiveError()
      }
      if let record { return await pace.done(record) }
      // That there is no error says nothing of messages, for which others may wait.
      try await wait(for: .readable, deadline, &pace, isElsewhere: true)
    }
  }

  /// The messages, as they come.
  ///
  /// - Parameter limit: the most bytes of one; a longer one is cut, which is told.
  /// - Returns: the messages, each in memory of its own. It ends when the socket is closed or the task is cancelled.
  public func datagrams(limit: Int = 65535) -> Datagrams { Datagrams(socket: self, limit: limit) }

  /// A message that came.
  public struct Datagram: Hashable, Sendable {
    /// Its bytes.
    public var bytes: [UInt8]
    /// Who sent it.
    public var sender: SocketAddress
    /// Whether it was longer, and its rest is lost.
    public var isTruncated: Bool
  }

  /// The messages of a socket, one after the other.
  public struct Datagrams: AsyncSequence, AsyncIteratorProtocol {
    /// What the sequence is of.
    public typealias Element = Datagram
    /// What ends it early.
    public typealias Failure = SocketError

    let socket: DatagramSocket
    let limit: Int
    private var buffer: [UInt8] = []

    init(socket: DatagramSocket, limit: Int) {
      self.socket = socket
      self.limit = Swift.max(0, limit)
    }

    /// The sequence itself; there is one socket.
    public func makeAsyncIterator() -> Self { self }

    /// The next message.
    ///
    /// - Returns: the message; `nil` when the socket was closed or the task is cancelled.
    /// - Throws: `SocketError` as ``DatagramSocket/receive(into:deadline:)-(MutableRawSpan,_)`` does; it can be gone on with.
    public mutating func next() async throws(SocketError) -> Datagram? {
      if buffer.isEmpty { buffer = Array(repeating: 0, count: limit) }
      do throws(SocketError) {
        let received = try await socket.receive(into: &buffer)
        return Datagram(
          bytes: Array(buffer[..<received.byteCount]), sender: received.sender,
          isTruncated: received.isTruncated)
      } catch {
        if error.cause == .closed || error.cause == .cancelled { return nil }
        throw error
      }
    }

    /// The next message; see ``next()``.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(SocketError) -> Datagram? {
      try await next()
    }
  }
}
