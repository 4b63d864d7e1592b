// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

import Sockets
import SystemPackage

/// What the kernel's io_uring can do for sockets (linux/io_uring.h).
enum RingSupport {
  /// The names of `IORING_FEAT_…`, by bit.
  private static let features = [
    "SINGLE_MMAP", "NODROP", "SUBMIT_STABLE", "RW_CUR_POS", "CUR_PERSONALITY", "FAST_POLL",
    "POLL_32BITS", "SQPOLL_NONFIXED", "EXT_ARG", "NATIVE_WORKERS", "RSRC_TAGS", "CQE_SKIP",
    "LINKED_FILE", "REG_REG_RING", "RECVSEND_BUNDLE", "MIN_TIMEOUT", "RW_ATTR", "NO_IOWAIT",
  ]

  /// The operations `IORING_OP_…` that sockets need, and the first Linux that has them.
  private static let operations: [(number: UInt8, name: String, since: String)] = [
    (6, "POLL_ADD", "5.1"), (9, "SENDMSG", "5.3"), (10, "RECVMSG", "5.3"), (11, "TIMEOUT", "5.4"),
    (13, "ACCEPT", "5.5"), (14, "ASYNC_CANCEL", "5.5"), (16, "CONNECT", "5.5"),
    (19, "CLOSE", "5.6"), (26, "SEND", "5.6"), (27, "RECV", "5.6"), (30, "SPLICE", "5.7"),
    (31, "PROVIDE_BUFFERS", "5.7"), (34, "SHUTDOWN", "5.11"), (40, "MSG_RING", "5.18"),
    (45, "SOCKET", "5.19"), (46, "URING_CMD", "5.19"), (47, "SEND_ZC", "6.0"),
    (48, "SENDMSG_ZC", "6.1"), (56, "BIND", "6.11"), (57, "LISTEN", "6.11"),
    (58, "RECV_ZC", "6.15"),
  ]

  static func rows() -> [SupportRow] {
    var probe: RingProbe?
    let status = Syscall.probeRing(&probe)
    guard status >= 0, let probe else { return [refusal(status)] }
    let names = features.enumerated().filter { probe.features >> UInt32($0.offset) & 1 == 1 }
      .map(\.element)
    var rows = [
      SupportRow("setup", .yes, "a ring can be made"),
      SupportRow(
        "features", .value, names.joined(separator: " "), value: String(probe.features)),
      SupportRow(
        "operations", .value, "all that it has, for files and sockets",
        value: String(probe.operations.count)),
    ]
    for operation in operations {
      let isThere = probe.operations.contains(operation.number)
      rows.append(
        SupportRow(
          operation.name, isThere ? .yes : .no,
          "IORING_OP_\(operation.name), since Linux \(operation.since)",
          reason: isThere ? nil : "this kernel does not have the operation",
          remedy: isThere ? nil : "Linux \(operation.since) or later."))
    }
    return rows
  }

  private static func refusal(_ status: Int) -> SupportRow {
    let errno = Errno(rawValue: Int32(truncatingIfNeeded: -status))
    let row = ErrorTable.description(of: errno)
    let reason = row.map { "\($0.sentence) (\($0.cName))" } ?? "error \(errno.rawValue)"
    switch errno {
    case .noFunction:
      return SupportRow(
        "setup", .no, "a ring can be made", reason: reason,
        remedy: "Linux 5.1 or later with CONFIG_IO_URING.")
    default:
      let setting = Limits.setting("kernel/io_uring_disabled")
      let switchedOff = setting.map { $0 != "0" } ?? false
      return SupportRow(
        "setup", .forbidden, "a ring can be made",
        reason: switchedOff ? "\(reason): kernel.io_uring_disabled is \(setting ?? "")" : reason,
        remedy: switchedOff
          ? "sysctl kernel.io_uring_disabled=0"
          : "A container's filter forbids the call: allow io_uring_setup in its seccomp profile.")
    }
  }
}
