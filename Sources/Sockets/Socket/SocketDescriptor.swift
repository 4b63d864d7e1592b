// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import SystemPackage

/// The number of a socket in this process: a name for it, never an owner.
///
/// It may be copied, compared and printed, and it closes nothing. After its owner is closed the system gives
/// the number to the next file that is opened: keep the owner, not this.
///
/// The corresponding C type is `int`.
public struct SocketDescriptor: Hashable, Sendable, CustomStringConvertible {
  /// The number.
  public let rawValue: Int32

  /// Names a descriptor by its number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The number as text.
  public var description: String { String(rawValue) }
}

/// The one owner of a socket's descriptor inside every owner type: it closes the descriptor at its end.
package struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number.
  package let number: Int32
  /// The family the socket was made with.
  package let family: AddressFamily
  /// The type the socket was made with.
  package let type: SocketType

  /// Takes ownership of a descriptor that nobody else owns.
  package init(owning number: Int32, family: AddressFamily, type: SocketType) {
    self.number = number
    self.family = family
    self.type = type
  }

  deinit { _ = Syscall.close(number) }

  /// Closes and says what `close` answered.
  package consuming func close() throws(SocketError) {
    let number = release()
    let status = Syscall.close(number)
    // An interrupted close has closed: Linux releases the number first (close(2), NOTES).
    guard status >= 0 || status == -Int(Errno.interrupted.rawValue) else {
      throw SocketError(.close, result: status)
    }
  }

  /// Gives the descriptor away without closing it.
  package consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}
