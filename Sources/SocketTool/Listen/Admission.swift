// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import ArgumentParser
import AsyncSockets
import Sockets

/// Who may be served: by address, or by the user whom the kernel knows behind a Unix connection.
struct Admission: Sendable {
  /// The networks that may connect; empty for all.
  var networks: [IPPrefix]
  /// The users that may connect, by number; empty for all.
  var users: [UInt32]

  /// Why a peer is refused; `nil` when it may be served.
  func refusal(of connection: Connection) -> String? {
    if !users.isEmpty {
      do {
        let peer = try connection.option(.peerCredentials)
        guard users.contains(peer.userID) else {
          return "user \(UserDatabase.text(peer.userID)) is not allowed"
        }
      } catch {
        return "\(error)"
      }
    }
    guard !networks.isEmpty else { return nil }
    do {
      return refusal(of: try connection.peerAddress())
    } catch {
      return "\(error)"
    }
  }

  /// The same for the sender of a datagram.
  func refusal(of address: SocketAddress) -> String? {
    guard !networks.isEmpty else { return nil }
    guard let peer = address.ip?.address.unmapped else { return "it has no IP address" }
    guard !networks.contains(where: { $0.contains(peer) }) else { return nil }
    return "not in \(networks.map(\.description).joined(separator: ", "))"
  }
}

extension ArgumentText {
  /// A network, `10.0.0.0/8`, or one address.
  static func network(_ text: String) throws -> IPPrefix {
    if let address = IPAddress(text), let prefix = IPPrefix(address, length: address.bitCount) {
      return prefix
    }
    do {
      return try IPPrefix(parsing: text)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// A user of this machine, by name or by number.
  static func user(_ text: String) throws -> UInt32 {
    guard let number = UserDatabase.number(text) else {
      throw ValidationError("this machine has no user '\(text)'")
    }
    return number
  }
}
