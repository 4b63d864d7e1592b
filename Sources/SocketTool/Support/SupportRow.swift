// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// One thing that the kernel or the user has, lacks, or has so much of.
struct SupportRow: Sendable {
  enum State: String, Sendable {
    case yes
    case no
    /// The kernel has it, and the user may not.
    case forbidden = "not permitted"
    /// A number or a range, neither good nor bad.
    case value
  }

  var name: String
  var state: State
  /// What it is, or is for.
  var text: String
  /// The number or range, of a limit.
  var value: String?
  /// Why not; `nil` when there is nothing to explain.
  var reason: String?
  /// What helps.
  var remedy: String?

  /// Something that is there or not, or has a value.
  init(
    _ name: String, _ state: State, _ text: String, value: String? = nil, reason: String? = nil,
    remedy: String? = nil
  ) {
    self.name = name
    self.state = state
    self.text = text
    self.value = value
    self.reason = reason
    self.remedy = remedy
  }

  var json: JSON {
    .object([
      ("name", .string(name)), ("state", .string(state.rawValue)), ("text", .string(text)),
      ("value", .optional(value)), ("reason", .optional(reason)), ("remedy", .optional(remedy)),
    ])
  }
}

/// Rows under one heading.
struct SupportSection: Sendable {
  /// What it is called in data.
  var name: String
  var title: String
  var rows: [SupportRow]

  static func all() -> [SupportSection] {
    [
      SupportSection(name: "sockets", title: "Families and types", rows: families()),
      SupportSection(name: "protocols", title: "Protocols", rows: protocols()),
      SupportSection(name: "io_uring", title: "io_uring", rows: RingSupport.rows()),
      SupportSection(name: "capabilities", title: "Capabilities", rows: CapabilitySupport.rows()),
      SupportSection(name: "limits", title: "Limits", rows: LimitSupport.rows()),
    ]
  }
}

// MARK: Sockets

extension SupportSection {
  /// Makes a socket, binds it if an address is given (a family may be there and have no addresses), and closes it.
  private static func row(
    _ name: String, _ family: AddressFamily, _ type: SocketType,
    by number: ProtocolNumber = .automatic, bindingTo address: SocketAddress? = nil,
    _ text: String, remedy: String
  ) -> SupportRow {
    do throws(SocketError) {
      let socket = try Socket(family, type, number)
      if let address { _ = try socket.bind(to: address) }
      return SupportRow(name, .yes, text)
    } catch {
      let isForbidden = error.errno == .notPermitted || error.errno == .permissionDenied
      return SupportRow(
        name, isForbidden ? .forbidden : .no, text, reason: error.description, remedy: remedy)
    }
  }

  private static func families() -> [SupportRow] {
    let unix = "Load the module: modprobe unix."
    let ipv4 = "Build the kernel with CONFIG_INET."
    let ipv6 = "Switch it on: sysctl net.ipv6.conf.all.disable_ipv6=0."
    let raw = "Run as root, or setcap cap_net_raw+ep PROGRAM."
    let vsock = "modprobe vsock_loopback; in a virtual machine, give it a vsock device."
    return [
      row("unix stream", .unix, .stream, "bytes between processes", remedy: unix),
      row("unix datagram", .unix, .datagram, "messages between processes", remedy: unix),
      row("unix packet", .unix, .sequencedPacket, "a connection of messages", remedy: unix),
      row("ipv4 stream", .ipv4, .stream, "TCP", remedy: ipv4),
      row("ipv4 datagram", .ipv4, .datagram, "UDP", remedy: ipv4),
      row("ipv4 raw", .ipv4, .raw, by: .icmp, "IP packets", remedy: raw),
      row(
        "ipv6 stream", .ipv6, .stream, bindingTo: .ipv6(.loopback, port: .any), "TCP",
        remedy: ipv6),
      row(
        "ipv6 datagram", .ipv6, .datagram, bindingTo: .ipv6(.loopback, port: .any), "UDP",
        remedy: ipv6),
      row("ipv6 raw", .ipv6, .raw, by: .icmpv6, "IP packets", remedy: raw),
      row("packet raw", .packet, .raw, "frames of a link", remedy: raw),
      row("packet datagram", .packet, .datagram, "frames without their header", remedy: raw),
      row("netlink", .netlink, .raw, "messages with the kernel", remedy: "Build CONFIG_NET."),
      row("vsock stream", .vsock, .stream, "with a virtual machine's host", remedy: vsock),
      row(
        "vsock loopback", .vsock, .stream,
        bindingTo: .vsock(cid: .local, port: VsockAddress.anyPort), "vsock within this machine",
        remedy: vsock),
      row("vsock packet", .vsock, .sequencedPacket, "a connection of messages", remedy: vsock),
      row(
        "x25 packet", .x25, .sequencedPacket, "X.25 calls",
        remedy: "modprobe x25, or a User-Mode Linux kernel that has it."),
    ]
  }

  private static func protocols() -> [SupportRow] {
    let ping =
      "Widen it: sysctl net.ipv4.ping_group_range='0 2147483647'; or use a raw socket as root."
    return [
      row("TCP", .ipv4, .stream, by: .tcp, "a stream", remedy: "Build CONFIG_INET."),
      row("UDP", .ipv4, .datagram, by: .udp, "datagrams", remedy: "Build CONFIG_INET."),
      row(
        "MPTCP", .ipv4, .stream, by: .mptcp, "TCP over several paths",
        remedy: "Linux 5.6 with CONFIG_MPTCP, and sysctl net.mptcp.enabled=1."),
      row(
        "UDP-Lite", .ipv4, .datagram, by: .udpLite, "UDP with partial checksums",
        remedy: "Another kernel: newer ones leave it out."),
      row(
        "SCTP", .ipv4, .stream, by: .sctp, "messages over several streams", remedy: "modprobe sctp"),
      row("ICMP", .ipv4, .datagram, by: .icmp, "echoes without privilege", remedy: ping),
      row("ICMPv6", .ipv6, .datagram, by: .icmpv6, "echoes without privilege", remedy: ping),
    ]
  }
}
