// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import Sockets

/// Knows where a frame of a stream ends, and what it means.
///
///     struct Record: FrameDecoder {
///       mutating func decode(_ bytes: ArraySlice<UInt8>, isAtEnd: Bool) -> (Header, byteCount: Int)? { … }
///     }
///     var decoder = Record()
///     while let header = try await reader.frame(by: &decoder) { … }
public protocol FrameDecoder {
  /// What a frame becomes.
  associatedtype Frame

  /// Looks for one frame at the beginning of the bytes.
  ///
  /// - Parameters:
  ///   - bytes: what has come and was not taken yet, at least one byte. The bytes come from a peer: do not believe them.
  ///   - isAtEnd: whether nothing more will come.
  /// - Returns: the frame and how many bytes it took, or `nil` when more must come first.
  /// - Throws: `SocketError` with cause `malformed` for what can be no frame, `limitExceeded` for one that is too long.
  mutating func decode(
    _ bytes: ArraySlice<UInt8>, isAtEnd: Bool
  ) throws(SocketError) -> (Frame, byteCount: Int)?
}

/// Frames that begin with their length.
public struct LengthPrefixDecoder: FrameDecoder, Sendable {
  /// How many bytes the length takes.
  public enum Width: Int, CaseIterable, Hashable, Sendable {
    /// One byte.
    case one = 1
    /// Two bytes.
    case two = 2
    /// Four bytes.
    case four = 4
    /// Eight bytes.
    case eight = 8
  }

  /// How many bytes the length takes.
  public let width: Width
  /// Whether the length's lowest byte comes first; network byte order is the other one.
  public let isLittleEndian: Bool
  /// The most bytes of a frame.
  public let limit: Int

  /// Makes a decoder.
  ///
  /// - Parameters:
  ///   - width: how many bytes the length takes; it does not count itself.
  ///   - isLittleEndian: whether its lowest byte comes first.
  ///   - limit: the most bytes of a frame; a length beyond it is an error before any of them is waited for.
  public init(_ width: Width = .four, isLittleEndian: Bool = false, limit: Int = 1 << 20) {
    self.width = width
    self.isLittleEndian = isLittleEndian
    self.limit = FrameLimit.clamped(limit)
  }

  /// See ``FrameDecoder/decode(_:isAtEnd:)``.
  public mutating func decode(
    _ bytes: ArraySlice<UInt8>, isAtEnd: Bool
  ) throws(SocketError) -> ([UInt8], byteCount: Int)? {
    guard bytes.count >= width.rawValue else { return nil }
    let prefix = bytes.prefix(width.rawValue)
    var length: UInt64 = 0
    for byte in isLittleEndian ? Array(prefix.reversed()) : Array(prefix) {
      length = length << 8 | UInt64(byte)
    }
    guard length <= UInt64(limit) else { throw SocketError(.read, .limitExceeded) }
    let end = width.rawValue + Int(length)
    guard bytes.count >= end else { return nil }
    return (Array(bytes.prefix(end).dropFirst(width.rawValue)), end)
  }

  /// The prefix of a frame, to be written before it.
  ///
  /// - Parameter byteCount: the length of the frame.
  /// - Returns: the length as the other side's decoder reads it.
  /// - Throws: `SocketError` with cause `limitExceeded` when it does not fit, or is beyond ``limit``.
  public func prefix(of byteCount: Int) throws(SocketError) -> [UInt8] {
    let bits = UInt64(8 * width.rawValue)
    guard byteCount >= 0, byteCount <= limit, bits == 64 || UInt64(byteCount) < 1 << bits else {
      throw SocketError(.write, .limitExceeded)
    }
    let bytes = (0..<width.rawValue).map { UInt8(truncatingIfNeeded: byteCount >> (8 * $0)) }
    return isLittleEndian ? bytes : bytes.reversed()
  }
}

/// Frames that end with a delimiter.
public struct DelimiterDecoder: FrameDecoder, Sendable {
  private let delimiter: [UInt8]
  private let limit: Int
  /// How far the bytes were searched by an earlier call.
  private var searched = 0

  /// Makes a decoder.
  ///
  /// - Parameters:
  ///   - delimiter: the bytes that end a frame, at least one; they are dropped.
  ///   - limit: the most bytes of a frame.
  public init(_ delimiter: some Collection<UInt8>, limit: Int = 65536) {
    self.delimiter = Array(delimiter)
    self.limit = FrameLimit.clamped(limit)
    precondition(!self.delimiter.isEmpty, "a delimiter has at least one byte")
  }

  /// See ``FrameDecoder/decode(_:isAtEnd:)``.
  public mutating func decode(
    _ bytes: ArraySlice<UInt8>, isAtEnd: Bool
  ) throws(SocketError) -> ([UInt8], byteCount: Int)? {
    var offset = min(searched, bytes.count)
    while offset + delimiter.count <= bytes.count, offset <= limit {
      if bytes.dropFirst(offset).starts(with: delimiter) {
        searched = 0
        return (Array(bytes.prefix(offset)), offset + delimiter.count)
      }
      offset += 1
    }
    guard offset <= limit else { throw SocketError(.read, .limitExceeded) }
    searched = offset
    return nil
  }
}

/// Frames of one size.
public struct FixedDecoder: FrameDecoder, Sendable {
  /// The size in bytes.
  public let byteCount: Int

  /// Makes a decoder.
  ///
  /// - Parameter byteCount: the size of each frame, at least one.
  public init(byteCount: Int) {
    precondition(byteCount > 0, "a frame has at least one byte")
    self.byteCount = byteCount
  }

  /// See ``FrameDecoder/decode(_:isAtEnd:)``.
  public mutating func decode(
    _ bytes: ArraySlice<UInt8>, isAtEnd: Bool
  ) throws(SocketError) -> ([UInt8], byteCount: Int)? {
    bytes.count >= byteCount ? (Array(bytes.prefix(byteCount)), byteCount) : nil
  }
}

/// Lines of text that end with LF or CRLF; the last one may lack its end.
///
/// What is not UTF-8 is replaced.
public struct LineDecoder: FrameDecoder, Sendable {
  private var decoder: DelimiterDecoder
  private let limit: Int

  /// Makes a decoder.
  ///
  /// - Parameter limit: the most bytes of a line.
  public init(limit: Int = 65536) {
    // One more for the CR.
    self.limit = FrameLimit.clamped(limit)
    decoder = DelimiterDecoder([10], limit: self.limit + 1)
  }

  /// See ``FrameDecoder/decode(_:isAtEnd:)``.
  public mutating func decode(
    _ bytes: ArraySlice<UInt8>, isAtEnd: Bool
  ) throws(SocketError) -> (String, byteCount: Int)? {
    var found = try decoder.decode(bytes, isAtEnd: isAtEnd)
    if found == nil, isAtEnd { found = (Array(bytes), bytes.count) }
    guard var line = found?.0, let count = found?.byteCount else { return nil }
    if line.last == 13 { line.removeLast() }
    guard line.count <= limit else { throw SocketError(.read, .limitExceeded) }
    return (String(decoding: line, as: UTF8.self), count)
  }
}

/// What is common to all limits of what a peer may send in one piece.
enum FrameLimit {
  /// A limit that leaves room for sums, whatever was asked for: no negative one, and half of what can be counted at most.
  static func clamped(_ limit: Int) -> Int { min(max(0, limit), Int.max / 2) }
}
