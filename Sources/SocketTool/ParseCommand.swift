// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Explain an endpoint part by part, or show where it is wrong.",
    discussion: """
      Nothing is looked up in the network.

      Examples:
        sockets parse tcp://127.0.0.1:7000
        sockets parse 'tcp://[fe80::1%eth0]:http'
        sockets parse unix:@app
        sockets parse vsock://2:5000

      Exit codes: 0 it is an endpoint, 2 it is not.
      """)

  @Argument(help: "The endpoint.")
  var endpoint: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    do throws(AddressParseError) {
      let parts = EndpointParts(try Endpoint(parsing: endpoint))
      Output.write(output.json ? parts.json.text : parts.text)
    } catch {
      if output.json { Output.write(Self.json(of: error).text) }
      Output.error("sockets: \(error)")
      if !output.json { Self.pointOut(error) }
      throw ExitStatus.usage
    }
  }

  /// Shows the input with a caret under the place.
  private static func pointOut(_ error: AddressParseError) {
    let head = String(decoding: error.input.utf8.prefix(error.position), as: UTF8.self)
    let before = shown(head)
    // What lies far before the place is not needed to see it.
    let cut = max(0, before.count - 70)
    Output.error("  " + (cut > 0 ? "…" : "") + shown(error.input).dropFirst(cut).prefix(76))
    Output.error("  " + String(repeating: " ", count: before.count - cut + (cut > 0 ? 1 : 0)) + "^")
  }

  /// The text with one visible column for each character.
  private static func shown(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar -> Character in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate,
          .nonspacingMark, .enclosingMark:
          return "?"
        default: return Character(scalar)
        }
      })
  }

  private static func json(of error: AddressParseError) -> JSON {
    .object([
      ("input", .string(error.input)),
      ("error", .string(error.reason.rawValue)),
      ("sentence", .string(error.reason.sentence)),
      ("position", .number(error.position)),
    ])
  }
}

/// What each part of an endpoint says.
struct EndpointParts {
  private let endpoint: Endpoint
  private var parts: [(text: String, name: String, meaning: String)] = []

  init(_ endpoint: Endpoint) {
    self.endpoint = endpoint
    add(endpoint.transport.rawValue, "transport", Self.meaning(of: endpoint.transport))
    switch endpoint.target {
    case .ip(let address): add(address)
    case .name(let host, let service):
      let ip = IPAddress(host)
      add(host, "host", ip.map(Self.meaning) ?? "a name, to be resolved: sockets resolve \(host)")
      if !service.isEmpty { addService(service) }
    case .unix(let address): add(address)
    case .vsock(let address):
      add("\(address.contextID.rawValue)", "context", Self.meaning(of: address.contextID))
      let isAny = address.port == VsockAddress.anyPort
      add("\(address.port)", "port", isAny ? "any: the kernel chooses" : "which socket there")
    case .x25(let address):
      add(
        address.description, "number",
        address == .any
          ? "any: a listener takes calls to every number"
          : "\(address.digits.count) of at most \(X25Address.maximumDigitCount) digits")
    }
  }

  private mutating func add(_ text: String, _ name: String, _ meaning: String) {
    parts.append((text, name, meaning))
  }

  // MARK: Output

  var text: String {
    let width = min(parts.map(\.text.count).max() ?? 0, 40)
    var lines = parts.map { part in
      "  " + TextLayout.padded(part.text, width) + "  " + part.name + ": " + part.meaning
    }
    lines.append("")
    lines.append("  In C: \(call)")
    if let address = endpoint.socketAddress {
      lines.append("  As \(Self.structure(of: address.family)), \(address.byteCount) bytes:")
      let pairs = Self.hexadecimal(address)
      for start in stride(from: 0, to: pairs.count, by: 24) {
        lines.append("    " + pairs[start..<min(start + 24, pairs.count)].joined(separator: " "))
      }
    }
    lines.append("  Written back: \(endpoint)")
    return lines.joined(separator: "\n") + "\n"
  }

  var json: JSON {
    .object([
      ("endpoint", .string(endpoint.description)),
      ("transport", .string(endpoint.transport.rawValue)),
      ("family", .string(endpoint.family.cName)),
      ("type", .string(endpoint.socketType.cName)),
      ("protocol", .string(endpoint.protocolNumber.cName)),
      ("address", .optional(endpoint.socketAddress?.description)),
      ("bytes", .optional(endpoint.socketAddress.map { Self.hexadecimal($0).joined() })),
      (
        "parts",
        .array(
          parts.map {
            .object([
              ("text", .string($0.text)), ("part", .string($0.name)),
              ("meaning", .string($0.meaning)),
            ])
          })
      ),
    ])
  }

  private var call: String {
    let family =
      endpoint.family == .unspecified ? "AF_INET or AF_INET6" : endpoint.family.cName
    return "socket(\(family), \(endpoint.socketType.cName), \(endpoint.protocolNumber.cName))"
  }

