// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

struct ResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Find the addresses of a name, as a program on this machine would.",
    discussion: """
      The addresses come in the system's order, the best first. An address in digits is named instead.

      Examples:
        sockets resolve localhost
        sockets resolve localhost:http
        sockets resolve example.org:443 --ipv6 --timeout 2
        sockets resolve '[::1]:80'

      \(ExitStatus.help)
      """)

  @Argument(help: "A name or an address, and maybe a service or a port: NAME[:SERVICE].")
  var name: String

  @OptionGroup var version: VersionOptions

  @Option(
    name: .long, help: "How long to wait for name servers. (default: 5s)",
    transform: ArgumentText.duration)
  var timeout = Duration.seconds(5)

  @OptionGroup var output: OutputOptions

  func validate() throws { _ = try parts() }

  func run() throws {
    let (host, service) = try parts()
    let deadline = Deadline.after(timeout)
    let hints = ResolutionHints(family: version.family ?? .unspecified, flags: .canonicalName)
    let resolution = try Resolver.system.addresses(
      of: host, service: service, hints: hints, deadline: deadline)
    // A name for an address in digits is an extra: without one the address stands alone.
    let reverse =
      IPAddress(host) == nil
      ? nil
      : try? Resolver.system.name(
        of: resolution.addresses[0].address, flags: .nameRequired, deadline: deadline)
    show(resolution, reverse: reverse?.host)
  }

  private func show(_ resolution: Resolution, reverse: String?) {
    let hasPort = resolution.addresses.contains { $0.address.ip.map { $0.port != .any } ?? false }
    if output.json {
      Output.write(
        JSON.object([
          ("name", .string(name)),
          ("canonicalName", .optional(resolution.canonicalName)),
          ("reverseName", .optional(reverse)),
          ("addresses", .array(resolution.addresses.map { Self.json($0, hasPort: hasPort) })),
        ]).text)
      return
    }
    for address in resolution.addresses {
      let text =
        hasPort
        ? address.address.description
        : address.address.ip?.address.description ?? address.address.description
      let note = reverse.map { "  " + ForeignText.shown($0) } ?? ""
      Output.write(
        TextLayout.padded(text, 40) + "  " + address.address.family.cName + note + "\n")
    }
  }

  private static func json(_ address: ResolvedAddress, hasPort: Bool) -> JSON {
    let ip = address.address.ip
    return .object([
      ("address", .string(ip?.address.description ?? address.address.description)),
      ("port", hasPort ? .optional(ip.map { Int($0.port.rawValue) }) : .null),
      ("family", .string(address.address.family.cName)),
      ("type", .string(address.type.cName)),
      ("protocol", .string(address.protocolNumber.cName)),
    ])
  }

  /// The name and the service; an IPv6 address stands in brackets when a service follows.
  private func parts() throws -> (host: String, service: String?) {
    let wrong = ValidationError("NAME[:SERVICE] is wanted, for example localhost:http")
    if name.hasPrefix("[") {
      guard let close = name.firstIndex(of: "]") else { throw wrong }
      let host = String(name[name.index(after: name.startIndex)..<close])
      let rest = name[name.index(after: close)...]
      guard !rest.isEmpty else { return (host, nil) }
      guard rest.first == ":", rest.count > 1 else { throw wrong }
      return (host, String(rest.dropFirst()))
    }
    let pieces = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    // Two colons or more: an IPv6 address without brackets.
    guard pieces.count == 2 else { return (name, nil) }
    guard !pieces[0].isEmpty, !pieces[1].isEmpty else { throw wrong }
    return (pieces[0], pieces[1])
  }
}
