// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

extension Connection {
  /// The lines of the stream, as they come; see ``StreamReader/line(deadline:)``.
  ///
  ///     for try await line in connection.lines() { … }
  ///
  /// - Parameter limit: the most bytes of a line.
  /// - Returns: the lines, to be gone over once.
  public func lines(limit: Int = 65536) -> Frames<LineDecoder> {
    frames(by: LineDecoder(limit: limit), limit: limit)
  }

  /// The frames of the stream, as they come; see ``StreamReader/frame(by:deadline:)``.
  ///
  /// - Parameters:
  ///   - decoder: knows where a frame ends.
  ///   - limit: the most bytes of a frame.
  /// - Returns: the frames, to be gone over once.
  public func frames<Decoder: FrameDecoder>(
    by decoder: Decoder, limit: Int = 1 << 20
  ) -> Frames<Decoder> {
    Frames(reader: StreamReader(self, limit: limit), decoder: decoder)
  }

  /// The frames of a stream, one after the other.
  public struct Frames<Decoder: FrameDecoder>: AsyncSequence, AsyncIteratorProtocol {
    /// What the sequence is of.
    public typealias Element = Decoder.Frame
    /// What ends it early.
    public typealias Failure = SocketError

    let reader: StreamReader
    var decoder: Decoder

    /// The sequence itself; there is one stream.
    public func makeAsyncIterator() -> Self { self }

    /// The next frame.
    ///
    /// - Returns: the frame; `nil` when the stream has ended.
    /// - Throws: `SocketError` as ``StreamReader/frame(by:deadline:)`` does.
    public mutating func next() async throws(SocketError) -> Decoder.Frame? {
      try await reader.frame(by: &decoder)
    }

    /// The next frame; see ``next()``.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(SocketError) -> Decoder.Frame? {
      try await reader.frame(by: &decoder)
    }
  }
}

extension Listener {
  /// The connections, as they come, for who wants each in his own hands; ``serve(_:onFailure:onStatistics:_:)`` does more.
  ///
  ///     for try await connection in listener.connections { … }
  ///
  /// It ends when the listener is closed or the task is cancelled. See ``accept(deadline:)`` for its errors; after one it can be
  /// gone on with.
  public var connections: Connections { Connections(listener: self) }

  /// The connections of a listener, one after the other.
  public struct Connections: AsyncSequence, AsyncIteratorProtocol {
    /// What the sequence is of.
    public typealias Element = Connection
    /// What ends it early.
    public typealias Failure = SocketError

    let listener: Listener

    /// The sequence itself; there is one listener.
    public func makeAsyncIterator() -> Self { self }

    /// The next connection.
    ///
    /// - Returns: the connection; `nil` when the listener was closed or the task is cancelled.
    /// - Throws: `SocketError` as ``Listener/accept(deadline:)`` does.
    public mutating func next() async throws(SocketError) -> Connection? {
      do throws(SocketError) {
        return try await listener.accept()
      } catch {
        if error.cause == .closed || error.cause == .cancelled { return nil }
        throw error
      }
    }

    /// The next connection; see ``next()``.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(SocketError) -> Connection? {
      try await next()
    }
  }
}
