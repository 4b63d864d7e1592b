// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

@testable import Sockets

// Any bytes as what a netlink socket received: an answer ends, once and for good, its messages lie inside the datagram, and
// each of them is read as everything that the package knows, without a trap.

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  var answer = NetlinkAnswer()
  answer.feed(bytes)
  walk: while true {
    let step = answer.next()
    switch step {
    case .message(let message):
      precondition(message.payload.upperBound <= count, "a message goes beyond the datagram")
      read(message, bytes)
    case .end, .failed:
      precondition(answer.next() == step, "an answer goes on after its end")
      break walk
    case .needsDatagram: break walk
    }
  }
  return 0
}

/// What does not fit a message's form is malformed, and no trap.
private func read(_ message: NetlinkMessage, _ bytes: [UInt8]) {
  do { _ = try NetworkInterface(link: message, in: bytes.span) } catch {}
  do { _ = try InterfaceAddress(address: message, in: bytes.span) } catch {}
  do {
    let entry = try SocketTable.Entry(unix: message, in: bytes.span)
    precondition(isOneLine("\(entry.localAddress)"), "the text has more than one line")
  } catch {}
  for part in SocketTable.Part.allCases where part != .unix {
    do {
      let entry = try SocketTable.Entry(message, in: bytes.span, part)
      precondition(isOneLine("\(entry.localAddress)"), "the text has more than one line")
    } catch {}
  }
}
