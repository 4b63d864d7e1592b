// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// A service that the system's database knows: its name, its port and its protocol.
///
/// The database is `/etc/services` unless `/etc/nsswitch.conf` says otherwise; minimal systems have
/// none.
///
/// The corresponding C type is `struct servent`.
public struct ServiceName: Hashable, Sendable {
  /// The official name, for example `http`.
  public var name: String
  /// Other names, for example `www`.
  public var aliases: [String]
  /// The port.
  public var port: Port
  /// The protocol's name, for example `tcp`.
  public var protocolName: String

  /// Makes an entry.
  public init(name: String, aliases: [String] = [], port: Port, protocolName: String) {
    self.name = name
    self.aliases = aliases
    self.port = port
    self.protocolName = protocolName
  }
}

extension ServiceName: CustomStringConvertible {
  /// The entry as `/etc/services` has it: `http 80/tcp www`.
  public var description: String {
    (["\(name) \(port)/\(protocolName)"] + aliases).joined(separator: " ")
  }
}
