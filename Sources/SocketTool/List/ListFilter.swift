// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import Sockets

/// Which sockets are listed.
struct ListFilter: Sendable {
  var protocols: [ListProtocol] = ListProtocol.usual
  /// Whether the protocols were named, so that one that cannot be listed is a failure.
  var isExplicit = false
  var states = SocketStates.all
  var ports: [ClosedRange<UInt16>] = []
  var addresses: [IPPrefix] = []
  var processes: [String] = []
  var users: [UInt32] = []

  /// Whether a socket passes what can be said without its processes.
  func takes(_ row: SocketRow) -> Bool {
    guard states.contains(SocketStates(row.state)) else { return false }
    guard !ports.isEmpty || !addresses.isEmpty else { return true }
    let ends = [row.local.ip, row.peer?.ip]
    if !ports.isEmpty {
      guard row.kind != .raw, ends.contains(where: { end in end.map(hasPort) ?? false }) else {
        return false
      }
    }
    guard addresses.isEmpty || ends.contains(where: { end in end.map(hasAddress) ?? false }) else {
      return false
    }
    return true
  }

  private func hasPort(_ end: IPSocketAddress) -> Bool {
    ports.contains { $0.contains(end.port.rawValue) }
  }

  private func hasAddress(_ end: IPSocketAddress) -> Bool {
    var address = end.address.unmapped
    // A zone tells the address's link, which a prefix does not have.
    if case .ipv6(var inner) = address {
      inner.zone = 0
      address = .ipv6(inner)
    }
    return addresses.contains { $0.contains(address) }
  }

  /// Whether a socket passes what its processes and its user have to do with.
  func takesOwner(_ row: SocketRow) -> Bool {
    if !processes.isEmpty {
      let isHeld = row.holders.contains { holder in
        processes.contains { word in Self.matches(holder.process, word) }
      }
      guard isHeld else { return false }
    }
    guard !users.isEmpty else { return true }
    let owners = row.holders.compactMap(\.process.userID) + (row.userID.map { [$0] } ?? [])
    return owners.contains(where: users.contains)
  }

  private static func matches(_ process: ListedProcess, _ word: String) -> Bool {
    if let number = Int32(word) { return process.processID == number }
    return process.name.lowercased().contains(word.lowercased())
  }
}

// MARK: Words of the command line

extension ListFilter {
  /// Protocols with commas between them.
  static func protocols(_ text: String) throws -> [ListProtocol] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let found = ListProtocol(rawValue: word.lowercased()) else {
        let names = ListProtocol.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError(
          "'\(ForeignText.shown(String(word)))' is no protocol; there are \(names)")
      }
      return found
    }
  }

  /// Ports, ranges of them and names of services, with commas between them.
  static func ports(_ text: String) throws -> [ClosedRange<UInt16>] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let ends = word.split(separator: "-", omittingEmptySubsequences: false)
      if ends.count == 2, let first = UInt16(ends[0]), let last = UInt16(ends[1]), first <= last {
        return first...last
      }
      if let port = UInt16(word) { return port...port }
      let isName = word.utf8.contains { $0 > UInt8(ascii: "9") }
      if isName, let service = try? Resolver.system.service(named: String(word)) {
        return service.port.rawValue...service.port.rawValue
      }
      throw ValidationError(
        "'\(ForeignText.shown(String(word)))' is no port; wanted is 80, 8000-8999 or http")
    }
  }

  /// An address, or a prefix of addresses; of IPv4 in IPv6 the inner one, as which ends are compared.
  static func address(_ text: String) throws -> IPPrefix {
    let prefix = try containing(text) ?? ArgumentText.network(text)
    guard prefix.length >= 96, case .ipv4(let inner) = prefix.address.unmapped,
      prefix.address.family == .ipv6
    else { return prefix }
    return IPPrefix(.ipv4(inner), length: prefix.length - 96) ?? prefix
  }

  /// The prefix in which an address with a length is: people write 192.168.1.7/24 too.
  private static func containing(_ text: String) -> IPPrefix? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
      String(length) == parts[1]
    else { return nil }
    return IPPrefix(containing: address, length: length)
  }
}
