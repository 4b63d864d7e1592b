// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

// Any text as an endpoint: the parser and its slow twin agree, what is parsed is printed and parsed back,
// and what is refused has a position inside the text and an error of one line.

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard let text = text(start, count) else { return 0 }
  let slow = SlowParser.endpoint(SlowParser.characters(text))
  do {
    let endpoint = try Endpoint(parsing: text)
    precondition(SlowParser.facts(endpoint) == slow, "the twins differ")
    precondition(Endpoint(endpoint.description) == endpoint, "the text is another endpoint")
    precondition(isOneLine(endpoint.description), "the text has more than one line")
    precondition(endpoint.family != .unspecified || endpoint.host != nil, "neither kind")
    _ = (endpoint.socketType, endpoint.protocolNumber)
  } catch {
    precondition(slow == nil, "only the slow twin takes it")
    checkError(error, of: text)
  }
  return 0
}
