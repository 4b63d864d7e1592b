// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import CSockets

// Of vsock: vsock(7). Its level is the number of the family.

extension SocketOption where Value == Bool {
  /// For callers inside the kernel; every Linux so far answers `ENOPROTOOPT`.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_NONBLOCK_TXRX`.
  public static var vsockNonBlockingTransfer: SocketOption<Bool> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_NONBLOCK_TXRX,
      cName: "SO_VM_SOCKETS_NONBLOCK_TXRX", coding: .flag)
  }

  /// Whether the peer is trusted, for VMware; every Linux so far answers `ENOPROTOOPT`.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_TRUSTED`.
  public static var isVsockPeerTrusted: SocketOption<Bool> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_TRUSTED, cName: "SO_VM_SOCKETS_TRUSTED",
      coding: .flag)
  }
}

extension SocketOption where Value == Int32 {
  /// The peer's machine on the host, for VMware; every Linux so far answers `ENOPROTOOPT`.
  ///
  /// It can only be read.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_PEER_HOST_VM_ID`.
  public static var vsockPeerHostIdentifier: SocketOption<Int32> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_PEER_HOST_VM_ID,
      cName: "SO_VM_SOCKETS_PEER_HOST_VM_ID", coding: .integer(unit: "identifier"))
  }
}

extension SocketOption where Value == UInt64 {
  /// The largest value that ``vsockBufferSize`` takes.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_BUFFER_MAX_SIZE`.
  public static var vsockMaximumBufferSize: SocketOption<UInt64> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_BUFFER_MAX_SIZE,
      cName: "SO_VM_SOCKETS_BUFFER_MAX_SIZE", coding: .unsigned64(unit: "bytes"))
  }

  /// The smallest value that ``vsockBufferSize`` takes.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_BUFFER_MIN_SIZE`.
  public static var vsockMinimumBufferSize: SocketOption<UInt64> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_BUFFER_MIN_SIZE,
      cName: "SO_VM_SOCKETS_BUFFER_MIN_SIZE", coding: .unsigned64(unit: "bytes"))
  }

  /// The size of the stream's buffer.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_BUFFER_SIZE`.
  public static var vsockBufferSize: SocketOption<UInt64> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_BUFFER_SIZE, cName: "SO_VM_SOCKETS_BUFFER_SIZE",
      coding: .unsigned64(unit: "bytes"))
  }
}

extension SocketOption where Value == Duration {
  /// How long an attempt to connect may take.
  ///
  /// The corresponding C constant is `SO_VM_SOCKETS_CONNECT_TIMEOUT`.
  public static var vsockConnectTimeout: SocketOption<Duration> {
    SocketOption(
      level: CS_AF_VSOCK, name: CS_SO_VM_SOCKETS_CONNECT_TIMEOUT,
      cName: "SO_VM_SOCKETS_CONNECT_TIMEOUT", coding: .timeval)
  }
}
