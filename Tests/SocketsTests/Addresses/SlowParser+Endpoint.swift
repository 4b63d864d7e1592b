// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets

extension SlowParser {
  /// What an endpoint's text says, in comparable pieces.
  struct SlowEndpoint: Equatable {
    var transport: Transport
    var address: SocketAddress?
    var host: String?
    var service: String?
  }

  static func facts(_ endpoint: Endpoint) -> SlowEndpoint {
    SlowEndpoint(
      transport: endpoint.transport,
      address: endpoint.socketAddress,
      host: endpoint.host,
      service: endpoint.service
    )
  }

  static func endpoint(_ text: Text) -> SlowEndpoint? {
    let (name, rest) = cut(text, ":")
    guard let rest, let transport = Transport.allCases.first(where: { Text($0.rawValue) == name })
    else { return nil }
    if ["unix", "unix-datagram", "unix-packet"].contains(transport.rawValue) {
      guard behind("//", rest) == nil, let address = unix(rest) else { return nil }
      return SlowEndpoint(transport: transport, address: address.socketAddress)
    }
    guard let place = behind("//", rest), !place.isEmpty else { return nil }
    switch transport {
    case .vsock, .vsockPacket, .vsockDatagram:
      return vsock(place).map { SlowEndpoint(transport: transport, address: $0.socketAddress) }
    case .x25:
      return x25(place).map { SlowEndpoint(transport: transport, address: $0.socketAddress) }
    case .icmp, .icmp4, .icmp6: return withoutPort(transport, place)
    default: return withPort(transport, place)
    }
  }

  private static func withoutPort(_ transport: Transport, _ text: Text) -> SlowEndpoint? {
    switch host(text, version: version(transport)) {
    case .wrong: return nil
    case .name: return SlowEndpoint(transport: transport, host: String(text))
    case .address(let address):
      return SlowEndpoint(
        transport: transport,
        address: IPSocketAddress(address, port: .any).socketAddress
      )
    }
  }

  private static func withPort(_ transport: Transport, _ text: Text) -> SlowEndpoint? {
    // In brackets, colons belong to the address.
    guard let end = text.first == "[" ? text.firstIndex(of: "]").map({ $0 + 1 }) : firstColon(text),
      end < text.count, text[end] == ":"
    else { return nil }
    let hostText = Text(text[..<end])
    let serviceText = Text(text[(end + 1)...])
    if hostText.first != "[", serviceText.contains(":") { return nil }
    let found =
      hostText.isEmpty
      ? Host.address(version(transport) == 6 ? .ipv6(.loopback) : .ipv4(.loopback))
      : host(hostText, version: version(transport))
    if case .wrong = found { return nil }
    guard let first = serviceText.first else { return nil }
    if Text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").contains(first) {
      let allowed = Text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+.")
      guard serviceText.allSatisfy({ allowed.contains($0) }), serviceText.count <= 31 else {
        return nil
      }
      var name = String(hostText)
      if case .address(let address) = found { name = address.description }
      return SlowEndpoint(transport: transport, host: name, service: String(serviceText))
    }
    if hostText.first == "[" {
      return ipSocketAddress(text).map {
        SlowEndpoint(transport: transport, address: $0.socketAddress)
      }
    }
    guard let port = port(serviceText) else { return nil }
    guard case .address(let address) = found else {
      return SlowEndpoint(
        transport: transport,
        host: String(hostText),
        service: String(serviceText)
      )
    }
    return SlowEndpoint(
      transport: transport,
      address: IPSocketAddress(address, port: port).socketAddress
    )
  }

  private static func firstColon(_ text: Text) -> Int? { text.firstIndex(of: ":") }

  /// 4, 6, or `nil` when the transport takes both.
  private static func version(_ transport: Transport) -> Int? {
    if transport.rawValue.hasSuffix("4") { return 4 }
    return transport.rawValue.hasSuffix("6") ? 6 : nil
  }

  private enum Host {
    case wrong, name
    case address(IPAddress)
  }

  private static func host(_ text: Text, version: Int?) -> Host {
    if text == ["*"] { return .address(version == 4 ? .ipv4(.any) : .ipv6(.any)) }
    if let inside = behind("[", text) {
      guard inside.last == "]", version != 4 else { return .wrong }
      return ipv6(Text(inside.dropLast())).map { Host.address(.ipv6($0)) } ?? .wrong
    }
    var labels = split(text, ".")
    if labels.count > 1, labels.last == [] { labels.removeLast() }
    let last = labels[labels.count - 1]
    let hexadecimalPart = behind("0x", last) ?? behind("0X", last)
    let isNumber =
      isDecimal(last) || hexadecimalPart == [] || hexadecimalPart.map(isHexadecimal) == true
    if isNumber {
      guard let address = ipv4(text), version != 6 else { return .wrong }
      return .address(.ipv4(address))
    }
    let allowed = Text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    for label in labels {
      guard (1...63).contains(label.count), label.first != "-", label.last != "-",
        label.allSatisfy({ allowed.contains($0) })
      else { return .wrong }
    }
    return Text(labels.joined(separator: ["."])).count <= 253 ? .name : .wrong
  }
}
