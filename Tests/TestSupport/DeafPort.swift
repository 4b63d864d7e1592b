// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

package import Sockets

/// A port of this machine where nobody listens, and where nobody can as long as this lives: it has the port.
///
/// The port of a socket that was closed may be another test's a moment later.
package struct DeafPort: ~Copyable {
  private enum Holder: ~Copyable {
    /// Bound, and not listening.
    case stream(BoundSocket)
    /// Connected to itself, so that nobody else's datagrams are its own.
    case datagram(MessageSocket)
  }

  private let holder: Holder
  /// The address that does not answer.
  package let address: SocketAddress

  /// Takes a port.
  ///
  /// - Parameters:
  ///   - address: of which interface, with port zero.
  ///   - type: a stream or a datagram.
  /// - Throws: `SocketError` of `socket`, `bind`, `getsockname` or `connect`.
  package init(_ address: SocketAddress, _ type: SocketType = .stream) throws(SocketError) {
    if type == .stream {
      let bound = try Socket(address.family).bind(to: address)
      let own = try bound.localAddress()
      self.address = own
      holder = .stream(bound)
    } else {
      let bound = try MessageSocket.bound(to: address)
      let own = try bound.localAddress()
      try bound.connect(to: own)
      self.address = own
      holder = .datagram(bound)
    }
  }
}
