// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import AsyncSockets
import HTTPMessages
import HTTPTypes
import Sockets
import Synchronization

/// One connection's requests, and the answers to them.
struct ServeSession {
  /// The answers to requests that came at once are sent together up to this.
  static let outputByteCount = 1 << 16
  /// Room that an idle connection keeps.
  private static let keptByteCount = 1 << 14

  let server: FileServer
  let visitor: FileServer.Visitor
  let peer: String
  var parser = RequestParser()
  /// Answers, and parts of them, that are to be written.
  var output: [UInt8] = []
  private var input = [UInt8](repeating: 0, count: 4096)
  /// What has been read and not been looked at.
  private var rest: ArraySlice<UInt8> = []
  /// When the request that has begun must be complete.
  private var requestDeadline: Deadline?
  private var hasAnswered = false
  /// Whether the server ends the connection, and the client was not told by an answer.
  private(set) var isLeaving = false

  var connection: Connection { visitor.connection }

  init(_ server: FileServer, _ visitor: FileServer.Visitor) {
    self.server = server
    self.visitor = visitor
    peer = server.log == nil ? "" : Self.peerText(visitor.connection)
  }

  /// A peer that is gone already has no address.
  private static func peerText(_ connection: Connection) -> String {
    do throws(SocketError) {
      let address = try connection.peerAddress()
      return address.ip.map { "\($0.address)" } ?? "\(address)"
    } catch {
      return "-"
    }
  }

  /// Answers requests until one of the two sides ends the connection.
  mutating func run() async throws {
    while true {
      switch parser.next(&rest) {
      case .needsBytes:
        guard try await read() else { return }
      case .head:
        guard parser.head.hasBody else { continue }
        requestDeadline = .after(server.deadlines.body)
        if parser.head.expectsContinue, rest.isEmpty {
          output += "HTTP/1.1 100 Continue\r\n\r\n".utf8
        }
      case .body: continue
      case .end:
        requestDeadline = nil
        let goesOn = try await answer()
        hasAnswered = true
        if !goesOn || output.count >= Self.outputByteCount { try await flush() }
        if !goesOn { return }
      case .failed(let failure):
        try await refuse(failure.status, failure.rawValue)
        return
      }
    }
  }

  // MARK: Reading

  /// Reads more, when what there is has been answered.
  ///
  /// - Returns: whether the connection goes on.
  private mutating func read() async throws -> Bool {
    try await flush()
    rest = []
    let isInside = parser.isInside
    let deadline: Deadline
    if isInside {
      deadline = requestDeadline ?? .after(server.deadlines.head)
      requestDeadline = deadline
    } else {
      // An empty line may have begun what is no request.
      requestDeadline = nil
      deadline = .after(hasAnswered ? server.deadlines.idle : server.deadlines.head)
      let state = hasAnswered ? FileServer.Visitor.State.kept : FileServer.Visitor.State.fresh
      visitor.waits(state)
      // Whoever ends the connections looks at the mark behind saying so; this looks the other way round.
      if server.isDraining || hasAnswered && server.isFull {
        isLeaving = true
        return false
      }
    }
    let count: Int
    do throws(SocketError) {
      count =
        isInside
        ? try await connection.read(into: &input, deadline: deadline)
        : try await connection.read(into: &input, deadline: deadline, until: visitor.waiter)
    } catch {
      if isInside, error.cause == .deadlinePassed {
        try await refuse(.requestTimeout, "the request took too long")
        return false
      }
      isLeaving = !isInside && error.cause == .cancelled && visitor.waiter.isStopped
      guard isLeaving || error.cause == .deadlinePassed else { throw error }
      return false
    }
    if !isInside {
      visitor.state.store(FileServer.Visitor.State.busy, ordering: .sequentiallyConsistent)
    }
    rest = input[..<count]
    return count > 0
  }

  /// Ends the connection from this side: the client gets all that was written, whatever it sends meanwhile.
  ///
  /// Closing with bytes unread, and bytes that come behind closing, reset a connection, and a reset destroys what the client's system
  /// has not acknowledged (RFC 9112, 9.6). So it is closed when that has acknowledged everything, or when its time is over.
  mutating func leave() async {
    let end = Deadline.after(server.deadlines.leaving)
    do throws(SocketError) {
      try connection.shutdown(.write)
      // At first only what has come is dropped: a connection that was idle is closed without a pause.
      var next = Deadline.now
      while !end.hasPassed {
        let count = try await drop(next)
        if count == 0 { break }
        guard count == nil else { continue }
        // The end that was just sent counts like a byte.
        if try unacknowledgedByteCount() <= 1 { break }
        next = .milliseconds(5)
      }
    } catch {
      // Closing is what remains to be done.
    }
    try? await connection.close()
  }

