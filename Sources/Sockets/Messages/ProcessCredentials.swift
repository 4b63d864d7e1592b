// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// Who a process is: its number, its user and its group, checked by the kernel.
///
/// The kernel lets a sender name only itself, by any of its user and group numbers; with `CAP_SYS_ADMIN`,
/// `CAP_SETUID` and `CAP_SETGID` it may name others. A sender in another process-number or user namespace is
/// seen with the numbers of the receiver's namespace, and with process 0, user and group 65534 when it has none
/// there.
///
/// The corresponding C type is `struct ucred`.
public struct ProcessCredentials: Hashable, Sendable {
  /// The process's number.
  ///
  /// It may be given to another process once this one has ended.
  public var processID: Int32
  /// The user's number.
  public var userID: UInt32
  /// The group's number.
  public var groupID: UInt32

  /// Puts credentials together.
  public init(processID: Int32, userID: UInt32, groupID: UInt32) {
    self.processID = processID
    self.userID = userID
    self.groupID = groupID
  }

  /// The calling process's own: number, real user, real group.
  public static var current: ProcessCredentials { Syscall.currentCredentials() }
}

/// An owner of a process descriptor: it names one process for good, even after its number was given away.
///
/// It may be polled: it is readable once the process has ended. When the owner ends, the descriptor is closed;
/// the process is not touched.
///
/// The corresponding C functions are those that take a `pidfd`, such as `pidfd_send_signal`.
public struct ProcessDescriptor: ~Copyable, Sendable {
  package var owned: OwnedDescriptor

  /// Takes over an open process descriptor.
  ///
  /// - Parameter descriptor: a descriptor that nobody else will close.
  public init(owning descriptor: FileDescriptor) {
    owned = OwnedDescriptor(
      owning: descriptor.rawValue,
      family: .unspecified,
      type: SocketType(rawValue: 0)
    )
  }

  /// The number, for printing and polling; it owns nothing.
  public var rawValue: Int32 { owned.number }

  /// Whether the process has ended.
  public var hasEnded: Bool { Wait.isReady(Constants.pollIn, owned.number) }

  /// Ends the ownership without closing: the descriptor is the caller's from now on.
  ///
  /// - Returns: the open descriptor, which somebody must close.
  public consuming func release() -> FileDescriptor { FileDescriptor(rawValue: owned.release()) }
}
