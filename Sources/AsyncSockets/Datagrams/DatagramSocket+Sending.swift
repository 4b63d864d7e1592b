// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

extension DatagramSocket {
  /// Sends one message, whole.
  ///
  /// - Parameters:
  ///   - bytes: the message; none is an empty message.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: `SocketError` with `EMSGSIZE` when it is too long, `ENETUNREACH` when there is no way there, `EDESTADDRREQ`
  ///   or `ENOTCONN` without an address and a peer, `ECONNREFUSED` when an earlier message was refused; causes
  ///   `cancelled`, `deadlinePassed`, `closed`. Nothing was sent then.
  ///
  /// The corresponding C function is `sendto`.
  public func send(
    _ bytes: RawSpan, to address: SocketAddress? = nil, deadline: Deadline = .never
  ) async throws(SocketError) {
    var pace = try begin(.sendDatagram)
    while true {
      let isSent = try lent(to: pace.operation) { socket throws(SocketError) in
        guard let address else { return try socket.trySend(bytes) != nil }
        return try socket.trySendDatagram(bytes, to: address) != nil
      }
      if isSent { return await pace.done() }
      try await wait(for: .writable, deadline, &pace)
    }
  }

  /// Sends the bytes of an array as one message; see ``send(_:to:deadline:)-(RawSpan,_,_)``.
  ///
  /// - Parameters:
  ///   - bytes: the message.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `sendto`.
  public func send(
    _ bytes: some Collection<UInt8>, to address: SocketAddress? = nil,
    deadline: Deadline = .never
  ) async throws(SocketError) {
    var pace = try begin(.sendDatagram)
    while true {
      let isSent = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.sendIfRoom(bytes, to: address)
      }
      if isSent { return await pace.done() }
      try await wait(for: .writable, deadline, &pace)
    }
  }

  /// Sends one message with control messages; see `sendMessage` of the core.
  ///
  /// - Parameters:
  ///   - bytes: the message.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside it; descriptors in it must be open until the call returns.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: `SocketError` as ``send(_:to:deadline:)-(RawSpan,_,_)`` does; cause `wrongAddressFamily` when a socket of this
  ///   family would drop one of the control messages without a word.
  ///
  /// The corresponding C function is `sendmsg`.
  public func sendMessage(
    _ bytes: RawSpan, to address: SocketAddress? = nil, control: ControlMessages,
    deadline: Deadline = .never
  ) async throws(SocketError) {
    var pace = try begin(.sendMessage)
    while true {
      let sent = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.trySendMessage(bytes, to: address, control: control)
      }
      if sent != nil { return await pace.done() }
      try await wait(for: .writable, deadline, &pace)
    }
  }

  /// Sends the bytes of an array as one message with control messages; see
  /// ``sendMessage(_:to:control:deadline:)-(RawSpan,_,_,_)``.
  ///
  /// - Parameters:
  ///   - bytes: the message.
  ///   - address: who it is for, or `nil` for the peer that the socket is connected to.
  ///   - control: what goes beside it; descriptors in it must be open until the call returns.
  ///   - deadline: when to give up waiting for room.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `sendmsg`.
  public func sendMessage(
    _ bytes: some Collection<UInt8>, to address: SocketAddress? = nil, control: ControlMessages,
    deadline: Deadline = .never
  ) async throws(SocketError) {
    var pace = try begin(.sendMessage)
    while true {
      let isSent = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.sendMessageIfRoom(bytes, to: address, control: control)
      }
      if isSent { return await pace.done() }
      try await wait(for: .writable, deadline, &pace)
    }
  }

  /// Sends all messages of a batch, by as few calls as possible, waiting while there is no room.
  ///
  /// - Parameters:
  ///   - batch: the messages; those that have gone leave it. One that fails is its first.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` as ``send(_:to:deadline:)-(RawSpan,_,_)`` does; what has not gone is still in the batch.
  ///
  /// The corresponding C function is `sendmmsg`, repeated.
  public func sendBatch(
    _ batch: inout DatagramBatch, deadline: Deadline = .never
  ) async throws(SocketError) {
    var pace = try begin(.sendBatch)
    while !batch.isEmpty {
      let count = try lent(to: pace.operation) { socket throws(SocketError) in
        try socket.trySendBatch(&batch)
      }
      if count == 0 {
        try await wait(for: .writable, deadline, &pace)
      } else {
        pace.progressed()
        await pace.done()
      }
    }
  }
}
