// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

@testable import Sockets

// Any bytes as the control messages that came with a message: every item and every typed value, without a trap.
// The items lie inside the bytes and one after the other, and what can be sent again can be written.

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  var cursor = ControlCursor()
  var last = 0
  walk: while true {
    switch cursor.next(in: bytes.span) {
    case .item(let item):
      precondition(
        item.payload.lowerBound >= last + ControlFormat.headerByteCount, "items overlap")
      precondition(item.payload.upperBound <= count, "an item goes beyond the bytes")
      last = item.payload.upperBound
    case .malformed(let offset):
      precondition(offset >= last && offset < count, "the fault is somewhere else")
      break walk
    case .end: break walk
    }
  }
  var again = ControlMessages()
  ControlQuestions.forEach(bytes.span) { message in
    precondition(isOneLine("\(message)"), "the text has more than one line")
    // What cannot be sent is an error, and no trap.
    do throws(SocketError) { try again.append(message) } catch {}
  }
  return 0
}
