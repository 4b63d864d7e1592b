// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

internal import Sockets
internal import SystemPackage

/// Whether this kernel's io_uring has what ``UringEngine`` needs.
enum UringProbe {
  /// The operations that the engine submits, by number and C name.
  private static let needed: [(number: UInt8, name: String)] = [
    (6, "IORING_OP_POLL_ADD"), (13, "IORING_OP_ACCEPT"), (14, "IORING_OP_ASYNC_CANCEL"),
    (22, "IORING_OP_READ"), (26, "IORING_OP_SEND"), (27, "IORING_OP_RECV"),
  ]

  /// Why the engine cannot be used here, or `nil` when it can.
  static func obstacle() -> String? {
    var probe: RingProbe?
    let status = Syscall.probeRing(&probe)
    guard status >= 0 else {
      return reason(Errno(rawValue: Int32(truncatingIfNeeded: 0 &- status)))
    }
    guard let probe else { return "the kernel does not say what its io_uring can do" }
    for operation in needed where !probe.operations.contains(operation.number) {
      return "the kernel's io_uring lacks \(operation.name)"
    }
    let ring = UringSetup.make(entries: 8)
    guard ring.descriptor >= 0 else {
      return "the kernel's io_uring lacks IORING_SETUP_DEFER_TASKRUN (Linux 6.1)"
    }
    _ = Syscall.close(Int32(truncatingIfNeeded: ring.descriptor))
    return nil
  }

  private static func reason(_ error: Errno) -> String {
    switch error {
    case .noFunction: "the kernel has no io_uring (ENOSYS)"
    case .notPermitted, .permissionDenied:
      "io_uring is forbidden here, by a container's rules or kernel.io_uring_disabled (EPERM)"
    default: "io_uring_setup failed: \(error)"
    }
  }
}