  private static func hexadecimal(_ address: SocketAddress) -> [String] {
    address.bytes.map { TextLayout.digits($0, 2, radix: 16) }
  }
}

// MARK: Meanings

extension EndpointParts {
  private mutating func add(_ address: IPSocketAddress) {
    add(address.address.description, "host", Self.meaning(of: address.address))
    if endpoint.transport.hasPort { add("\(address.port)", "port", meaning(of: address.port)) }
    if address.flowInformation != 0 {
      add("0x" + String(address.flowLabel, radix: 16), "flow label", "marks packets of one flow")
    }
  }

  private mutating func addService(_ service: String) {
    if let port = UInt16(service) {
      add(service, "port", meaning(of: Port(port)))
      return
    }
    let found = try? Resolver.system.service(named: service, protocolName: protocolName)
    add(
      service, "service",
      found.map { "port \($0.port) in this machine's list" } ?? "not in this machine's list")
  }

  private mutating func add(_ address: UnixAddress) {
    switch address.kind {
    case .unnamed: add(address.description, "address", "none: the kernel chooses an abstract name")
    case .path:
      add(
        address.description, "path",
        "a file of type socket; \(address.nameBytes.count) of at most "
          + "\(UnixAddress.maximumPathByteCount) bytes")
    case .abstract:
      add(
        address.description, "name",
        "abstract, in no file system; \(address.nameBytes.count) of at most "
          + "\(UnixAddress.maximumAbstractByteCount) bytes")
    }
  }

  /// The name under which the list of services knows the protocol.
  private var protocolName: String {
    switch endpoint.transport {
    case .udp, .udp4, .udp6, .udpLite: "udp"
    case .sctp: "sctp"
    default: "tcp"
    }
  }

  private func meaning(of port: Port) -> String {
    if port == .any { return "0: the kernel chooses a free one" }
    let range =
      port.isWellKnown
      ? "well-known (0–1023)"
      : port.isRegistered ? "registered (1024–49151)" : "dynamic (49152–65535)"
    let service = try? Resolver.system.service(at: port, protocolName: protocolName)
    return range + (service.map { "; usually \($0.name)" } ?? "")
  }

  private static func meaning(of address: IPAddress) -> String {
    switch address {
    case .ipv4(let ip):
      let kind =
        ip.isUnspecified
        ? "all addresses of this machine"
        : ip.isLoopback
          ? "loopback: this machine itself"
          : ip.isMulticast
            ? "multicast: a group of hosts"
            : ip.isBroadcast
              ? "broadcast: all hosts of the network"
              : ip.isPrivate
                ? "private" : ip.isLinkLocal ? "link-local" : "unicast: one host"
      return "IPv4, \(kind)"
    case .ipv6(let ip):
      let kind =
        ip.isUnspecified
        ? "all addresses of this machine, IPv4 included"
        : ip.isLoopback
          ? "loopback: this machine itself"
          : ip.isMulticast
            ? "multicast: a group of hosts"
            : ip.isLinkLocal
              ? "link-local, on one link" : ip.isUniqueLocal ? "unique local" : "unicast: one host"
      return "IPv6, \(kind)\(ip.zone == 0 ? "" : "; zone is interface \(ip.zone)")"
    }
  }

  private static func meaning(of context: VsockAddress.ContextID) -> String {
    switch context {
    case .any: "any: what a listener binds to"
    case .hypervisor: "the hypervisor"
    case .local: "this machine itself, by loopback"
    case .host: "the host of this machine"
    default: "a virtual machine on this host"
    }
  }

  private static func meaning(of transport: Transport) -> String {
    switch transport {
    case .tcp: "TCP, a stream over either IP version"
    case .tcp4: "TCP, a stream over IPv4"
    case .tcp6: "TCP, a stream over IPv6"
    case .mptcp: "TCP over several paths"
    case .sctp: "SCTP, one connection a socket"
    case .udp: "UDP, datagrams over either IP version"
    case .udp4: "UDP, datagrams over IPv4"
    case .udp6: "UDP, datagrams over IPv6"
    case .udpLite: "UDP with partial checksums"
    case .icmp: "Internet control messages of the address's version"
    case .icmp4: "Internet control messages of IPv4"
    case .icmp6: "Internet control messages of IPv6"
    case .unix: "a stream between processes of one machine"
    case .unixDatagram: "datagrams between processes of one machine"
    case .unixPacket: "a connection of messages between processes of one machine"
    case .vsock: "a stream between a virtual machine and its host"
    case .vsockPacket: "a connection of messages between a virtual machine and its host"
    case .vsockDatagram: "datagrams between a virtual machine and its host"
    case .x25: "an X.25 call"
    }
  }

  private static func structure(of family: AddressFamily) -> String {
    switch family {
    case .ipv4: "struct sockaddr_in"
    case .ipv6: "struct sockaddr_in6"
    case .unix: "struct sockaddr_un"
    case .vsock: "struct sockaddr_vm"
    case .x25: "struct sockaddr_x25"
    default: "struct sockaddr"
    }
  }
}
