// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

/// A socket option and its value, as `--option name=value` gives them.
struct OptionAssignment: Sendable {
  let entry: OptionCatalog.Entry
  let value: String

  /// Reads `noDelay=true`, `tcp.noDelay=on`, `TCP_NODELAY=1`, or a name alone where the option has no value.
  ///
  /// - Throws: `ValidationError` that says what is wrong, and the nearest names.
  static func parsed(_ text: String) throws -> OptionAssignment {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let entry = try entry(named: String(parts.first ?? ""))
    let value = parts.count > 1 ? String(parts[1]) : ""
    guard entry.access != .readOnly else {
      throw ValidationError("\(entry.swiftName) can be read, and not be set")
    }
    guard let wanted = entry.settableForm else {
      throw ValidationError(
        "\(entry.swiftName) is a \(entry.valueType), which cannot be written here")
    }
    guard parts.count > 1 || entry.valueType == "()" else {
      throw ValidationError("\(entry.swiftName) needs a value: \(entry.swiftName)=\(wanted)")
    }
    guard entry.canSet(value) else {
      throw ValidationError("'\(value)' is no value for \(entry.swiftName); wanted is \(wanted)")
    }
    return OptionAssignment(entry: entry, value: value)
  }

  /// The levels by which an option may be called.
  private static let levels: [(name: String, level: Int32?)] = [
    ("socket", 1), ("ip", 0), ("ipv4", 0), ("ipv6", 41), ("tcp", 6), ("udp", 17),
    ("udplite", 136), ("udp-lite", 136), ("icmp", 255), ("icmpv6", 58), ("raw", 255), ("vsock", 40),
    ("x25", 262), ("packet", 263), ("netlink", 270), ("mptcp", 284), ("ioctl", nil),
  ]

  private static func entry(named text: String) throws -> OptionCatalog.Entry {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.last ?? "")
    let entries = OptionCatalog.entries
    guard let entry = entries.first(where: { $0.swiftName == name || $0.cName == name }) else {
      let near = NearestWords.to(name, among: entries.map(\.swiftName) + entries.map(\.cName))
      let hint =
        near.isEmpty
        ? "'sockets options' lists them" : "did you mean \(near.joined(separator: " or "))?"
      throw ValidationError("there is no option '\(name)'; \(hint)")
    }
    guard parts.count == 2, let prefix = parts.first else { return entry }
    let isOfLevel = levels.contains { $0.name == prefix.lowercased() && $0.level == entry.level }
    guard isOfLevel else {
      let right = levels.first { $0.level == entry.level }?.name ?? "no level"
      throw ValidationError("'\(text)': \(name) is an option of \(right), not of '\(prefix)'")
    }
    return entry
  }

  /// Fails when an endpoint's sockets do not have the option.
  func check(for endpoint: Endpoint) throws {
    let families: [AddressFamily] =
      endpoint.family == .unspecified ? [.ipv4, .ipv6] : [endpoint.family]
    let kinds = families.compactMap { SocketKind(endpoint.transport, $0) }
    guard !kinds.isEmpty, !kinds.contains(where: { entry.kinds.contains(SocketKinds($0)) }) else {
      return
    }
    throw ValidationError(
      "\(entry.swiftName) is an option of \(entry.kinds), not of \(endpoint.transport)")
  }
}

extension SocketKind {
  /// The catalog's name for what a transport's sockets are; `nil` when it has none.
  init?(_ transport: Transport, _ family: AddressFamily) {
    let isIPv6 = family == .ipv6
    switch transport {
    case .tcp, .tcp4, .tcp6: self = isIPv6 ? .tcpIPv6 : .tcpIPv4
    case .mptcp: self = isIPv6 ? .multipathIPv6 : .multipathIPv4
    case .udp, .udp4, .udp6: self = isIPv6 ? .udpIPv6 : .udpIPv4
    case .udpLite: self = isIPv6 ? .udpLiteIPv6 : .udpLiteIPv4
    case .icmp, .icmp4, .icmp6: self = isIPv6 ? .icmpv6 : .icmp
    case .unix: self = .unixStream
    case .unixDatagram: self = .unixDatagram
    case .unixPacket: self = .unixSequencedPacket
    case .vsock: self = .vsock
    case .x25: self = .x25
    case .sctp, .vsockPacket, .vsockDatagram: return nil
    }
  }
}
