// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

public import SystemPackage

/// One error of the system: its C name, what it means, and what to do about it.
public struct ErrorDescription: Hashable, Sendable {
  /// The error.
  public let errno: Errno
  /// The C constant, for example `ECONNREFUSED`.
  public let cName: String
  /// What happened, in words that fit into a line of a log.
  public let sentence: String
  /// What to do about it, as far as sockets are concerned; empty where there is nothing to say.
  public let advice: String
}

/// All errors of Linux, in the order of their numbers: the one source of every error text.
///
/// `sockets errors` prints it, ``SocketError`` looks its sentences up in it, and a test compares it with the
/// system's own list. A number that is not in it prints as `error 4711`.
public enum ErrorTable {
  /// The description of an error, or `nil` for a number that Linux does not use.
  ///
  /// - Parameter errno: the error.
  /// - Returns: its row.
  public static func description(of errno: Errno) -> ErrorDescription? {
    let number = Int(errno.rawValue)
    // The numbers have two gaps, 41 and 58, so a row stands at its number less one, two or three.
    guard number >= 1, number <= rows.count + 2 else { return nil }
    return rows[max(0, number - 3)...min(number - 1, rows.count - 1)].first { $0.errno == errno }
  }

  /// Every error, in the order of the numbers.
  public static let rows: [ErrorDescription] = [
    row(
      1,
      "EPERM",
      "operation not permitted",
      "A capability is missing (see `sockets support`), or a firewall rule forbids it."
    ),
    row(
      2,
      "ENOENT",
      "no such file or directory",
      "The Unix path does not exist: has the server started, and is the path right?"
    ),
    row(3, "ESRCH", "no such process"),
    row(
      4,
      "EINTR",
      "interrupted by a signal",
      "The package repeats the call by itself; only where it says so does this reach a caller."
    ),
    row(5, "EIO", "input/output error", "The device below failed."),
    row(
      6,
      "ENXIO",
      "no such device or address",
      "The interface or the other end of the pipe is gone."
    ),
    row(7, "E2BIG", "argument list too long"),
    row(8, "ENOEXEC", "exec format error"),
    row(
      9,
      "EBADF",
      "not an open descriptor",
      "The descriptor was closed elsewhere: only its owner may close it."
    ),
    row(10, "ECHILD", "no child processes"),
    row(
      11,
      "EAGAIN",
      "the call would have to wait",
      "Wait until the socket is ready; the `try…` twins return nil instead."
    ),
    row(
      12,
      "ENOMEM",
      "out of memory",
      "The kernel has no memory for this now: pause and try again."
    ),
    row(
      13,
      "EACCES",
      "permission denied",
      "A port below 1024 needs CAP_NET_BIND_SERVICE, a broadcast needs SO_BROADCAST, a "
        + "Unix path needs write permission."
    ),
    row(14, "EFAULT", "bad address in memory", "A bug in this package or in unsafe code."),
    row(15, "ENOTBLK", "block device required"),
    row(16, "EBUSY", "device or resource busy", "Somebody else uses it exclusively."),
    row(17, "EEXIST", "file exists", "Something of that name is already there."),
    row(18, "EXDEV", "invalid cross-device link"),
    row(19, "ENODEV", "no such device", "No interface of that name or index: see `ip link`."),
    row(20, "ENOTDIR", "not a directory", "A part of the Unix path is not a directory."),
    row(21, "EISDIR", "is a directory", "The Unix path is a directory."),
    row(
      22,
      "EINVAL",
      "invalid argument",
      "The value, the address or the state of the socket does not fit the call."
    ),
    row(
      23,
      "ENFILE",
      "too many open files in the system",
      "The system's limit of open files is reached: fs.file-max."
    ),
    row(
      24,
      "EMFILE",
      "too many open files in this process",
      "The process's limit of descriptors is reached: close some, or raise `ulimit -n`."
    ),
    row(
      25,
      "ENOTTY",
      "not supported by this kind of descriptor",
      "The device control call does not apply to this socket."
    ),
    row(26, "ETXTBSY", "text file busy"),
    row(27, "EFBIG", "file too large", "The file has grown past the limit."),
    row(28, "ENOSPC", "no space left", "A table of the kernel is full."),
    row(29, "ESPIPE", "this descriptor cannot be positioned", "Sockets and pipes have no offset."),
    row(30, "EROFS", "read-only file system", "The Unix path lies on a read-only file system."),
    row(31, "EMLINK", "too many links"),
    row(
      32,
      "EPIPE",
      "the connection can no longer be written to",
      "The peer has closed, or writing was shut down; what the peer sent can still be read."
    ),
    row(33, "EDOM", "argument out of domain", "The value lies outside what the call takes."),
    row(34, "ERANGE", "result out of range", "The buffer for the answer is too small."),
    row(35, "EDEADLK", "would wait for itself", "The resource is held by the caller."),
    row(36, "ENAMETOOLONG", "name too long", "A Unix path has at most 107 bytes."),
    row(37, "ENOLCK", "no locks available"),
    row(
      38,
      "ENOSYS",
      "the kernel does not have this call",
      "The kernel is too old, or a container forbids the call."
    ),
    row(39, "ENOTEMPTY", "directory not empty"),
    row(40, "ELOOP", "too many symbolic links", "The Unix path goes in circles."),
    row(
      42,
      "ENOMSG",
      "no message of that type",
      "There is nothing of the kind that was asked for."
    ),
    row(43, "EIDRM", "identifier removed", "The object is gone."),
    row(44, "ECHRNG", "channel number out of range"),
    row(45, "EL2NSYNC", "level 2 not synchronized"),
    row(46, "EL3HLT", "level 3 halted"),
    row(47, "EL3RST", "level 3 reset"),
    row(48, "ELNRNG", "link number out of range"),
    row(49, "EUNATCH", "protocol driver not attached"),
    row(50, "ENOCSI", "no CSI structure available"),
    row(51, "EL2HLT", "level 2 halted"),
    row(52, "EBADE", "invalid exchange"),
    row(53, "EBADR", "invalid request descriptor"),
    row(54, "EXFULL", "exchange full"),
    row(55, "ENOANO", "no anode"),
    row(56, "EBADRQC", "invalid request code"),
    row(57, "EBADSLT", "invalid slot"),
    row(59, "EBFONT", "bad font file format"),
    row(60, "ENOSTR", "device not a stream"),
    row(61, "ENODATA", "no data available", "There is nothing of the kind that was asked for."),
    row(62, "ETIME", "timer expired"),
    row(63, "ENOSR", "out of streams resources"),
    row(64, "ENONET", "machine is not on the network", "The interface has no network."),
    row(65, "ENOPKG", "package not installed"),
    row(66, "EREMOTE", "object is remote"),
    row(67, "ENOLINK", "link has been severed"),
    row(68, "EADV", "advertise error"),
    row(69, "ESRMNT", "srmount error"),
    row(70, "ECOMM", "communication error on send"),
    row(71, "EPROTO", "protocol error", "The peer broke the protocol."),
    row(72, "EMULTIHOP", "multihop attempted"),
    row(73, "EDOTDOT", "rFS specific error"),
    row(74, "EBADMSG", "bad message", "The message is not of the expected form."),
    row(75, "EOVERFLOW", "value too large", "The answer does not fit its field."),
    row(76, "ENOTUNIQ", "name not unique on network"),
    row(77, "EBADFD", "file descriptor in bad state"),
    row(78, "EREMCHG", "remote address changed"),
    row(79, "ELIBACC", "cannot access a needed library", "A shared library is missing."),
    row(80, "ELIBBAD", "accessing a corrupted shared library"),
    row(81, "ELIBSCN", ".lib section in a.out corrupted"),
    row(82, "ELIBMAX", "attempting to link in too many shared libraries"),
    row(83, "ELIBEXEC", "cannot exec a shared library directly"),
    row(
      84,
      "EILSEQ",
      "invalid bytes for a character",
      "The bytes are not valid in their encoding."
    ),
    row(85, "ERESTART", "interrupted system call should be restarted"),
    row(86, "ESTRPIPE", "streams pipe error"),
    row(87, "EUSERS", "too many users", "The table of this protocol is full."),
    row(88, "ENOTSOCK", "not a socket", "The descriptor is a file, a pipe or something else."),
    row(
      89,
      "EDESTADDRREQ",
      "destination address required",
      "Connect the socket first, or name an address."
    ),
    row(
      90,
      "EMSGSIZE",
      "message too long",
      "A datagram goes whole or not at all: send less, or find out the path's MTU."
    ),
    row(
      91,
      "EPROTOTYPE",
      "wrong type of socket for this peer or protocol",
      "The peer's socket is of another type: stream, datagram or sequenced-packet."
    ),
    row(
      92,
      "ENOPROTOOPT",
      "the option is not known at this level",
      "This kind of socket or this kernel does not have the option."
    ),
    row(
      93,
      "EPROTONOSUPPORT",
      "protocol not supported",
      "The family does not have the protocol, or its module is not loaded."
    ),
    row(
      94,
      "ESOCKTNOSUPPORT",
      "type of socket not supported",
      "The family does not have this type."
    ),
    row(
      95,
      "EOPNOTSUPP",
      "operation not supported on this socket",
      "The type of socket does not have the call."
    ),
    row(
      96,
      "EPFNOSUPPORT",
      "protocol family not supported",
      "The kernel lacks the family: load its module."
    ),
    row(
      97,
      "EAFNOSUPPORT",
      "address family not supported",
      "The kernel lacks the family, or the address is of another family than the socket."
    ),
    row(
      98,
      "EADDRINUSE",
      "address already in use",
      "Another socket has the address: stop it, choose another port, or see SO_REUSEADDR."
    ),
    row(
      99,
      "EADDRNOTAVAIL",
      "address not available",
      "The address is not of this machine, or all ephemeral ports are taken."
    ),
    row(100, "ENETDOWN", "network is down", "The interface is down."),
    row(101, "ENETUNREACH", "network is unreachable", "There is no route to that network."),
    row(102, "ENETRESET", "network dropped the connection", "Keep-alive found the peer gone."),
    row(
      103,
      "ECONNABORTED",
      "connection aborted",
      "The client gave up while it waited to be accepted."
    ),
    row(
      104,
      "ECONNRESET",
      "connection reset by the peer",
      "The peer closed with bytes unread, crashed, or reset on purpose."
    ),
    row(
      105,
      "ENOBUFS",
      "no buffer space",
      "A queue or the kernel's memory is full: pause and try again."
    ),
    row(106, "EISCONN", "already connected", "The socket has a peer already."),
    row(107, "ENOTCONN", "not connected", "Connect or accept first; or the peer is gone already."),
    row(108, "ESHUTDOWN", "cannot send after shutdown", "Writing was shut down."),
    row(
      109,
      "ETOOMANYREFS",
      "too many descriptors in flight",
      "More descriptors are on their way through Unix sockets than the process may have open."
    ),
    row(110, "ETIMEDOUT", "timed out", "The peer did not answer for as long as the kernel tries."),
    row(
      111,
      "ECONNREFUSED",
      "connection refused",
      "Nobody listens there: is the server running, on that address and port?"
    ),
    row(112, "EHOSTDOWN", "host is down", "The next hop does not answer."),
    row(
      113,
      "EHOSTUNREACH",
      "no route to host",
      "A router or this machine knows no way to the host, or a firewall says so."
    ),
    row(
      114,
      "EALREADY",
      "a connection attempt is already under way",
      "Wait for the attempt that is in progress."
    ),
    row(
      115,
      "EINPROGRESS",
      "now in progress",
      "The attempt goes on; wait until the socket is writable."
    ),
    row(116, "ESTALE", "stale handle", "The object is gone."),
    row(117, "EUCLEAN", "structure needs cleaning"),
    row(118, "ENOTNAM", "not a XENIX named type file"),
    row(119, "ENAVAIL", "no XENIX semaphores available"),
    row(120, "EISNAM", "is a named type file"),
    row(121, "EREMOTEIO", "remote I/O error"),
    row(122, "EDQUOT", "disk quota exceeded"),
    row(123, "ENOMEDIUM", "no medium found"),
    row(124, "EMEDIUMTYPE", "wrong medium type"),
    row(125, "ECANCELED", "cancelled", "The operation was cancelled."),
    row(126, "ENOKEY", "required key not available"),
    row(127, "EKEYEXPIRED", "key has expired"),
    row(128, "EKEYREVOKED", "key has been revoked"),
    row(129, "EKEYREJECTED", "key was rejected by service"),
    row(130, "EOWNERDEAD", "owner died"),
    row(131, "ENOTRECOVERABLE", "state not recoverable"),
    row(132, "ERFKILL", "operation not possible due to RF-kill"),
    row(133, "EHWPOISON", "memory page has a hardware error"),
  ]

  private static func row(
    _ number: Int32,
    _ cName: String,
    _ sentence: String,
    _ advice: String = ""
  ) -> ErrorDescription {
    ErrorDescription(
      errno: Errno(rawValue: number),
      cName: cName,
      sentence: sentence,
      advice: advice
    )
  }
}
