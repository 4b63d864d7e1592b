// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

/// Reads a stream piece by piece: lines, up to a delimiter, frames.
///
/// It has a buffer, because a stream has no borders.
///
///     let reader = StreamReader(connection)
///     while let line = try await reader.line() { … }
///
/// For one task at a time. What it has read ahead is in ``bufferedByteCount``; while it is in use nobody else should read
/// from the connection.
public final class StreamReader {
  /// What is read from.
  public let connection: Connection
  /// The most bytes of one piece.
  public let limit: Int

  private var buffer: [UInt8] = []
  /// Where in the buffer what was not handed out begins.
  private var start = 0
  private var hasEnded = false

  private static let readSize = 16384

  /// Makes a reader; it allocates when it first reads.
  ///
  /// - Parameters:
  ///   - connection: what to read from.
  ///   - limit: the most bytes of one piece, its delimiter not counted: a peer that sends more gets an error, and
  ///     not the machine's memory.
  public init(_ connection: Connection, limit: Int = 65536) {
    self.connection = connection
    self.limit = FrameLimit.clamped(limit)
  }

  /// How many bytes were read and have not been handed out.
  public var bufferedByteCount: Int { buffer.count - start }

  /// Reads up to a delimiter.
  ///
  /// - Parameters:
  ///   - delimiter: the bytes that end a piece, at least one.
  ///   - deadline: when to give up; what had come stays in the buffer.
  /// - Returns: the bytes before the delimiter, which is dropped; `nil` when the stream has ended.
  /// - Throws: `SocketError` with cause `endOfStream` when the stream ended within a piece, `limitExceeded` when a piece is
  ///   longer than ``limit``; otherwise as ``Connection/read(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `getdelim`.
  public func read(
    until delimiter: some Collection<UInt8>, deadline: Deadline = .never
  ) async throws(SocketError) -> [UInt8]? {
    var decoder = DelimiterDecoder(delimiter, limit: limit)
    return try await frame(by: &decoder, deadline: deadline)
  }

  /// Reads a line, which ends with LF or CRLF; what is not UTF-8 is replaced.
  ///
  /// - Parameter deadline: when to give up.
  /// - Returns: the line without its end; `nil` when the stream has ended. A last line may lack its end.
  /// - Throws: `SocketError` as ``read(until:deadline:)`` does.
  ///
  /// The corresponding C function is `getline`.
  public func line(deadline: Deadline = .never) async throws(SocketError) -> String? {
    var decoder = LineDecoder(limit: limit)
    return try await frame(by: &decoder, deadline: deadline)
  }

  /// Reads exactly so many bytes.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - deadline: when to give up; what had come stays in the buffer.
  /// - Returns: the bytes; `nil` when the stream had ended before the first.
  /// - Throws: `SocketError` with cause `limitExceeded` for more than ``limit``; otherwise as
  ///   ``read(until:deadline:)`` does.
  ///
  /// The corresponding C function is `fread`.
  public func read(
    exactly count: Int, deadline: Deadline = .never
  ) async throws(SocketError) -> [UInt8]? {
    guard count <= limit else { throw SocketError(.read, .limitExceeded) }
    guard count > 0 else { return [] }
    var decoder = FixedDecoder(byteCount: count)
    return try await frame(by: &decoder, deadline: deadline)
  }

  /// Reads to the end of the stream.
  ///
  /// - Parameter deadline: when to give up; what had come stays in the buffer.
  /// - Returns: all the bytes that were left.
  /// - Throws: `SocketError` with cause `limitExceeded` when there are more than ``limit``; otherwise as
  ///   ``Connection/read(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `recv`, repeated.
  public func readToEnd(deadline: Deadline = .never) async throws(SocketError) -> [UInt8] {
    while !hasEnded {
      guard bufferedByteCount <= limit else { throw SocketError(.read, .limitExceeded) }
      try await fill(deadline)
    }
    guard bufferedByteCount <= limit else { throw SocketError(.read, .limitExceeded) }
    let rest = Array(buffer[start...])
    buffer = []
    start = 0
    return rest
  }

  /// Reads a frame.
  ///
  /// - Parameters:
  ///   - decoder: knows where a frame ends.
  ///   - deadline: when to give up; what had come stays in the buffer.
  /// - Returns: the frame; `nil` when the stream has ended.
  /// - Throws: `SocketError` with cause `endOfStream` when the stream ended within a frame, what the decoder throws, and as
  ///   ``Connection/read(into:deadline:)-(MutableRawSpan,_)`` does.
  ///
  /// The corresponding C function is `recv`, repeated.
  public func frame<Decoder: FrameDecoder>(
    by decoder: inout Decoder, deadline: Deadline = .never
  ) async throws(SocketError) -> Decoder.Frame? {
    while true {
      if bufferedByteCount > 0 {
        if let (frame, count) = try decoder.decode(buffer[start...], isAtEnd: hasEnded) {
          drop(count)
          return frame
        }
        if hasEnded {
          throw SocketError(.read, .endOfStream, bytesTransferred: bufferedByteCount)
        }
      } else if hasEnded {
        return nil
      }
      // A decoder may ask for more and more; what frames have around them is little.
      guard bufferedByteCount <= limit + Self.readSize else {
        throw SocketError(.read, .limitExceeded)
      }
      try await fill(deadline)
    }
  }

  /// Reads what has come behind what is there.
  private func fill(_ deadline: Deadline) async throws(SocketError) {
    // While nothing has come no memory is held.
    if buffer.isEmpty { try await connection.waitUntilReadable(deadline: deadline) }
    if start > 0, start >= buffer.count - start {
      buffer.removeFirst(start)
      start = 0
    }
    let filled = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.readSize))
    do throws(SocketError) {
      let count = try await connection.read(into: &buffer, from: filled, deadline: deadline)
      buffer.removeLast(Self.readSize - count)
      hasEnded = count == 0
    } catch {
      buffer.removeLast(Self.readSize)
      throw error
    }
  }

  private func drop(_ count: Int) {
    start += min(count, bufferedByteCount)
    // An idle reader holds no memory.
    if start == buffer.count {
      buffer = []
      start = 0
    }
  }
}
