// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

/// C constants of the kernel's interface that the package needs under Swift names.
///
/// The numbers are those of Linux on x86-64 and arm64; constants.c compares each with the system's header.
package enum Constants {
  /// The corresponding C constant is `SOCK_CLOEXEC`.
  package static let socketCloseOnExec: Int32 = 0o2000000
  /// The corresponding C constant is `SOCK_NONBLOCK`.
  package static let socketNonBlocking: Int32 = 0o4000
  /// The C constant `F_GETFL`.
  package static let getFlags: Int32 = 3
  /// The C constant `F_SETFL`.
  package static let setFlags: Int32 = 4
  /// The C constant `F_SETFD`; its one flag is `FD_CLOEXEC`, 1.
  package static let setDescriptorFlags: Int32 = 2
  /// The C constant `F_DUPFD_CLOEXEC`.
  package static let duplicateCloseOnExec: Int32 = 1030
  /// The C constant `O_NONBLOCK`.
  package static let nonBlocking: Int32 = 0o4000
  /// The C constant `SOL_SOCKET`.
  package static let socketLevel: Int32 = 1
  /// The C constant `SO_ERROR`.
  package static let pendingError: Int32 = 4
  /// The C constant `SO_DOMAIN`.
  package static let domain: Int32 = 39
  /// The C constant `SO_TYPE`.
  package static let type: Int32 = 3
  /// The C constant `SO_SNDTIMEO`.
  package static let sendTimeout: Int32 = 21
  /// The C constant `SO_LINGER`.
  package static let linger: Int32 = 13
  /// The C constant `POLLIN`.
  package static let pollIn: Int16 = 0x1
  /// The C constant `POLLPRI`.
  package static let pollPriority: Int16 = 0x2
  /// The C constant `POLLOUT`.
  package static let pollOut: Int16 = 0x4
  /// The C constant `SPLICE_F_MOVE`.
  package static let spliceMove: UInt32 = 1
  /// The C constant `SPLICE_F_NONBLOCK`.
  package static let spliceNonBlocking: UInt32 = 2
  /// The C constant `POLLERR`.
  package static let pollError: Int16 = 0x8
  /// The C constant `POLLHUP`.
  package static let pollHangUp: Int16 = 0x10
  /// The C constant `POLLNVAL`.
  package static let pollInvalid: Int16 = 0x20
  /// The C constant `POLLRDHUP`.
  package static let pollPeerHangUp: Int16 = 0x2000
  /// The C constant `SIOCATMARK`.
  package static let atMark: UInt = 0x8905
}
