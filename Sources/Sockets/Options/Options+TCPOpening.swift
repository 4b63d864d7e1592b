// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of TCP: opening connections, fast open, signatures: tcp(7).

extension SocketOption where Value == Bool {
  /// On a client, the first write goes out with the request to connect.
  ///
  /// RFC 7413.
  ///
  /// The corresponding C constant is `TCP_FASTOPEN_CONNECT`.
  public static var fastOpenConnect: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_FASTOPEN_CONNECT, cName: "TCP_FASTOPEN_CONNECT", coding: .flag
    )
  }

  /// Fast open without cookies, where both sides agree by other means.
  ///
  /// The corresponding C constant is `TCP_FASTOPEN_NO_COOKIE`.
  public static var fastOpenWithoutCookie: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_FASTOPEN_NO_COOKIE, cName: "TCP_FASTOPEN_NO_COOKIE",
      coding: .flag)
  }

  /// On a listening socket, keeps the headers of each request to connect.
  ///
  /// The corresponding C constant is `TCP_SAVE_SYN`.
  public static var savesOpeningSegment: SocketOption<Bool> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_SAVE_SYN, cName: "TCP_SAVE_SYN", coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// On a listening socket, how many fast opens may be under way; zero refuses them.
  ///
  /// RFC 7413.
  ///
  /// The corresponding C constant is `TCP_FASTOPEN`.
  public static var fastOpen: SocketOption<Int32> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_FASTOPEN, cName: "TCP_FASTOPEN",
      coding: .integer(unit: "connections"))
  }
}

extension SocketOption where Value == [UInt8] {
  /// The key, of 16 bytes, or two of them, from which fast-open cookies are made.
  ///
  /// Empty when none was ever set in this network namespace.
  ///
  /// The corresponding C constant is `TCP_FASTOPEN_KEY`.
  public static var fastOpenKey: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_FASTOPEN_KEY, cName: "TCP_FASTOPEN_KEY", coding: .fastOpenKey)
  }

  /// The headers of the request that opened the connection; they are given once.
  ///
  /// Empty when none were kept.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `TCP_SAVED_SYN`.
  public static var savedOpeningSegment: SocketOption<[UInt8]> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_SAVED_SYN, cName: "TCP_SAVED_SYN", coding: .bytes(1024))
  }
}

extension SocketOption where Value == TCPSignatureKey {
  /// The key that signs the segments of one peer (RFC 2385).
  ///
  /// An empty key removes the peer's; `ENOENT` when it had none.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `TCP_MD5SIG`.
  public static var signatureKey: SocketOption<TCPSignatureKey> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_MD5SIG, cName: "TCP_MD5SIG", coding: .signature)
  }

  /// The key that signs the segments of all peers of a prefix, or of one interface.
  ///
  /// It can only be set.
  ///
  /// The corresponding C constant is `TCP_MD5SIG_EXT`.
  public static var prefixSignatureKey: SocketOption<TCPSignatureKey> {
    SocketOption(
      level: CS_SOL_TCP, name: CS_TCP_MD5SIG_EXT, cName: "TCP_MD5SIG_EXT", coding: .prefixSignature)
  }
}
