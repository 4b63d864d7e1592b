// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// The layout of control messages (cmsg(3)), both ways. No other file computes with their offsets: readers
// ask for the next item and get ranges that lie inside the bytes, writers append an item and its fields.

/// One control message inside a buffer: who understands it, and where its payload is.
package struct ControlItem: Equatable {
  /// C's `cmsg_level`.
  package var level: Int32
  /// C's `cmsg_type`.
  package var type: Int32
  /// Where the payload lies; always inside the buffer.
  package var payload: Range<Int>
}

/// Walks over the control messages in a buffer, from the first to the last.
///
/// The lengths in the buffer are not believed: one that is shorter than a header, or longer than what is left,
/// ends the walk as malformed.
///
/// The corresponding C macros are `CMSG_FIRSTHDR`, `CMSG_NXTHDR`, `CMSG_DATA`.
package struct ControlCursor {
  /// What a step of the walk meets.
  package enum Step: Equatable {
    /// The next item.
    case item(ControlItem)
    /// Nothing more.
    case end
    /// A length that cannot be true, at this offset; the walk is over.
    case malformed(offset: Int)
  }

  private var offset = 0

  package init() {}

  package mutating func next(in bytes: borrowing Span<UInt8>) -> Step {
    let start = offset
    let left = bytes.count - start
    guard left >= ControlFormat.headerByteCount else { return .end }
    guard let length: UInt64 = bytes.number(at: start),
      let level: Int32 = bytes.number(at: start + 8),
      let type: Int32 = bytes.number(at: start + 12)
    else { return .end }
    guard length >= UInt64(ControlFormat.headerByteCount), length <= UInt64(left) else {
      offset = bytes.count
      return .malformed(offset: start)
    }
    // No more than `left`, so all of this fits an Int; the last item may lack its padding.
    let end = start + Int(length)
    offset = min(bytes.count, start + ControlFormat.aligned(Int(length)))
    return .item(
      ControlItem(
        level: level,
        type: type,
        payload: start + ControlFormat.headerByteCount..<end
      )
    )
  }
}

/// The sizes of control messages, and their writing.
package enum ControlFormat {
  /// The size of the header, padding included: length in 8 bytes, level in 4, type in 4.
  package static let headerByteCount = 16

  /// The next multiple of 8.
  ///
  /// The corresponding C macro is `CMSG_ALIGN`.
  package static func aligned(_ count: Int) -> Int { (count + 7) & ~7 }

  /// What an item takes in a buffer.
  ///
  /// The corresponding C macro is `CMSG_SPACE`.
  package static func space(_ payloadByteCount: Int) -> Int {
    headerByteCount + aligned(payloadByteCount)
  }

  /// Appends an item: the header, what `body` appends, and padding.
  package static func append(
    level: Int32,
    type: Int32,
    to bytes: inout [UInt8],
    payload body: (inout [UInt8]) -> Void
  ) {
    let start = bytes.count
    bytes.appendNumber(UInt64(0))
    bytes.appendNumber(level)
    bytes.appendNumber(type)
    body(&bytes)
    let length = bytes.count - start
    for index in 0..<8 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    while bytes.count % 8 != 0 { bytes.append(0) }
  }

  /// The first item of a level and type, or `nil`.
  package static func first(
    level: Int32,
    type: Int32,
    in bytes: borrowing Span<UInt8>
  ) -> Range<Int>? {
    var cursor = ControlCursor()
    while case .item(let item) = cursor.next(in: bytes) {
      if item.level == level && item.type == type { return item.payload }
    }
    return nil
  }
}

// Numbers in the machine's own order, which on both tier-1 machines is little-endian, byte by byte: no
// alignment is demanded, and what lies outside is nil.
extension Span where Element == UInt8 {
  package func number<Number: FixedWidthInteger>(at offset: Int) -> Number? {
    let size = Number.bitWidth / 8
    guard offset >= 0, offset <= count - size else { return nil }
    var bits: Number = 0
    for index in 0..<size {
      bits |= Number(truncatingIfNeeded: self[offset + index]) << Number(8 * index)
    }
    return bits
  }

  /// A number inside a payload; `nil` when the payload is too short for it.
  package func number<Number: FixedWidthInteger>(
    at offset: Int,
    in payload: Range<Int>
  ) -> Number? {
    guard offset + Number.bitWidth / 8 <= payload.count else { return nil }
    return number(at: payload.lowerBound + offset)
  }

  /// The same in network order.
  package func bigEndian<Number: FixedWidthInteger>(
    at offset: Int,
    in payload: Range<Int>
  ) -> Number? {
    let number: Number? = number(at: offset, in: payload)
    return number?.byteSwapped
  }

  /// A copy of a part.
  package func array(_ range: Range<Int>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for index in range { copy.append(self[index]) }
    return copy
  }
}

extension [UInt8] {
  package mutating func appendNumber<Number: FixedWidthInteger>(_ number: Number) {
    for index in 0..<Number.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: number >> Number(8 * index)))
    }
  }
}
