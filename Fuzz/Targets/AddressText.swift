// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

// Any text as an address: the parser and its slow twin agree, what is parsed is printed and parsed back,
// and what is refused has a position inside the text and an error of one line. The first byte says which
// kind of address, a letter each; the text is the rest.

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  // -1 has the fuzzer forget the input.
  guard count > 0, let text = text(start + 1, count - 1) else { return -1 }
  let characters = SlowParser.characters(text)
  switch Unicode.Scalar(start[0]) {
  case "a": check(text, parse: IPv4Address.init(parsing:), slow: SlowParser.ipv4(characters))
  case "b": check(text, parse: IPv6Address.init(parsing:), slow: SlowParser.ipv6(characters))
  case "c": check(text, parse: IPAddress.init(parsing:), slow: SlowParser.ip(characters))
  case "d": check(text, parse: IPPrefix.init(parsing:), slow: SlowParser.prefix(characters))
  case "e": check(text, parse: Port.init(parsing:), slow: SlowParser.port(characters))
  case "f":
    check(text, parse: IPSocketAddress.init(parsing:), slow: SlowParser.ipSocketAddress(characters))
  case "g": check(text, parse: UnixAddress.init(parsing:), slow: SlowParser.unix(characters))
  case "h": check(text, parse: X25Address.init(parsing:), slow: SlowParser.x25(characters))
  case "i": check(text, parse: VsockAddress.init(parsing:), slow: SlowParser.vsock(characters))
  case "j": check(text, parse: NetlinkAddress.init(parsing:), slow: SlowParser.netlink(characters))
  case "k":
    check(text, parse: HardwareAddress.init(parsing:), slow: SlowParser.hardware(characters))
  case "l":
    check(text, parse: LinkLayerAddress.init(parsing:), slow: SlowParser.linkLayer(characters))
  default: return -1
  }
  return 0
}
