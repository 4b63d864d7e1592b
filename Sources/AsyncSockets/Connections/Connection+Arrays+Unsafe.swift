// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The same calls for those who hold an array or a string's bytes instead of a span; the bytes move in place.
//
// SAFETY: every byte of an array of bytes may be read and written.

public import Sockets

extension Connection {
  /// Reads what has come over the array's elements; see ``read(into:deadline:)-(MutableRawSpan,_)``.
  ///
  /// The array keeps its count: it is the room, and the result says how much of it was filled.
  ///
  /// - Parameters:
  ///   - buffer: where the bytes go, from its beginning.
  ///   - deadline: when to give up waiting.
  /// - Returns: how many bytes came; zero at the end of the stream.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `recv`.
  public func read(
    into buffer: inout [UInt8], deadline: Deadline = .never
  ) async throws(SocketError) -> Int {
    try await read(into: &buffer, from: 0, deadline: deadline)
  }

  /// Reads exactly as many bytes as the array has; see ``read(exactlyInto:deadline:)-(MutableRawSpan,_)``.
  ///
  /// - Parameters:
  ///   - buffer: is filled to its end.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `recv`, repeated.
  public func read(
    exactlyInto buffer: inout [UInt8], deadline: Deadline = .never
  ) async throws(SocketError) {
    var span = buffer.mutableSpan
    var bytes = unsafe span.mutableBytes
    try await read(exactlyInto: &bytes, deadline: deadline)
  }

  /// Writes all the bytes of an array; see ``write(_:deadline:)-(RawSpan,_)``.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `send` with `MSG_NOSIGNAL`, repeated.
  public func write(_ bytes: [UInt8], deadline: Deadline = .never) async throws(SocketError) {
    try await unsafe writeAll(bytes.span.bytes, deadline)
  }

  /// Writes all the bytes of a part of an array; see ``write(_:deadline:)-(RawSpan,_)``.
  ///
  /// - Parameters:
  ///   - bytes: what to send.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `send` with `MSG_NOSIGNAL`, repeated.
  public func write(
    _ bytes: ArraySlice<UInt8>, deadline: Deadline = .never
  ) async throws(SocketError) {
    try await unsafe writeAll(bytes.span.bytes, deadline)
  }

  /// Writes all the bytes of a text in UTF-8; see ``write(_:deadline:)-(RawSpan,_)``.
  ///
  /// - Parameters:
  ///   - text: what to send, as `"hello".utf8`.
  ///   - deadline: when to give up; it holds for the whole call.
  /// - Throws: `SocketError` as the form with a span does.
  ///
  /// The corresponding C function is `send` with `MSG_NOSIGNAL`, repeated.
  public func write(
    _ text: String.UTF8View, deadline: Deadline = .never
  ) async throws(SocketError) {
    // A short text lies in this call's own memory, which an argument keeps for as long as the other call lasts.
    try await unsafe write(text.span.bytes, deadline: deadline)
  }
}
