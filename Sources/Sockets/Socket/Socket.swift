// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// A socket that has just been made: it has options, but no address and no peer yet.
///
/// The lifecycle is a chain of consuming calls, each of which ends one phase and returns the next, so that a
/// call in the wrong phase does not compile:
///
///     Socket --bind--> BoundSocket --listen--> ListeningSocket --accept--> ConnectedSocket
///        \----------------------connect----------------------------------/
///
/// A call that fails closes the socket and throws; ``attemptBind(to:)`` is the form that gives it back. A
/// datagram or raw socket, for which every call is legal at every time, is a ``MessageSocket``.
///
/// Interrupted calls (`EINTR`) are repeated inside the package, with three exceptions: `close`, whose
/// descriptor is gone, `connect`, which goes on by itself and is waited for, and waiting with a deadline, which
/// goes on with what is left. Descriptors are closed on exec, and no call raises `SIGPIPE`.
///
/// The corresponding C function is `socket`.
public struct Socket: ~Copyable, SocketOwner {
  package var owned: OwnedDescriptor

  /// Makes a socket.
  ///
  /// The descriptor is closed on exec.
  ///
  /// - Parameters:
  ///   - family: the family of its addresses.
  ///   - type: what it carries.
  ///   - protocolNumber: the protocol, or ``ProtocolNumber/automatic`` for the usual one.
  /// - Throws: ``SocketError`` with `EAFNOSUPPORT`, `ESOCKTNOSUPPORT` or `EPROTONOSUPPORT` when this kernel
  ///   lacks the family, the type or the protocol, `EPERM` or `EACCES` when a capability is missing, and
  ///   `EMFILE`, `ENFILE`, `ENOBUFS` or `ENOMEM` when the process or the system has no more.
  ///
  /// The corresponding C function is `socket`.
  public init(
    _ family: AddressFamily,
    _ type: SocketType = .stream,
    _ protocolNumber: ProtocolNumber = .automatic
  ) throws(SocketError) {
    owned = try .made(family, type, protocolNumber)
  }

  package init(owned: consuming OwnedDescriptor) { self.owned = owned }

  /// The number of the socket; it owns nothing.
  public var descriptor: SocketDescriptor { SocketDescriptor(rawValue: owned.number) }
  /// The family that the socket was made with.
  public var family: AddressFamily { owned.family }
  /// The type that the socket was made with.
  public var type: SocketType { owned.type }

  /// Closes the socket and says what the kernel answered; see ``SocketOwner/close()``.
  ///
  /// - Throws: ``SocketError`` with an error of an earlier write; the descriptor is gone all the same.
  ///
  /// The corresponding C function is `close`.
  public consuming func close() throws(SocketError) { try owned.close() }

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor { FileDescriptor(rawValue: owned.release()) }
}

extension OwnedDescriptor {
  /// `socket(2)` with close-on-exec.
  static func made(
    _ family: AddressFamily,
    _ type: SocketType,
    _ protocolNumber: ProtocolNumber
  ) throws(SocketError) -> OwnedDescriptor {
    let number = Syscall.socket(
      Int32(family.rawValue),
      type.rawValue | Constants.socketCloseOnExec,
      protocolNumber.rawValue
    )
    guard number >= 0 else {
      throw SocketError(.socket, result: number, subject: .socket(family, type, protocolNumber))
    }
    return OwnedDescriptor(
      owning: Int32(truncatingIfNeeded: number),
      family: family,
      type: type
    )
  }

  /// Takes over a descriptor from elsewhere: asks its family and type, and sets close-on-exec.
  ///
  /// On an error the descriptor is still the caller's, and open.
  static func adopted(_ descriptor: FileDescriptor) throws(SocketError) -> OwnedDescriptor {
    let number = descriptor.rawValue
    let family = try adoptedFact(number, Constants.domain, "SO_DOMAIN")
    let type = try adoptedFact(number, Constants.type, "SO_TYPE")
    let status = Syscall.fcntl(number, command: Constants.setDescriptorFlags, argument: 1)
    guard status >= 0 else { throw SocketError(.adopt, result: status) }
    return OwnedDescriptor(
      owning: number,
      family: AddressFamily(rawValue: UInt16(truncatingIfNeeded: family)),
      type: SocketType(rawValue: type)
    )
  }

  private static func adoptedFact(
    _ number: Int32,
    _ name: Int32,
    _ cName: StaticString
  ) throws(SocketError) -> Int32 {
    do {
      return try Options.get(
        SocketOption<Int32>(
          level: Constants.socketLevel,
          name: name,
          cName: cName,
          coding: .integer
        ),
        of: number
      )
    } catch {
      // What is not a socket answers ENOTSOCK here: that is the adoption's failure.
      throw SocketError(.adopt, error.cause)
    }
  }
}
