// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

// Any bytes as a socket address: every typed view and every text, without a trap; what a view reads, it
// writes back as an address that reads the same; what a text says is parsed back to the same value.

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let address = SocketAddress(bytes: bytes) else {
    precondition(count == 1 || count > SocketAddress.maximumByteCount)
    return 0
  }
  precondition(address.bytes == bytes, "the bytes were not kept")
  precondition(isOneLine(address.description), "the text has more than one line")
  check(address.ip, address)
  check(address.unix, address)
  check(address.x25, address)
  check(address.vsock, address)
  check(address.packet, address)
  check(address.netlink, address)
  for transport in Transport.allCases {
    guard let endpoint = Endpoint(transport, address) else { continue }
    let text = endpoint.description
    precondition(Endpoint(text) == endpoint, "the endpoint's text is another endpoint: \(text)")
  }
  return 0
}

private func check<Value: SocketAddressConvertible & LosslessStringConvertible>(
  _ value: Value?, _ address: SocketAddress
) {
  guard let value else { return }
  precondition(value.family == address.family, "a view of another family")
  precondition(
    Value(socketAddress: value.socketAddress) == value, "not the same when written and read again")
  let text = value.description
  precondition(isOneLine(text), "the text has more than one line")
  precondition(Value(text) == value, "the text is another value: \(text)")
}