  /// Reads and drops what comes.
  ///
  /// - Returns: how many bytes; zero when the client has ended, `nil` when nothing came.
  private mutating func drop(_ deadline: Deadline) async throws(SocketError) -> Int? {
    do throws(SocketError) {
      return try await connection.read(into: &input, deadline: deadline)
    } catch {
      guard error.cause == .deadlinePassed else { throw error }
      return nil
    }
  }

  private func unacknowledgedByteCount() throws(SocketError) -> Int32 {
    try connection.withSocket { socket throws(SocketError) in
      try socket.control(.sendQueueByteCount)
    }
  }

  // MARK: Writing

  /// Writes what there is to write.
  mutating func flush() async throws {
    guard !output.isEmpty else { return }
    try await write(output[...])
    forgetOutput()
  }

  /// Writes bytes, piece by piece, each of which has its time.
  private func write(_ bytes: ArraySlice<UInt8>) async throws {
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(ServeDeadlines.pieceByteCount)
      try await connection.write(piece, deadline: .after(server.deadlines.piece))
      rest = rest.dropFirst(piece.count)
    }
  }

  private mutating func forgetOutput() {
    if output.capacity > Self.keptByteCount {
      output = []
    } else {
      output.removeAll(keepingCapacity: true)
    }
  }

  /// Writes what there is to write, and a part of a file behind it.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - offset: where the part begins.
  ///   - count: how long it is.
  ///   - sent: how many bytes of the file went, also when it throws; fewer than wanted when the file has become shorter.
  /// - Throws: `SocketError` of the connection; `CommandFailure` when the file cannot be read.
  mutating func flush(
    with file: OpenFile, from offset: Int, count: Int, sent: inout Int
  ) async throws {
    try await flushBeforeMore()
    while sent < count {
      let piece = min(count - sent, ServeDeadlines.pieceByteCount)
      do throws(SocketError) {
        let moved = try await connection.sendFile(
          file.file, from: Int64(offset + sent), byteCount: piece,
          deadline: .after(server.deadlines.piece))
        sent += moved
        if moved < piece { return }
      } catch {
        sent += error.bytesTransferred
        throw error
      }
    }
  }

  /// Writes the head of an answer, telling the kernel that the body follows at once.
  private mutating func flushBeforeMore() async throws {
    let sent = try trySend(output, on: connection)
    if sent < output.count {
      try await write(output[sent...])
    }
    forgetOutput()
  }

  // MARK: Answers

  /// Answers what cannot be read any further, as the last thing on the connection.
  private mutating func refuse(_ status: HTTPResponse.Status, _ reason: String) async throws {
    appendPage(status, reason, closes: true)
    try await flush()
  }

  /// Appends a page that says what is wrong.
  mutating func appendPage(
    _ status: HTTPResponse.Status, _ reason: String, closes: Bool, extra: String = ""
  ) {
    let page = Pages.error(status, reason)
    appendHead(status, closes: closes)
    output += extra.utf8
    appendField(.contentType, MediaType.html)
    appendField(.contentLength, "\(page.count)")
    appendField(.contentSecurityPolicy, Pages.policy)
    output += "\r\n".utf8
    let hasBody = parser.head.method != .head
    if hasBody { output += page }
    note(status, hasBody ? page.count : 0)
  }

  /// Appends the beginning of a head.
  mutating func appendHead(_ status: HTTPResponse.Status, closes: Bool, now: Int64? = nil) {
    if status == .ok {
      output += Self.okHead
    } else {
      output += "HTTP/1.1 \(status.code) ".utf8
      output += status.reasonPhrase.utf8
      output += Self.headFields
    }
    server.appendDate(now ?? WallClock.seconds, to: &output)
    if closes {
      output += "\r\nConnection: close\r\n".utf8
    } else if !parser.head.isCurrentVersion {
      output += "\r\nConnection: keep-alive\r\n".utf8
    } else {
      output += Self.lineEnd
    }
  }

  /// What each answer says: pages of other sites may not have what is here in them.
  private static let headFields = Array(
    "\r\nServer: sockets\r\nCross-Origin-Resource-Policy: same-origin\r\nDate: ".utf8)
  private static let okHead = Array("HTTP/1.1 200 OK".utf8) + headFields
  private static let lineEnd = Array("\r\n".utf8)

  mutating func appendField(_ name: HTTPField.Name, _ value: String) {
    output += name.rawName.utf8
    output += ": ".utf8
    output += value.utf8
    output += "\r\n".utf8
  }

  /// Tells the log.
  func note(_ status: HTTPResponse.Status, _ byteCount: Int) {
    guard let log = server.log else { return }
    log.write(
      AccessRecord(
        peer: peer, line: parser.bytes(parser.head.line), status: status.code,
        byteCount: byteCount, seconds: WallClock.seconds))
  }
}
